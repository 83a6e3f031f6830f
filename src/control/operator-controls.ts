// What an operator orders by hand besides gaps, each with an end: a running mode, the drain of the edge, the drain of a switch, shadow
// mode. A value and functions on it.
import type { Gap, RunningMode } from './throttle.ts';

export interface Held {
  /** By the clock of the samples. */
  readonly untilMs: number;
  readonly reason: string;
  /** The operator's name. */
  readonly by: string;
}

export interface OperatorControls {
  readonly mode: (Held & { readonly mode: RunningMode }) | undefined;
  /** The edge refuses ordinary new calls. */
  readonly drain: Held | undefined;
  /** In place of what configuration says: whether nothing is refused for load. */
  readonly shadow: (Held & { readonly on: boolean }) | undefined;
  /** By name. */
  readonly drainedSwitches: ReadonlyMap<string, Held>;
}

export const noOperatorControls: OperatorControls = {
  mode: undefined,
  drain: undefined,
  shadow: undefined,
  drainedSwitches: new Map(),
};

/** Those whose time is not over; the same value where that is all of them. */
export function expireControls(controls: OperatorControls, nowMs: number): OperatorControls {
  const isOver = (held: Held | undefined): boolean => held !== undefined && held.untilMs <= nowMs;
  const { mode, drain, shadow, drainedSwitches } = controls;
  if (![mode, drain, shadow, ...drainedSwitches.values()].some(isOver)) return controls;
  return {
    mode: isOver(mode) ? undefined : mode,
    drain: isOver(drain) ? undefined : drain,
    shadow: isOver(shadow) ? undefined : shadow,
    drainedSwitches: new Map([...drainedSwitches].filter(([, held]) => !isOver(held))),
  };
}

/**
 * Gaps of several sources as one list: of those on the same digits and of the same kind the stricter, so that none counts twice.
 */
export function joinGaps(...sources: readonly (readonly Gap[])[]): readonly Gap[] {
  const [first = [], ...others] = sources.filter((gaps) => gaps.length > 0);
  if (others.length === 0) return first;
  const joined = new Map<string, Gap>();
  for (const gap of [first, ...others].flat()) {
    const key = `${gap.digits} ${gap.limit.kind}`;
    const other = joined.get(key);
    if (other === undefined || isStricter(gap, other)) joined.set(key, gap);
  }
  return [...joined.values()];
}

function isStricter({ limit: a }: Gap, { limit: b }: Gap): boolean {
  if (a.kind === 'share') return b.kind === 'share' && a.passRatio < b.passRatio;
  return b.kind === 'interval' && a.intervalMs > b.intervalMs;
}
