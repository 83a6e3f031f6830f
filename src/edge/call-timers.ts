// The timers of calls, on one wheel: set, unset, and told back as tokens. A call holds a list of those that are set, which are
// three or four at a time.
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
    let token = call.timers;
    while (token !== undefined && (token.timer !== timer || token.branch !== branch)) token = token.next;
    if (token === undefined) {
      token = { call, timer, branch, handle: 0, next: call.timers };
      call.timers = token;
    } else this.wheel.cancel(token.handle);
    token.handle = this.wheel.schedule(this.now() + delayMs, token);
  }

  /** Nothing happens where it is not set. */
  clear(call: Call, timer: CallTimer, branch: number): void {
    for (let token = call.timers; token !== undefined; token = token.next) {
      if (token.timer !== timer || token.branch !== branch) continue;
      this.wheel.cancel(token.handle);
      return unlink(token);
    }
  }

  /** Clears all timers of a branch, or with -1 of the server transaction. */
  clearAll(call: Call, branch: number): void {
    for (let token = call.timers; token !== undefined; token = token.next) {
      if (token.branch !== branch) continue;
      this.wheel.cancel(token.handle);
      unlink(token);
    }
  }

  /** Notes that it fired. */
  fired(token: TimerToken): void {
    unlink(token);
  }
}

function unlink(token: TimerToken): void {
  const { call } = token;
  if (call.timers === token) {
    call.timers = token.next;
    return;
  }
  let before = call.timers;
  while (before !== undefined && before.next !== token) before = before.next;
  if (before !== undefined) before.next = token.next;
}
