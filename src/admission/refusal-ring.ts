// The last refusals, for whoever asks why a call was refused: columns of fixed size, of which the oldest row is written over. So the
// hot path allocates nothing for them, and memory is bounded whatever is sent.
import type { RequestClass } from '../classify/class.ts';
import type { ModeCause } from '../control/running-mode.ts';
import type { Indicator, RunningMode } from '../control/throttle.ts';
import { latin1 } from '../sip/bytes.ts';
import type { Method } from '../sip/method.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow, InterfaceName } from '../transport/flow.ts';
import type { Decision, Reason } from './reasons.ts';
import type { Neighbour } from './side.ts';

/** What of a throttle a refusal is explained by; one is made for each throttle and shared by all that were refused under it. */
export interface ThrottleMark {
  readonly mode: RunningMode;
  readonly causes: readonly ModeCause[];
  /** `Infinity`: not limited. */
  readonly ordinaryPerSecond: number;
  /** New calls of all classes that the host allows, as orchestrators say; `Infinity`: no boundary. */
  readonly boundaryPerSecond: number;
  readonly indicators: readonly Indicator[];
}

/** One refusal as it is read. */
export interface Refused {
  /** Of all refusals of the process, the how manieth it was. */
  readonly order: number;
  /** By the clock of the pipeline. */
  readonly atMs: number;
  readonly interface: InterfaceName;
  /** '' for sources without a name. */
  readonly neighbour: string;
  /** Address and port. */
  readonly source: string;
  readonly method: Method;
  readonly class: RequestClass;
  /** `forward`: in shadow mode, where it is only told. */
  readonly decision: Decision;
  readonly reason: Reason;
  /** 0: no answer. */
  readonly status: number;
  /** Seconds; 0: none. */
  readonly retryAfter: number;
  /** It stands for so many. */
  readonly oneIn: number;
  /** Request-URI and Call-ID, as far as they were kept. */
  readonly uri: string;
  readonly callId: string;
  /** Undefined before the first throttle. */
  readonly throttle: ThrottleMark | undefined;
  /** What its interface and its neighbour might send, ordinary new calls per second; `Infinity`: as much as they liked. */
  readonly interfaceSharePerSecond: number;
  readonly neighbourSharePerSecond: number;
}

/** Bytes kept of a Request-URI, of which the user part comes first, and of a Call-ID. */
export const mostUriBytes = 48;
export const mostCallIdBytes = 96;

export class RefusalRing {
  private readonly capacity: number;
  /** Rows ever written. */
  private written = 0;
  private readonly order: Float64Array;
  private readonly atMs: Float64Array;
  private readonly v4: Float64Array;
  private readonly port: Uint16Array;
  private readonly status: Uint16Array;
  private readonly retryAfter: Uint16Array;
  private readonly oneIn: Uint32Array;
  private readonly interfaceShare: Float64Array;
  private readonly neighbourShare: Float64Array;
  private readonly uriLength: Uint8Array;
  private readonly uri: Uint8Array;
  private readonly callIdLength: Uint8Array;
  private readonly callId: Uint8Array;
  private readonly interface: InterfaceName[];
  private readonly neighbour: string[];
  private readonly address: string[];
  private readonly method: Method[];
  private readonly class: RequestClass[];
  private readonly decision: Decision[];
  private readonly reason: Reason[];
  private readonly throttle: (ThrottleMark | undefined)[];

  /** `capacity`: rows, 0 or more; some 300 bytes each. */
  constructor(capacity: number) {
    this.capacity = capacity;
    const column = <T>(value: T): T[] => new Array<T>(capacity).fill(value);
    this.order = new Float64Array(capacity);
    this.atMs = new Float64Array(capacity);
    this.v4 = new Float64Array(capacity);
    this.port = new Uint16Array(capacity);
    this.status = new Uint16Array(capacity);
    this.retryAfter = new Uint16Array(capacity);
    this.oneIn = new Uint32Array(capacity);
    this.interfaceShare = new Float64Array(capacity);
    this.neighbourShare = new Float64Array(capacity);
    this.uriLength = new Uint8Array(capacity);
    this.uri = new Uint8Array(capacity * mostUriBytes);
    this.callIdLength = new Uint8Array(capacity);
    this.callId = new Uint8Array(capacity * mostCallIdBytes);
    this.interface = column<InterfaceName>('south');
    this.neighbour = column('');
    this.address = column('');
    this.method = column<Method>('other');
    this.class = column<RequestClass>('new-call');
    this.decision = column<Decision>('reject');
    this.reason = column<Reason>('malformed');
    this.throttle = column<ThrottleMark | undefined>(undefined);
  }

