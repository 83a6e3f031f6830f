// What the Monitor hands the Control Function (RFC 6357 §4), ten times a second: what happened since the sample before.
// Plain data, so that it may come from the sockets of this process, from another process, or from a simulated network.
import type { InterfaceName } from '../transport/flow.ts';

/** Requests that began a transaction; retransmissions are not load and not in here. */
export interface ClassCounts {
  readonly emergency: number;
  readonly priority: number;
  readonly inDialog: number;
  readonly newCall: number;
  readonly registration: number;
  readonly nonEssential: number;
}

export interface NeighbourSample {
  /** '' stands for all sources of the interface that configuration does not name. */
  readonly name: string;
  readonly weight: number;
  /** Ordinary new calls, those refused by a gap excluded: what it asks of the switches. */
  readonly newCalls: number;
  readonly gapped: number;
  readonly admitted: number;
  /** All requests but new calls, ACK and CANCEL. */
  readonly otherRequests: number;
  /** The least that any of its requests with `oc` in the Via offered (RFC 7339 §4.1), and how many addresses sent such. */
  readonly ocOffers: 'loss' | 'loss,rate' | undefined;
  readonly ocElements: number;
  /** Refusals that carried a Retry-After of so many seconds (the index). */
  readonly retryAfter: readonly number[];
}

/** The kernel's side of our own sockets of an interface; absent where /proc is not there. */
export interface KernelSample {
  /** Bytes waiting in the receive queue that is fullest in relation to its size, 0 to 1 of its room. */
  readonly receiveQueueRatio: number;
  /** Datagrams that the kernel dropped since the last sample. */
  readonly drops: number;
}

export interface InterfaceSample {
  readonly name: Exclude<InterfaceName, 'core'>;
  readonly weight: number;
  readonly arrivals: ClassCounts;
  readonly neighbours: readonly NeighbourSample[];
  /** Ordinary calls that wait in the lane now, and the age of the oldest. */
  readonly waiting: number;
  readonly oldestMs: number;
  /** Calls that waited too long since the last sample. */
  readonly expired: number;
  readonly kernel: KernelSample | undefined;
}

/** An overload control value that a switch told us (RFC 7339, RFC 7415). */
export type OcValue =
  | { readonly algorithm: 'loss'; readonly percent: number }
  | { readonly algorithm: 'rate'; readonly perSecond: number };

export interface SwitchSample {
  readonly name: string;
  readonly isUp: boolean;
  readonly weight: number;
  readonly configuredPerSecond: number | undefined;
  /** INVITEs sent to it since the last sample, the privileged among them, and our retransmissions. */
  readonly sent: number;
  readonly privilegedSent: number;
  readonly retransmitted: number;
  /** INVITEs that it has not given any response but 100 to, now. */
  readonly outstanding: number;
  /** Calls that it was sent and, by what it is given, has not worked off (admission/leaky-bucket.ts), now. */
  readonly backlogCalls: number;
  /** INVITEs that got their first response other than 100 and 503 since the last sample: work that it has done. */
  readonly progressed: number;
  /** Times from INVITE to the first response of any kind, and to the first other than 100; ms, a bounded number of them. */
  readonly firstResponseMs: readonly number[];
  readonly progressMs: readonly number[];
  /** INVITEs answered 2xx since the last sample. */
  readonly answered: number;
  /** INVITEs answered 503 (with or without Retry-After) and INVITEs not answered at all in time. */
  readonly refused: number;
  readonly timedOut: number;
  /** What it asks for by RFC 7339, while that is valid. */
  readonly oc: OcValue | undefined;
}

/** A called number, or the first 3, 6 or 10 digits of several. */
export interface NumberSample {
  /** Digits, 1 to 15 of them. */
  readonly digits: string;
  readonly isPrefix: boolean;
  /** Ordinary attempts since the last sample (an estimate, never too low), how much of that may be another number's, and how
   * many of all got an answer (2xx). */
  readonly attempts: number;
  readonly excess: number;
  readonly answers: number;
  readonly refusedByGap: number;
}

/** The process and its host. Ratios from 0 to 1. */
export interface HostSample {
  /** Share of the interval in which the event loop was busy, and its greatest delay. */
  readonly loopUtilisation: number;
  readonly loopDelayMs: number;
  readonly memoryRatio: number;
}

export interface LoadSample {
  /** Monotonic, and how long since the sample before. */
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly interfaces: readonly InterfaceSample[];
  readonly switches: readonly SwitchSample[];
  readonly numbers: readonly NumberSample[];
  readonly host: HostSample;
  /** The emergency reserve is being used. */
  readonly reserveInUse: boolean;
}
