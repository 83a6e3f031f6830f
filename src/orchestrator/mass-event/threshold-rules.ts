// Thresholds on the use of the host's resources (seed: "a percentage of maximum CPU resources, … a combination of these
// percentages, an overall percentage of maximum resources, a fixed amount corresponding to available resources"), each with the
// running mode that it proposes. Plain data: configuration may say its own.
import type { ResourceName } from '../../congestion/amounts.ts';
import type { RunningMode } from '../../control/throttle.ts';
import { amountText, percentText } from './amount-text.ts';

/** Set from the first value on, cleared beyond the second; that one's default: 5 % of the maximum, or of the amount, further back. */
export type ThresholdCondition =
  | { readonly resource: ResourceName; readonly ratio: number; readonly clearRatio?: number | undefined } // used / maximum
  | { readonly resource: ResourceName; readonly amount: number; readonly clearAmount?: number | undefined } // used
  | { readonly resource: ResourceName; readonly available: number; readonly clearAvailable?: number | undefined } // so little left
  | { readonly overallRatio: number; readonly clearRatio?: number | undefined }; // mean of used / maximum of all that are rationed

export interface ThresholdRule {
  /** Stands as the cause of a mode; unique among rules that propose the same. */
  readonly name: string;
  /** One or several: all must hold at once; it clears as soon as one is cleared. */
  readonly when: readonly ThresholdCondition[];
  readonly proposes: Exclude<RunningMode, 'L0'>;
  /** How long it must hold, ms, and how long the opposite. */
  readonly setDwellMs: number;
  readonly clearDwellMs: number;
}

/** `memoryBytes 90 %`, `memoryBytes 190 GB`, `memoryBytes 10 GB left`, `overall 95 %`; several joined by `and`. */
export function thresholdName(when: readonly ThresholdCondition[]): string {
  return when.map(conditionName).join(' and ');
}

function conditionName(condition: ThresholdCondition): string {
  if ('overallRatio' in condition) return `overall ${percentText(condition.overallRatio)}`;
  if ('ratio' in condition) return `${condition.resource} ${percentText(condition.ratio)}`;
  if ('amount' in condition) return `${condition.resource} ${amountText(condition.resource, condition.amount)}`;
  return `${condition.resource} ${amountText(condition.resource, condition.available)} left`;
}

type Row = readonly [
  proposes: ThresholdRule['proposes'],
  when: ThresholdCondition | readonly ThresholdCondition[],
  setDwellMs: number,
  clearDwellMs: number,
];

/** The default: cautious, since L1 ends what is not essential. */
export const thresholdRules: readonly ThresholdRule[] = (
  [
    // A processor that is busy is in use, not in trouble: what waits for it shows elsewhere (arrivals, buffers of applications). So
    // it is judged over longer, and alone is never a crisis.
    ['L1', { resource: 'cpuCores', ratio: 0.9, clearRatio: 0.8 }, 5000, 1000],
    ['L2', { resource: 'cpuCores', ratio: 0.97, clearRatio: 0.9 }, 10_000, 1000],
    // The seed's 85, 90 and 95 %, as on the edge (control/indicator-levels.ts). Beyond memory nothing is slower, something is killed.
    ['L1', { resource: 'memoryBytes', ratio: 0.85, clearRatio: 0.8 }, 2000, 1000],
    ['L2', { resource: 'memoryBytes', ratio: 0.9, clearRatio: 0.85 }, 2000, 1000],
    ['L3', { resource: 'memoryBytes', ratio: 0.95, clearRatio: 0.9 }, 1500, 1000],
    // Space fills slowly, and shedding does not free it.
    ['L1', { resource: 'diskBytes', ratio: 0.95, clearRatio: 0.94 }, 5000, 1000],
    ['L1', { resource: 'diskBytesPerSecond', ratio: 0.95, clearRatio: 0.85 }, 10_000, 1000],
    // The interface carries the signalling itself: what it drops is retransmitted and makes it worse.
    ['L1', { resource: 'networkBytesPerSecond', ratio: 0.9, clearRatio: 0.8 }, 3000, 1000],
    ['L2', { resource: 'networkBytesPerSecond', ratio: 0.97, clearRatio: 0.9 }, 3000, 1000],
    // Several at once: work piles up in memory because the processor does not get to it.
    [
      'L3',
      [
        { resource: 'cpuCores', ratio: 0.95, clearRatio: 0.9 },
        { resource: 'memoryBytes', ratio: 0.85, clearRatio: 0.8 },
      ],
      5000,
      1000,
    ],
  ] satisfies readonly Row[]
).map(([proposes, condition, setDwellMs, clearDwellMs]) => {
  const when: readonly ThresholdCondition[] = 'length' in condition ? condition : [condition];
  return { name: thresholdName(when), when, proposes, setDwellMs, clearDwellMs };
});
