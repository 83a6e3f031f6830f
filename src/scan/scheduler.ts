// Which lane's call is served next: one scan over the lanes of all interfaces, in turns by weight. Start-time fair queueing
// (Goyal, Vin and Cheng, SIGCOMM 1996): each call served moves its lane's virtual time by 1 / weight, the lane furthest back
// goes first, and a lane that was idle begins at the time of now, so that it is owed nothing.
import type { ScanPlan } from '../control/throttle.ts';
import { ScanPass } from './scan-pass.ts';

export interface ScanLane {
  /** How many wait. */
  readonly lane: { readonly length: number };
  readonly plan: ScanPlan;
  /** Ordinary calls per second; `Infinity`: no limit. Used where the plan has an interval. */
  readonly sharePerSecond: number;
  /** Above 0. */
  readonly weight: number;
}

interface Turn {
  readonly pass: ScanPass;
  /** Virtual time at which its next call begins. */
  next: number;
  /** Calls it may still have in this scan. */
  left: number;
}

export class Scheduler {
  private readonly turns: Turn[] = [];
  /** Virtual time of the last call served. */
  private now = 0;

  /**
   * One scan, to be called at each tick (10 ms). Calls `serve` with the index of a lane for each call that it may serve now: it
   * takes the call from the lane and returns true, or returns false where that is not possible (no token, no room at the
   * switches): then the lane has no more turns in this scan. Lanes keep their index from scan to scan. Returns how many were
   * served.
   */
  scan(lanes: readonly ScanLane[], nowMs: number, serve: (index: number) => boolean): number {
    for (const [i, { lane, plan, sharePerSecond }] of lanes.entries()) {
      this.turns[i] ??= { pass: new ScanPass(), next: 0, left: 0 };
      const turn = this.turns[i];
      turn.left = Math.min(turn.pass.due(plan, sharePerSecond, nowMs), lane.length);
      if (turn.left > 0) turn.next = Math.max(turn.next, this.now);
    }
    let count = 0;
    for (let i = this.furthestBack(lanes.length); i >= 0; i = this.furthestBack(lanes.length)) {
      const turn = this.turns[i]!;
      if (!serve(i)) {
        turn.pass.hold(turn.left);
        turn.left = 0;
        continue;
      }
      count++;
      turn.left = Math.min(turn.left - 1, lanes[i]!.lane.length);
      turn.pass.served(1);
      this.now = turn.next;
      turn.next += 1 / lanes[i]!.weight;
    }
    return count;
  }

  /** Of the lanes that have turns left; -1 where none has. */
  private furthestBack(count: number): number {
    let best = -1;
    for (let i = 0; i < count; i++) {
      const { left, next } = this.turns[i]!;
      if (left > 0 && (best < 0 || next < this.turns[best]!.next)) best = i;
    }
    return best;
  }
}
