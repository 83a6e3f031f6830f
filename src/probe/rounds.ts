// When the synthetic caller calls: all classes once, or each at an interval until the signal. A class that was told Retry-After
// is not called before that is over: its round is held (RFC 3261 §21.5.4).
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallClass, CallPlan, PlaceCall } from './call.ts';
import { type CallReport, outcomeOf } from './outcome.ts';

export interface RoundEvents {
  readonly onCall: (report: CallReport) => void;
  /** `seconds`: what is left of the Retry-After. */
  readonly onHeld: (callClass: CallClass, seconds: number) => void;
}

/** Places every call once, side by side. Those that the signal interrupted in set-up are left out. */
export async function onceEach(
  plans: readonly CallPlan[],
  place: PlaceCall,
  signal: AbortSignal,
): Promise<readonly CallReport[]> {
  const reports = await Promise.all(plans.map((plan) => placeOne(plan, place, signal)));
  return reports.filter((report) => report !== undefined);
}

/**
 * Each class by itself every `everyMs`, so that an ordinary call that hangs keeps no priority call waiting. A call that takes
 * longer than the interval leaves out the rounds that it covers. Resolves when the signal has come and all calls are over.
 */
export async function repeat(
  plans: readonly CallPlan[],
  place: PlaceCall,
  everyMs: number,
  events: RoundEvents,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(plans.map((plan) => repeatOne(plan, place, everyMs, events, signal)));
}

async function repeatOne(
  plan: CallPlan,
  place: PlaceCall,
  everyMs: number,
  { onCall, onHeld }: RoundEvents,
  signal: AbortSignal,
): Promise<void> {
  let dueMs = performance.now();
  let heldUntilMs = 0;
  while (!signal.aborted) {
    const leftMs = heldUntilMs - performance.now();
    if (leftMs > 0) onHeld(plan.class, leftMs / 1000);
    else {
      const report = await placeOne(plan, place, signal);
      if (report !== undefined) onCall(report);
      heldUntilMs = performance.now() + (report?.end.retryAfterSeconds ?? 0) * 1000;
    }
    do dueMs += everyMs;
    while (dueMs < performance.now());
    await sleep(dueMs - performance.now(), undefined, { signal }).catch(() => {});
  }
}

async function placeOne(plan: CallPlan, place: PlaceCall, signal: AbortSignal): Promise<CallReport | undefined> {
  const end = await place(plan, signal);
  return end.how === 'interrupted' ? undefined : { class: plan.class, outcome: outcomeOf(end), end };
}
