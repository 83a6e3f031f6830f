// Overload control parameters of a Via, read strictly (RFC 7339 §4 and §9, RFC 7415 §5): what is malformed is not there.
import { COMMA, equalsIgnoreCase, isDigit, SEMICOLON, skipSpace } from './bytes.ts';
import { text } from './grammar.ts';
import { newParam, nextParam } from './param.ts';

/** What the parameters of one Via say. Numbers too large for a use are 2^31-1. */
export interface OcParams {
  readonly hasOc: boolean;
  /** undefined: `oc` without a value, as a client writes it, or no `oc`. */
  readonly value: number | undefined;
  /** In lower case, in the order given; empty without `oc-algo`. */
  readonly algorithms: readonly string[];
  /** undefined: absent, or without a value; RFC 7339 §4.3 gives the default. */
  readonly validityMs: number | undefined;
  /** Digits, a dot, digits. */
  readonly sequence: string | undefined;
}

/** What a client can do: every one knows `loss` (RFC 7339 §4.2). */
export type OcOffer = 'none' | 'loss' | 'loss,rate';

/** Whether a Via in bytes[start, end) may have a parameter of ours: the cheap look that nearly all Vias end with. */
export function hasOc(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== SEMICOLON) continue;
    const at = skipSpace(bytes, i + 1, end);
    if (at + 1 < end && (bytes[at]! | 0x20) === 111 && (bytes[at + 1]! | 0x20) === 99) return true;
  }
  return false;
}

const param = newParam();
/** Values in the via-parm read last; starts are -1 where the parameter or its value is absent. */
const found = {
  hasOc: false,
  /** A client's `oc` or `oc-algo` stands beside a server's. */
  isBesideOffer: false,
  ocStart: -1,
  ocEnd: -1,
  algoStart: -1,
  algoEnd: -1,
  hasValidity: false,
  validityStart: -1,
  validityEnd: -1,
  seqStart: -1,
  seqEnd: -1,
};

/**
 * The parameters of the via-parm bytes[start, end); undefined where it has none, or one that is malformed or stands twice. But a
 * server that adds its own and leaves the client's, as Kamailio 6 does (`via_reply_add_xavp_params`), is understood.
 */
export function readOc(bytes: Uint8Array, start: number, end: number): OcParams | undefined {
  if (!hasOc(bytes, start, end) || !find(bytes, start, end)) return undefined;
  return {
    hasOc: found.hasOc,
    value: number(bytes, found.ocStart, found.ocEnd),
    algorithms: found.algoStart < 0 ? [] : algorithms(text(bytes, found.algoStart, found.algoEnd)),
    validityMs: number(bytes, found.validityStart, found.validityEnd),
    sequence: found.seqStart < 0 ? undefined : text(bytes, found.seqStart, found.seqEnd),
  };
}

/** Whether the client whose via-parm is bytes[start, end) takes part; allocates nothing. */
export function ocOffer(bytes: Uint8Array, start: number, end: number): OcOffer {
  if (!hasOc(bytes, start, end) || !find(bytes, start, end)) return 'none';
  // RFC 7339 §4.1 to §4.4: in a request `oc` MUST NOT have a value, `oc-validity` and `oc-seq` MUST NOT stand there
  if (found.isBesideOffer || !found.hasOc || found.ocStart >= 0 || found.hasValidity || found.seqStart >= 0)
    return 'none';
  // RFC 7339 §4.2: the list MUST have "loss"
  if (!lists(bytes, 'loss')) return 'none';
  return lists(bytes, 'rate') ? 'loss,rate' : 'loss';
}

function find(bytes: Uint8Array, start: number, end: number): boolean {
  found.hasOc = found.hasValidity = found.isBesideOffer = false;
  found.ocStart = found.algoStart = found.validityStart = found.seqStart = -1;
  let at = start;
  while (at < end && bytes[at] !== SEMICOLON) at++;
  let any = false;
  while (at < end) {
    at = nextParam(bytes, at, end, param);
    if (at < 0) return false;
    const kind = ocName(bytes, param.nameStart, param.nameEnd);
    if (kind === '') continue;
    any = true;
    if (!take(bytes, kind)) return false;
  }
  return any;
}

export type OcName = 'oc' | 'oc-seq' | 'oc-algo' | 'oc-validity';

