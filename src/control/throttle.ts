// What the Control Function hands the Actuator (RFC 6357 §4): a value, never a call back. The Actuator keeps to the last one it
// has until the next comes.
import type { InterfaceName } from '../transport/flow.ts';
import type { QueueRoom } from './queue-room.ts';

/** L0 normal, L3 crisis. */
export const runningModes = ['L0', 'L1', 'L2', 'L3'] as const;
export type RunningMode = (typeof runningModes)[number];

/** What proposes a mode (DESIGN.md §4). */
export const indicatorNames = [
  'arrivals', // new calls in relation to the learned normal, 300, 400, 500, 1000 %
  'registrations', // REGISTERs in relation to their normal
  'kernel-buffer', // receive queues and drops of our sockets
  'event-loop',
  'memory',
  'switch-capacity', // a switch gets all that it can do, and more is asked for
  'reserve', // the emergency reserve is in use
  'concentration', // few called numbers carry the traffic
] as const;
export type IndicatorName = (typeof indicatorNames)[number];

export interface Indicator {
  readonly name: IndicatorName;
  /** The interface where it was worst; undefined for what belongs to no interface. */
  readonly interface: InterfaceName | undefined;
  /** What was measured, in the unit of the indicator: a ratio (1 = 100 %). */
  readonly value: number;
  readonly proposes: RunningMode;
}

/** ITU-T E.412 §3.1: at most one call per interval; `Infinity` blocks. Or a share of calls let through (code blocking). */
export type GapLimit =
  | { readonly kind: 'interval'; readonly intervalMs: number }
  | { readonly kind: 'share'; readonly passRatio: number };

export const gapCauses = ['mass-calling', 'hard-to-reach', 'operator'] as const;
export type GapCause = (typeof gapCauses)[number];

export interface Gap {
  /** Digits of a number, or the first digits of several; 1 to 15. */
  readonly digits: string;
  readonly limit: GapLimit;
  readonly cause: GapCause;
  /** When it ends, by the clock of the samples. */
  readonly untilMs: number;
}

/** How an interface's waiting ordinary calls are served: every `intervalMs` (0: on arrival), `batch` of them at most. */
export interface ScanPlan {
  readonly intervalMs: number;
  readonly batch: number;
  readonly newestFirst: boolean;
  /** Calls that may wait, at most. */
  readonly room: number;
}

/** One for each neighbour that takes part (RFC 7339 §4). */
export interface OcFeedback {
  readonly algorithm: 'loss' | 'rate';
  /** loss: percent 0 to 100; rate: requests per second. */
  readonly value: number;
  /** 0: stop. */
  readonly validityMs: number;
  /** RFC 7339 §4.4: digits, a dot, five digits. */
  readonly sequence: string;
}

export interface NeighbourThrottle {
  readonly name: string;
  /** `Infinity`: as much as its interface may. */
  readonly newCallsPerSecond: number;
  /**
   * It gets all that it asks for while others do not, or asks for no more than `oc` has told it: none of its calls has to wait
   * because of those that ask for more.
   */
  readonly isServed: boolean;
  readonly oc: OcFeedback | undefined;
}

export interface InterfaceThrottle {
  readonly name: Exclude<InterfaceName, 'core'>;
  /** Its share of the ordinary capacity; `Infinity` while there is enough for all. */
  readonly newCallsPerSecond: number;
  readonly neighbours: readonly NeighbourThrottle[];
  readonly scan: ScanPlan;
  /** How long TCP and TLS connections that go on after pushback are not read from. 0: they are. */
  readonly pauseReadsMs: number;
}

export interface SwitchThrottle {
  readonly name: string;
  /** New calls of all classes; `Infinity` while nothing is known to limit it. */
  readonly callsPerSecond: number;
  /** At most so many INVITEs without progress; `Infinity` while it is not limited by that. */
  readonly outstanding: number;
  /** What may wait in it, by `callsPerSecond`, when a call is sent there; undefined: what its limit allows at once by itself. */
  readonly room: QueueRoom | undefined;
  /** Calls that wait in it and were not counted, to be counted from now on; 0 or more. */
  readonly unknownCalls: number;
}

export interface Throttle {
  /** Grows by one with each. */
  readonly sequence: number;
  readonly mode: RunningMode;
  /** Those that propose more than L0, the highest first. */
  readonly indicators: readonly Indicator[];
  /** Ordinary new calls on the whole edge; `Infinity` while nothing limits them. */
  readonly ordinaryPerSecond: number;
  readonly passNonEssential: boolean;
  /** REGISTERs per second; `Infinity`: what configuration says. */
  readonly registrationsPerSecond: number;
  readonly interfaces: readonly InterfaceThrottle[];
  readonly switches: readonly SwitchThrottle[];
  readonly gaps: readonly Gap[];
  /** Added to the Retry-After of refusals, so that who was sent away before does not meet them: whole seconds, 0 or more. */
  readonly retryAfterSeconds: number;
}