  /** Rows there are. */
  get length(): number {
    return Math.min(this.written, this.capacity);
  }

  /** Keeps the request at hand. `order` rises from call to call; capacity must be above 0. */
  put(
    p: Peek,
    flow: Flow,
    from: Neighbour,
    requestClass: RequestClass,
    decision: Decision,
    reason: Reason,
    status: number,
    retryAfter: number,
    nowMs: number,
    order: number,
    oneIn: number,
    throttle: ThrottleMark | undefined,
  ): void {
    const row = this.written++ % this.capacity;
    this.order[row] = order;
    this.atMs[row] = nowMs;
    // the text of an address is made when it is read, where it is not there already
    const v4 = flow.v4 ?? -1;
    this.v4[row] = v4;
    this.address[row] = v4 < 0 ? flow.remoteAddress : '';
    this.port[row] = flow.remotePort;
    this.status[row] = status;
    this.retryAfter[row] = retryAfter;
    this.oneIn[row] = oneIn;
    this.interfaceShare[row] = from.side.share?.ratePerSecond ?? Number.POSITIVE_INFINITY;
    this.neighbourShare[row] = from.share?.ratePerSecond ?? Number.POSITIVE_INFINITY;
    this.interface[row] = from.side.name;
    this.neighbour[row] = from.name;
    this.method[row] = p.method;
    this.class[row] = requestClass;
    this.decision[row] = decision;
    this.reason[row] = reason;
    this.throttle[row] = throttle;
    this.uriLength[row] = copy(p.bytes, p.uriStart, p.uriEnd, this.uri, row * mostUriBytes, mostUriBytes);
    this.callIdLength[row] = copy(
      p.bytes,
      p.callIdStart,
      p.callIdEnd,
      this.callId,
      row * mostCallIdBytes,
      mostCallIdBytes,
    );
  }

  /** How many rows are of refusals of that `order` or later: the first one before it is that far back. */
  olderThan(order: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.orderAt(middle) >= order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The how manieth refusal a row is, without reading the rest. `back`: 0 for the newest, below `length`. */
  orderAt(back: number): number {
    return this.order[this.rowAt(back)]!;
  }

  at(back: number): Refused {
    const row = this.rowAt(back);
    const v4 = this.v4[row]!;
    const address = this.address[row]!;
    const host = v4 < 0 ? (address.includes(':') ? `[${address}]` : address) : v4Text(v4);
    const uriAt = row * mostUriBytes;
    const callIdAt = row * mostCallIdBytes;
    return {
      order: this.order[row]!,
      atMs: this.atMs[row]!,
      interface: this.interface[row]!,
      neighbour: this.neighbour[row]!,
      source: `${host}:${this.port[row]}`,
      method: this.method[row]!,
      class: this.class[row]!,
      decision: this.decision[row]!,
      reason: this.reason[row]!,
      status: this.status[row]!,
      retryAfter: this.retryAfter[row]!,
      oneIn: this.oneIn[row]!,
      uri: latin1(this.uri, uriAt, uriAt + this.uriLength[row]!),
      callId: latin1(this.callId, callIdAt, callIdAt + this.callIdLength[row]!),
      throttle: this.throttle[row],
      interfaceSharePerSecond: this.interfaceShare[row]!,
      neighbourSharePerSecond: this.neighbourShare[row]!,
    };
  }

  private rowAt(back: number): number {
    return (this.written - 1 - back) % this.capacity;
  }
}

/** Copies bytes[start, end), at most `most`; returns how many. A header that is not there (-1) is empty. */
function copy(bytes: Uint8Array, start: number, end: number, to: Uint8Array, at: number, most: number): number {
  if (start < 0) return 0;
  const length = Math.min(end - start, most);
  for (let i = 0; i < length; i++) to[at + i] = bytes[start + i]!;
  return length;
}

const v4Text = (v4: number): string => `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.${v4 & 255}`;
