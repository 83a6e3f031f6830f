// What the pipeline tells of a call that is traced (tracing/ has the spans). Which calls are is decided once for each admitted
// INVITE, by one comparison; of the others nothing is kept, and nothing of all this is loaded where tracing is off.
import type { Neighbour } from '../admission/side.ts';
import type { RequestClass } from '../classify/class.ts';
import type { RunningMode } from '../control/throttle.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import type { EdgeParts } from './parts.ts';

/** An INVITE that has just been admitted. */
export interface TracedArrival {
  readonly p: Peek;
  readonly arrival: Flow;
  readonly from: Neighbour;
  readonly class: RequestClass;
  readonly isPrivileged: boolean;
  /** Whether the hash of its transaction chose it; else only what its sender says of a trace can. */
  readonly isChosen: boolean;
  readonly mode: RunningMode;
  /** Since when it has waited, and for what; -1: it has come just now. */
  readonly heldSinceMs: number;
  readonly heldBy: HeldBy;
  /** Whether requests of its dialog are seen. */
  readonly seesDialog: boolean;
}

/** What a request can wait for: its turn, or a name to be looked up. */
export type HeldBy = 'lane' | 'look-up';

/** One admitted call. Times are those of the pipeline's clock, ms; `attempt`: as `CallBranch.index`. */
export interface CallTrace {
  /** An INVITE is about to be sent, to a switch or (`to` '') outwards. Returns the header lines that it is to carry, or ''. */
  attempt(to: string, next: Flow, nowMs: number): string;
  resent(attempt: number, nowMs: number): void;
  response(attempt: number, status: number, nowMs: number): void;
  failed(attempt: number, why: 'timeout' | 'transport-error', nowMs: number): void;
  /** An attempt that was told of when it was over: it is counted, and no span. */
  told(to: string): void;
  /** Nothing more comes of it. */
  attemptEnded(attempt: number, nowMs: number): void;
  cancelled(nowMs: number): void;
  /** A response goes to the caller; a final one ends the trace, but for the dialog of a 2xx. */
  answered(status: number, nowMs: number): void;
  /** The transaction is over, with a final answer or without. */
  ended(nowMs: number): void;
}

export interface Tracing {
  /** A call whose transaction has a lower hash (`Marks.low`) is traced: 0 none, 2^32 all. */
  readonly ordinaryBelow: number;
  readonly privilegedBelow: number;
  /** Whether some senders may say by `traceparent` that a call is traced. */
  readonly asksSenders: boolean;
  /** Whether this is one of them. */
  isBelieved(from: Neighbour): boolean;
  /** Dialogs of traced calls that have not ended. */
  readonly dialogs: number;
  /** Undefined where it is one too many, or its sender traces it not. */
  begin(arrived: TracedArrival, nowMs: number): CallTrace | undefined;
  /** A request within some dialog. */
  onInDialog(p: Peek, from: Neighbour, nowMs: number): void;
}

export const noTracing: Tracing = {
  ordinaryBelow: 0,
  privilegedBelow: 0,
  asksSenders: false,
  isBelieved: () => false,
  dialogs: 0,
  begin: () => undefined,
  onInDialog: () => {},
};

/** The trace of the call at hand, whose transaction hash `marks` holds; undefined for nearly every call. `seesDialog`: see `TracedArrival`. */
export function traceOf(
  parts: EdgeParts,
  p: Peek,
  arrival: Flow,
  from: Neighbour,
  requestClass: RequestClass,
  isPrivileged: boolean,
  seesDialog = true,
): CallTrace | undefined {
  const { tracing } = parts;
  const isChosen = parts.marks.low < (isPrivileged ? tracing.privilegedBelow : tracing.ordinaryBelow);
  if (!isChosen && !(tracing.asksSenders && tracing.isBelieved(from))) return undefined;
  const { mode, heldSinceMs, heldBy } = parts;
  const how = { isPrivileged, isChosen, mode, heldSinceMs, heldBy, seesDialog };
  return tracing.begin({ p, arrival, from, class: requestClass, ...how }, parts.now());
}
