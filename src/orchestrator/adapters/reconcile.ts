// Makes what ought to be in force be in force, from what is really there: nothing is remembered of what was set before a crash, so that
// one of ours, somebody else's hand and a group that was made anew all come right with the next pass.
import { setTimeout as wait } from 'node:timers/promises';
import { type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { Log } from '../../log.ts';
import type { Adapter, AdapterState, Limits } from './adapter.ts';
import { oneLine } from './all-or-nothing.ts';
import { differs, limitDifference, only } from './limit-difference.ts';

/** After a failure the next try waits for so long, doubled with each failure in a row, ms. */
const firstPauseMs = 1000;
const longestPauseMs = 10_000;
/** A limit that came out higher than it ought to be (memory that is in use) is set again after this time, ms. */
const nearerPauseMs = 5000;
const liftTries = 3;
const liftPauseMs = 200;
/** All tries of `liftAll` together, ms: whoever stops must not wait for ever for a kernel or a hypervisor that does not answer. */
const liftLimitMs = 20_000;

export type Reconciliation =
  /**
   * What is in force is what ought to be, or as near to it as the adapter goes; `unmet`: limited less than wanted, or not at all.
   * `isChanged`: it was set in this pass.
   */
  | {
      readonly outcome: 'in-force';
      readonly isChanged: boolean;
      readonly unmet: readonly ResourceName[];
      readonly state: AdapterState;
    }
  /** It could not be set: what was there before is there still, `state`; undefined where even that cannot be read. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly state: AdapterState | undefined }
  /** The pass before is not over yet. */
  | { readonly outcome: 'busy' };

export interface Reconciler {
  /**
   * One pass: reads, compares, and sets where they differ by more than noise. Call it at every tick with all that ought to be in force.
   * After a failure it tries again after a pause, or at once when something else is wanted. Never rejects. `nowMs` of a clock that
   * never goes back.
   */
  reconcile(wanted: Limits, nowMs: number): Promise<Reconciliation>;
  /** After what is under way: lifts all limits and resumes, in several tries, within 20 s. False where that failed. Never rejects. */
  liftAll(): Promise<boolean>;
}

export const noLimits: Limits = { limits: {}, isSuspended: false };

interface Failure {
  readonly wanted: Limits;
  readonly reason: string;
  readonly tries: number;
  readonly nextTryMs: number;
}

/** `application`: for the log. */
export function createReconciler(adapter: Adapter, application: string, log: Pick<Log, 'info' | 'warn'>): Reconciler {
  let underWay: Promise<unknown> | undefined;
  let failure: Failure | undefined;
  /** What came out when this was set last. */
  let settled: { wanted: Limits; found: Limits; atMs: number } | undefined;
  const saidCauses = new Set<string>();
  let saidUnmet = '';
  let lastMs = 0;

  const failed = async (
    wanted: Limits,
    error: unknown,
    nowMs: number,
    state: () => Promise<AdapterState>,
  ): Promise<Reconciliation> => {
    const reason = oneLine(error);
    const tries = (failure?.tries ?? 0) + 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1));
    failure = { wanted, reason, tries, nextTryMs: nowMs + pauseMs };
    settled = undefined;
    // Amounts differ from try to try; the cause does not.
    const cause = reason.replace(/\d+/g, '#');
    if (!saidCauses.has(cause)) {
      saidCauses.add(cause);
      log.warn('limits cannot be set', { application, adapter: adapter.kind, reason });
    }
    return { outcome: 'failed', reason, state: await state().catch(() => undefined) };
  };

  const works = (): void => {
    if (failure !== undefined) log.info('limits can be set again', { application, adapter: adapter.kind });
    failure = undefined;
    saidCauses.clear();
  };

  const inForce = (wanted: Limits, state: AdapterState, isChanged: boolean): Reconciliation => {
    const unmet = unmetOf(wanted, state);
    const text = unmet.join(', ');
    if (text !== saidUnmet && text !== '') {
      log.warn('limits hold only in part', { application, adapter: adapter.kind, unmet, inForce: state.limits });
    }
    saidUnmet = text;
    return { outcome: 'in-force', isChanged, unmet, state };
  };

  const pass = async (wanted: Limits, nowMs: number, isUrgent: boolean): Promise<Reconciliation> => {
    const isSameTry = failure !== undefined && limitDifference(failure.wanted, wanted).length === 0;
    const isPausing = failure !== undefined && isSameTry && nowMs < failure.nextTryMs && !isUrgent;
    let state: AdapterState;
    try {
      state = await adapter.read();
    } catch (error) {
      if (!isPausing) return failed(wanted, error, nowMs, () => Promise.reject(error));
      return { outcome: 'failed', reason: oneLine(error), state: undefined };
    }
    const target: Limits = { limits: only(wanted.limits, adapter.canLimit), isSuspended: wanted.isSuspended };
    if (limitDifference(state, target).length === 0) {
      works();
      return inForce(wanted, state, false);
    }
    if (settled !== undefined && isSettled(settled, target, state)) {
      const isEnough = unmetOf(target, state).length === 0;
      if (isEnough || (nowMs - settled.atMs < nearerPauseMs && !isUrgent)) return inForce(wanted, state, false);
    }
    if (failure !== undefined && isPausing) return { outcome: 'failed', reason: failure.reason, state };
    try {
      await adapter.apply(target);
      state = await adapter.read();
    } catch (error) {
      return failed(wanted, error, nowMs, () => adapter.read());
    }
    works();
    const isNews = settled === undefined || limitDifference(settled.wanted, target).length > 0;
    settled = { wanted: target, found: state, atMs: nowMs };
    const { limits, isSuspended } = state;
    if (isNews) log.info('limits set', { application, adapter: adapter.kind, limits, isSuspended });
    return inForce(wanted, state, true);
  };

  const begin = async (wanted: Limits, isUrgent: boolean): Promise<Reconciliation> => {
    const running = pass(wanted, lastMs, isUrgent);
    underWay = running;
    try {
      return await running;
    } finally {
      underWay = undefined;
    }
  };

  const lift = async (): Promise<boolean> => {
    for (let tries = 0; tries < liftTries; tries++) {
      if (tries > 0) await wait(liftPauseMs);
      while (underWay !== undefined) await underWay;
      const result = await begin(noLimits, true);
      if (result.outcome === 'in-force' && limitDifference(result.state, noLimits).length === 0) return true;
    }
    return false;
  };

  return {
    async reconcile(wanted, nowMs) {
      if (underWay !== undefined) return { outcome: 'busy' };
      lastMs = nowMs;
      return begin(wanted, false);
    },
    async liftAll() {
      const over = new AbortController();
      const limit = wait(liftLimitMs, false, { signal: over.signal }).catch(() => false);
      try {
        return await Promise.race([lift(), limit]);
      } finally {
        over.abort();
      }
    },
  };
}

function isSettled(settled: { wanted: Limits; found: Limits }, wanted: Limits, found: Limits): boolean {
  return limitDifference(settled.wanted, wanted).length === 0 && limitDifference(settled.found, found).length === 0;
}

/** The resources of which more can be had than wanted. */
function unmetOf(wanted: Limits, found: Limits): ResourceName[] {
  return resourceNames.filter((name) => {
    const limit = wanted.limits[name];
    const inForce = found.limits[name];
    if (limit === undefined) return false;
    return inForce === undefined || (inForce > limit && differs(name, inForce, limit));
  });
}