/** Which parameter of ours the name bytes[start, end) is, or ''. */
export function ocName(bytes: Uint8Array, start: number, end: number): OcName | '' {
  switch (end - start) {
    case 2:
      return equalsIgnoreCase(bytes, start, end, 'oc') ? 'oc' : '';
    case 6:
      return equalsIgnoreCase(bytes, start, end, 'oc-seq') ? 'oc-seq' : '';
    case 7:
      return equalsIgnoreCase(bytes, start, end, 'oc-algo') ? 'oc-algo' : '';
    case 11:
      return equalsIgnoreCase(bytes, start, end, 'oc-validity') ? 'oc-validity' : '';
    default:
      return '';
  }
}

/** Keeps the parameter in `param`; false where RFC 7339 §9 forbids it. */
function take(bytes: Uint8Array, kind: OcName): boolean {
  const { valueStart, valueEnd, quoted } = param;
  switch (kind) {
    case 'oc':
      if (quoted || (valueStart >= 0 && !isNumber(bytes, valueStart, valueEnd))) return false;
      if (found.hasOc) {
        found.isBesideOffer = true;
        if (valueStart < 0 === found.ocStart < 0) return false;
        if (valueStart < 0) return true;
      }
      found.hasOc = true;
      found.ocStart = valueStart;
      found.ocEnd = valueEnd;
      return true;
    case 'oc-validity':
      if (found.hasValidity || quoted || (valueStart >= 0 && !isNumber(bytes, valueStart, valueEnd))) return false;
      found.hasValidity = true;
      found.validityStart = valueStart;
      found.validityEnd = valueEnd;
      return true;
    case 'oc-seq':
      if (found.seqStart >= 0 || quoted || !isSequence(bytes, valueStart, valueEnd)) return false;
      found.seqStart = valueStart;
      found.seqEnd = valueEnd;
      return true;
    case 'oc-algo':
      if (!quoted || !isAlgorithmList(bytes, valueStart, valueEnd)) return false;
      if (found.algoStart >= 0) {
        found.isBesideOffer = true;
        const isFirstOffer = isOffer(bytes, found.algoStart, found.algoEnd, valueStart, valueEnd);
        if (!isFirstOffer) return isOffer(bytes, valueStart, valueEnd, found.algoStart, found.algoEnd);
      }
      found.algoStart = valueStart;
      found.algoEnd = valueEnd;
      return true;
    default:
      return kind satisfies never;
  }
}

function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isDigit(bytes[i]!)) return false;
  return start < end;
}

// oc-seq = 1*12DIGIT "." 1*5DIGIT
function isSequence(bytes: Uint8Array, start: number, end: number): boolean {
  if (start < 0) return false;
  let dot = start;
  while (dot < end && isDigit(bytes[dot]!)) dot++;
  if (dot === start || dot - start > 12 || bytes[dot] !== 46) return false;
  return end - dot - 1 <= 5 && isNumber(bytes, dot + 1, end);
}

// algo-list = "loss" / *(other-algo), letters and digits, so one may be empty; COMMA allows white space around it
function isAlgorithmList(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (;;) {
    at = skipSpace(bytes, at, end);
    while (at < end && isAlphanumeric(bytes[at]!)) at++;
    at = skipSpace(bytes, at, end);
    if (at >= end) return true;
    if (bytes[at] !== COMMA) return false;
    at++;
  }
}

/** Whether the list bytes[start, end) is what a client offers that was answered by the one name bytes[oneStart, oneEnd). */
function isOffer(bytes: Uint8Array, start: number, end: number, oneStart: number, oneEnd: number): boolean {
  const [one, ...more] = algorithms(text(bytes, oneStart, oneEnd));
  return one !== undefined && more.length === 0 && algorithms(text(bytes, start, end)).includes(one);
}

function isAlphanumeric(c: number): boolean {
  return isDigit(c) || ((c | 0x20) >= 97 && (c | 0x20) <= 122);
}

function lists(bytes: Uint8Array, name: 'loss' | 'rate'): boolean {
  if (found.algoStart < 0) return false;
  for (let at = found.algoStart; at < found.algoEnd; at++) {
    let end = at;
    while (end < found.algoEnd && isAlphanumeric(bytes[end]!)) end++;
    if (equalsIgnoreCase(bytes, at, end, name)) return true;
    at = end;
  }
  return false;
}

function algorithms(list: string): readonly string[] {
  return list
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');
}

function number(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start < 0) return undefined;
  let n = 0;
  for (let i = start; i < end; i++) n = Math.min(n * 10 + (bytes[i]! - 48), 2 ** 31 - 1);
  return n;
}
