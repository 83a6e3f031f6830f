// The timers of calls, on one wheel: set, unset, and told back as tokens.
import type { TimerWheel } from '../transaction/timer-wheel.ts';
import type { Call, CallTimer, TimerToken } from './call.ts';

export class CallTimers {
  private readonly wheel: TimerWheel<TimerToken>;
  private readonly now: () => number;

  /** `now`: the clock that the wheel is advanced with, ms. */
  constructor(wheel: TimerWheel<TimerToken>, now: () => number) {
    this.wheel = wheel;
    this.now = now;
  }

  /** Sets or resets a timer; `branch` -1: of the server transaction. */
  set(call: Call, timer: CallTimer, branch: number, delayMs: number): void {
    const timers = timersOf(call, branch);
    if (timers[timer]) this.wheel.cancel(timers[timer]);
    timers[timer] = this.wheel.schedule(this.now() + delayMs, { call, timer, branch });
  }

  clear(call: Call, timer: CallTimer, branch: number): void {
    const timers = timersOf(call, branch);
    if (timers[timer]) this.wheel.cancel(timers[timer]);
    timers[timer] = 0;
  }

  /** Notes that it fired. */
  fired({ call, timer, branch }: TimerToken): void {
    timersOf(call, branch)[timer] = 0;
  }
}

function timersOf(call: Call, branch: number): Partial<Record<CallTimer, number>> {
  return branch < 0 ? call.timers : call.branches[branch]!.timers;
}
