// A refusal as the HTTP interface says it: what was decided, by which limit, and what was in force then.
import { mostCallIdBytes, mostUriBytes, type Refused } from '../admission/refusal-ring.ts';
import type { ModeCause } from '../control/running-mode.ts';
import type { IndicatorName, RunningMode } from '../control/throttle.ts';
import type { Clocks } from './gap-json.ts';
import { type Limit, limit, rounded } from './limit-json.ts';
import { whyText } from './why-text.ts';

export type ShownNumbers = 'full' | 'masked' | 'none';

export interface RefusalJson {
  /** The how manieth refusal of the process. */
  readonly sequence: number;
  /** RFC 3339. */
  readonly at: string;
  readonly interface: string;
  /** '' for sources without a name. */
  readonly neighbour: string;
  readonly source: string;
  readonly method: string;
  readonly class: string;
  /** `reject`, `drop`; `forward` in shadow mode. */
  readonly decision: string;
  readonly reason: string;
  /** Null: not answered. */
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  /** The called number or name; null where it is not shown. */
  readonly number: string | null;
  /** Its first 96 bytes. */
  readonly callId: string;
  readonly throttle: {
    readonly mode: RunningMode;
    readonly ordinaryCallsPerSecond: Limit;
    /** What the host allows for calls of all classes. */
    readonly boundaryPerSecond: Limit;
    readonly interfaceSharePerSecond: Limit;
    readonly neighbourSharePerSecond: Limit;
    readonly causes: readonly ModeCause[];
  };
  /** Those that proposed more than L0. */
  readonly indicators: readonly {
    readonly name: IndicatorName;
    readonly ratio: number;
    readonly proposes: RunningMode;
  }[];
  /** It would have been refused, and went on. */
  readonly shadow: boolean;
  /** It stands for so many: above 5,000 a second not all are kept. */
  readonly oneIn: number;
  /** In words. */
  readonly why: string;
}

export interface RefusalsJson {
  readonly kept: number;
  /** Since the process began. */
  readonly seen: number;
  /** Of those that come now, how many are kept: 1 is all. */
  readonly sampledRatio: number;
  readonly entries: readonly RefusalJson[];
}

export function refusalJson(one: Refused, shown: ShownNumbers, { nowMs, unixMs }: Clocks): RefusalJson {
  const { throttle } = one;
  const said = {
    sequence: one.order,
    at: new Date(unixMs - (nowMs - one.atMs)).toISOString(),
    interface: one.interface,
    neighbour: one.neighbour,
    source: one.source,
    method: one.method,
    class: one.class,
    decision: one.decision,
    reason: one.reason,
    status: one.status === 0 ? null : one.status,
    retryAfterSeconds: one.retryAfter === 0 ? null : one.retryAfter,
    number: shownNumber(one.uri, shown),
    callId: one.callId,
    throttle: {
      mode: throttle?.mode ?? 'L0',
      ordinaryCallsPerSecond: limit(throttle?.ordinaryPerSecond),
      boundaryPerSecond: limit(throttle?.boundaryPerSecond),
      interfaceSharePerSecond: limit(one.interfaceSharePerSecond),
      neighbourSharePerSecond: limit(one.neighbourSharePerSecond),
      causes: throttle?.causes ?? [],
    },
    indicators: (throttle?.indicators ?? []).map(({ name, value, proposes }) => ({
      name,
      ratio: rounded(value),
      proposes,
    })),
    shadow: one.decision === 'forward',
    oneIn: one.oneIn,
  };
  return { ...said, why: whyText(one) };
}

/** Whom a Request-URI calls, as far as it was kept: the user part without parameters and password; a service URN whole. */
export function calledOf(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(uri) ?? [];
  const isCut = uri.length === mostUriBytes;
  switch (scheme.toLowerCase()) {
    case 'urn':
      return uri;
    case 'tel':
      return rest.replace(/;.*$/s, '');
    default:
      // without a user part it calls a host
      return rest.includes('@') || isCut ? unescaped(rest.replace(/[@;:].*$/s, '')) : '';
  }
}

/** RFC 3261 §19.1.4: what can be printed. */
const unescaped = (text: string): string =>
  text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const maskedDigits = 4;

export function shownNumber(uri: string, shown: ShownNumbers): string | null {
  if (shown === 'none') return null;
  const called = calledOf(uri);
  if (shown === 'full' || !/\d/.test(called)) return called;
  let left = maskedDigits;
  // from the end; of a name with digits, such as an extension, as of a number
  return [...called]
    .reverse()
    .map((c) => (/\d/.test(c) && left-- > 0 ? '*' : c))
    .reverse()
    .join('');
}

/** What is looked for; undefined: anything. */
export interface RefusalQuery {
  readonly number?: string | undefined;
  readonly callId?: string | undefined;
  readonly reason?: string | undefined;
  readonly interface?: string | undefined;
}

/** Numbers are compared by their digits, a part is enough; so is a part of a Call-ID. */
export function refusalFilter(query: RefusalQuery, shown: ShownNumbers): (one: Refused) => boolean {
  const number = query.number === undefined ? undefined : plainNumber(query.number);
  const callId = query.callId?.slice(0, mostCallIdBytes);
  return (one) => {
    if (query.reason !== undefined && one.reason !== query.reason) return false;
    if (query.interface !== undefined && one.interface !== query.interface) return false;
    if (callId !== undefined && !one.callId.includes(callId)) return false;
    return number === undefined || plainNumber(shownNumber(one.uri, shown) ?? '').includes(number);
  };
}

/** Without visual separators (RFC 3966 §5.1) and `+`; of eleven digits of the North American plan the last ten. */
function plainNumber(text: string): string {
  const plain = text.toLowerCase().replace(/[-.() +]/g, '');
  return /^1[2-9][\d*]{9}$/.test(plain) ? plain.slice(1) : plain;
}
