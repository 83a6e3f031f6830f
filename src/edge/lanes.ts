// The lanes of ordinary calls that wait for their turn, one for each interface, served as the throttle's scan plans say.
import type { Neighbour, Side } from '../admission/side.ts';
import type { ScanPlan } from '../control/throttle.ts';
import { HistogramCounts } from '../metrics/histogram-counts.ts';
import { Lane } from '../scan/lane.ts';
import { Scheduler } from '../scan/scheduler.ts';
import type { Flow } from '../transport/flow.ts';

/** An INVITE that waits, and the hash of its transaction. */
export interface WaitingCall {
  readonly flow: Flow;
  readonly from: Neighbour;
  readonly bytes: Buffer;
  readonly keyHigh: number;
  readonly low: number;
}

/** The same in its lane. */
interface LaneItem extends WaitingCall {
  readonly sinceMs: number;
}

/** Bounds of the histogram of waiting times: a call waits 400 ms at most. */
const waitedSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.4];

/** Until the first throttle nothing waits. */
const noPlan: ScanPlan = { intervalMs: 0, batch: 0, newestFirst: false, room: 0 };

interface SideLane {
  readonly lane: Lane<LaneItem>;
  readonly waitedSeconds: HistogramCounts;
  plan: ScanPlan;
  sharePerSecond: number;
  weight: number;
  expired: number;
}

export class Lanes {
  private readonly sides: SideLane[];
  private readonly scheduler = new Scheduler();
  /** How long a call may wait, ms. */
  waitMs: number;
  /** All that wait. */
  length = 0;

  /** `sides`: how many interfaces there are; each goes by its index. */
  constructor(sides: number, waitMs: number) {
    this.waitMs = waitMs;
    this.sides = Array.from({ length: sides }, () => ({
      lane: new Lane<LaneItem>(0),
      waitedSeconds: new HistogramCounts(waitedSeconds),
      plan: noPlan,
      sharePerSecond: Number.POSITIVE_INFINITY,
      weight: 1,
      expired: 0,
    }));
  }

  /** What the throttle says of an interface's lane. */
  plan(side: Side, plan: ScanPlan, sharePerSecond: number): void {
    const one = this.sides[side.index]!;
    // twice the batch is a cap only: a timer that was late catches up, and the scheduler keeps to the share
    one.plan = { ...plan, batch: 2 * plan.batch };
    one.sharePerSecond = sharePerSecond;
    one.weight = side.weight;
    one.lane.room = plan.room;
  }

  /** L3: ordinary calls are served by slow scans only, none on arrival. */
  isScanned(index: number): boolean {
    const { plan } = this.sides[index]!;
    return plan.newestFirst && plan.intervalMs > 0;
  }

  hasRoom(index: number): boolean {
    const { lane } = this.sides[index]!;
    return lane.length < lane.room;
  }

  offer(index: number, item: WaitingCall, nowMs: number): void {
    if (this.sides[index]!.lane.offer({ ...item, sinceMs: nowMs }, nowMs)) this.length++;
  }

  /** Takes out those that have waited longer than `waitMs`; `visit` returns whether that ended the call, and it counts as expired. */
  expire(nowMs: number, visit: (item: WaitingCall, sinceMs: number) => boolean): void {
    for (const one of this.sides) {
      this.length -= one.lane.expire(nowMs, this.waitMs, (item) => {
        if (visit(item, item.sinceMs)) one.expired++;
      });
    }
  }

  /** Those whose turn it is; `serve` returns false where a call cannot go on now: then it stays. */
  scan(nowMs: number, serve: (item: WaitingCall, sinceMs: number) => boolean): void {
    this.scheduler.scan(this.sides, nowMs, (index) => {
      const { lane, plan, waitedSeconds } = this.sides[index]!;
      const item = lane.next(plan.newestFirst);
      if (item === undefined || !serve(item, item.sinceMs)) return false;
      lane.takeNext(plan.newestFirst);
      this.length--;
      waitedSeconds.observe((nowMs - item.sinceMs) / 1000);
      return true;
    });
  }

  remove(keyHigh: number, low: number): WaitingCall | undefined {
    for (const { lane } of this.sides) {
      const item = lane.remove((one) => one.keyHigh === keyHigh && one.low === low);
      if (item === undefined) continue;
      this.length--;
      return item;
    }
    return undefined;
  }

  /** How long those had waited whose turn came, by interface index. */
  waitedSeconds(index: number): HistogramCounts {
    return this.sides[index]!.waitedSeconds;
  }

  /** What the Monitor reads; `expired`: since the last call. */
  take(index: number, nowMs: number): { waiting: number; oldestMs: number; expired: number } {
    const one = this.sides[index]!;
    const { expired } = one;
    one.expired = 0;
    return { waiting: one.lane.length, oldestMs: one.lane.oldestMs(nowMs), expired };
  }
}
