// W3C Trace Context, Level 1, as header fields of SIP: what a sender says of the trace that its call belongs to.
import { headerLines } from '../sip/header-lines.ts';
import type { Peek } from '../sip/peek.ts';

export interface TraceParent {
  /** 32 hexadecimal digits, 16 of the span; in lower case. */
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What vendors have added; '' for nothing. */
  readonly state: string;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** §3.3.1.1: vendors should pass on at least so much of `tracestate`, characters. */
const longestState = 512;

/** §2.2: undefined where there is none, or what there is cannot be read; then the trace begins here. */
export function traceParentOf(p: Peek): TraceParent | undefined {
  const lines = headerLines(p, 'traceparent', '');
  if (lines.length !== 1) return undefined;
  const found = form.exec(p.text(lines[0]!.valueStart, lines[0]!.valueEnd));
  if (found === null) return undefined;
  const [, version, traceId, spanId, flags, rest] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  // §2.2.2: version ff is none, and 00 has nothing after its flags; a later one may have
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = headerLines(p, 'tracestate', '').map((line) => p.text(line.valueStart, line.valueEnd));
  const joined = state.filter((one) => /^[\x20-\x7e]+$/.test(one)).join(',');
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, state: joined.length > longestState ? '' : joined };
}

/** Header lines for what is sent on. */
export function traceLines(traceId: string, spanId: string, state: string): string {
  const parent = `traceparent: 00-${traceId}-${spanId}-01\r\n`;
  return state === '' ? parent : `${parent}tracestate: ${state}\r\n`;
}
