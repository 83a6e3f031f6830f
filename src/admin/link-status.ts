// What GET /v1/status says of an orchestrator that rations the host.
import type { Amounts } from '../congestion/amounts.ts';
import type { RunningMode } from '../control/throttle.ts';
import type { LinkView } from '../metrics/link-view.ts';
import { type Limit, limit } from './limit-json.ts';

export interface LinkStatus {
  readonly name: string;
  /** Registered, and it answered the last time. */
  readonly up: boolean;
  /** Since its last answer; null: it never has. */
  readonly answeredSecondsAgo: number | null;
  /** Null where there are no valid orders: then local control goes on alone. */
  readonly mode: RunningMode | null;
  readonly exempt: boolean;
  readonly boundaryPerSecond: Limit;
  readonly reductionRatio: number;
  /** What it was given of the host. */
  readonly allocation: Amounts;
  /** What may be used of the host: the least of that and of what it was asked and forced to keep to. */
  readonly allowed: Amounts;
  readonly notices: number;
}

export function linkStatus(view: LinkView): LinkStatus {
  return {
    name: view.name,
    up: view.isUp,
    answeredSecondsAgo: limit(view.answeredSecondsAgo),
    mode: view.mode ?? null,
    exempt: view.isExempt,
    boundaryPerSecond: limit(view.boundaryPerSecond),
    reductionRatio: view.reductionRatio,
    allocation: view.allocation,
    allowed: view.allowed,
    notices: view.notices,
  };
}
