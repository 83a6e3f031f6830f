// One thing that may tell of a mass-call event (seed: "mass congestion or mass event indicators"), and its hysteresis in time. The
// levels are those of the edge (control/level.ts): set after a dwell, cleared after another, more patient after a relapse.
import { initialLevel, type LevelState, stepLevel } from '../../control/level.ts';
import { type RunningMode, runningModes } from '../../control/throttle.ts';

/** Why a mode is in force on the host, readable: `memoryBytes 95 %`, `arrivals of edge 1000 %`, `peer east-1`, `operator`. The same
 * as long as the reason is: what was measured stands in the detail. */
export type EventCause = string;

export type SignKind =
  | 'resource' // use of the host's resources, its reserve among them
  | 'demand' // requests per second of an application
  | 'reserve' // an application uses its own emergency reserve
  | 'pre-congestion' // an application expects to be congested soon
  | 'peer'; // another autonomous system is in a crisis

export interface Sign {
  readonly name: EventCause;
  readonly kind: SignKind;
  readonly proposes: RunningMode;
  /** At or above the set level; below the clear level. In between it is neither. */
  readonly isAbove: boolean;
  readonly isBelow: boolean;
  readonly setDwellMs: number;
  readonly clearDwellMs: number;
  /** When it was measured, for what is reported now and then: one report, however long it is the newest, sets nothing. */
  readonly measuredMs: number | undefined;
  /** What was measured. */
  readonly detail: string;
}

/** By name and what is proposed. */
export type SignLevels = ReadonlyMap<string, LevelState>;

/** One step later: the levels of these signs (what is no longer among them is forgotten), and those that are set, the highest first. */
export function stepSigns(
  levels: SignLevels,
  signs: readonly Sign[],
  nowMs: number,
): { readonly levels: SignLevels; readonly set: readonly Sign[] } {
  const next = new Map<string, LevelState>();
  const set: Sign[] = [];
  for (const sign of signs) {
    const key = `${sign.proposes} ${sign.name}`;
    const before = levels.get(key) ?? initialLevel;
    const atMs = before.isSet ? nowMs : (sign.measuredMs ?? nowMs);
    const after = stepLevel(before, sign, sign.isAbove && !sign.isBelow, sign.isBelow, atMs);
    next.set(key, after);
    if (after.isSet) set.push(sign);
  }
  const rank = ({ proposes }: Sign): number => runningModes.indexOf(proposes);
  return { levels: next, set: set.sort((a, b) => rank(b) - rank(a)) };
}
