// The loop of one switch, closed without sockets: Poisson calls → leaky bucket and outstanding limit (a call may wait
// 200 ms for either) → model switch → tally → stepCapacity every 100 ms. Our retransmissions go to the switch as well.
import { LeakyBucket } from '../../src/admission/leaky-bucket.ts';
import { type CapacityState, initialCapacity, provenCapacity, stepCapacity } from '../../src/control/capacity.ts';
import { noRate, stepRate } from '../../src/control/demand.ts';
import { noShortage, queueRoom, stepShortage } from '../../src/control/queue-room.ts';
import { SwitchTally } from '../../src/monitor/switch-tally.ts';
import type { ModelSwitch } from './model-switch.ts';
import { exponential, seeded } from './random.ts';

export interface Second {
  offered: number;
  sent: number;
  refused: number;
  /** Calls that the switch worked on and whose answer came within 5 s. */
  completed: number;
  /** The sum of their times to the first response other than 100. */
  delayMs: number;
}

export interface Tick {
  readonly nowMs: number;
  readonly state: CapacityState;
}

export interface Run {
  readonly seconds: readonly Second[];
  readonly ticks: readonly Tick[];
}

export interface LoopOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly model: ModelSwitch;
  /** Calls per second at a time. */
  readonly offered: (ms: number) => number;
  readonly configuredPerSecond?: number;
  /** How late an answer may be to count; default 5,000 ms. */
  readonly inTimeMs?: number;
  /** States of each sample; off for long runs. */
  readonly keepTicks?: boolean;
}

interface Call {
  readonly sentMs: number;
  isAnswered: boolean;
  isOver: boolean;
}

type Event =
  | {
      readonly atMs: number;
      readonly kind: 'first' | 'final' | 'timeout';
      readonly call: Call;
      readonly refused: boolean;
    }
  | { readonly atMs: number; readonly kind: 'again'; readonly call: Call; readonly gapMs: number };

const tickMs = 10;
const sampleMs = 100;
const laneMs = 200;
const timeoutMs = 32_000;

export function runLoop(options: LoopOptions): Run {
  const { model, inTimeMs = 5000, keepTicks = true } = options;
  const random = seeded(options.seed);
  const tally = new SwitchTally();
  const bucket = new LeakyBucket(1);
  let shortage = noShortage;
  let room = queueRoom(shortage, 1);
  const heap = new EventHeap();
  const seconds: Second[] = [];
  const ticks: Tick[] = [];
  let state = initialCapacity(options.configuredPerSecond);
  let demand = noRate;
  let asked = 0;
  const lane: number[] = [];
  let nowMs = 0;
  const second = (ms: number): Second => {
    const index = Math.floor(ms / 1000);
    while (seconds.length <= index) seconds.push({ offered: 0, sent: 0, refused: 0, completed: 0, delayMs: 0 });
    return seconds[index]!;
  };
  const mayPass = (): boolean => {
    if (tally.outstanding >= state.outstanding) return false;
    if (state.perSecond === Infinity) return true;
    bucket.drain(nowMs);
    return bucket.hasRoom(room.ordinary);
  };
  const send = (): void => {
    if (state.perSecond !== Infinity) bucket.add(1);
    tally.noteSent(false);
    second(nowMs).sent++;
    const call: Call = { sentMs: nowMs, isAnswered: false, isOver: false };
    const answer = model.invite(nowMs);
    if (answer.firstMs < answer.finalMs) heap.push({ atMs: answer.firstMs, kind: 'first', call, refused: false });
    if (answer.finalMs < nowMs + timeoutMs)
      heap.push({ atMs: answer.finalMs, kind: 'final', call, refused: answer.isRefusal });
    else heap.push({ atMs: nowMs + timeoutMs, kind: 'timeout', call, refused: false });
    if (answer.firstMs > nowMs + 500) heap.push({ atMs: nowMs + 500, kind: 'again', call, gapMs: 1000 });
  };
  const serveLane = (): void => {
    while (lane.length > 0 && nowMs - lane[0]! > laneMs) {
      lane.shift();
      second(nowMs).refused++;
    }
    while (lane.length > 0 && mayPass()) {
      lane.shift();
      send();
    }
  };
  const handle = (event: Event): void => {
    const { call } = event;
    if (event.kind === 'again') {
      if (call.isAnswered) return;
      tally.noteRetransmitted();
      model.retransmission(nowMs);
      heap.push({ atMs: nowMs + event.gapMs, kind: 'again', call, gapMs: event.gapMs * 2 });
      return;
    }
    const delay = nowMs - call.sentMs;
    if (event.kind === 'timeout') {
      call.isAnswered = true;
      tally.noteTimeout();
      tally.noteGone();
      return;
    }
    if (!call.isAnswered) tally.noteFirstResponse(delay);
    call.isAnswered = true;
    if (event.kind === 'first') return;
    tally.noteProgress(event.refused ? 503 : 180, delay);
    if (!event.refused && delay <= inTimeMs) {
      second(nowMs).completed++;
      second(nowMs).delayMs += delay;
    }
  };
  const sample = (): void => {
    demand = stepRate(demand, asked, sampleMs);
    asked = 0;
    bucket.drain(nowMs);
    const taken = tally.take({
      name: 's',
      isUp: true,
      weight: 1,
      configuredPerSecond: options.configuredPerSecond,
      oc: undefined,
      backlogCalls: bucket.content,
    });
    state = stepCapacity(state, taken, { nowMs, intervalMs: sampleMs, demandPerSecond: demand.perSecond });
    if (keepTicks) ticks.push({ nowMs, state });
    if (state.perSecond === Infinity) return;
    bucket.change(state.perSecond);
    bucket.add(state.unknownCalls);
    shortage = stepShortage(shortage, demand.perSecond, provenCapacity(state), sampleMs);
    room = queueRoom(shortage, state.perSecond);
  };
  const arrive = (): void => {
    asked++;
    second(nowMs).offered++;
    const room = state.perSecond === Infinity ? 20 : Math.max(2, (state.perSecond * laneMs) / 1000);
    if (lane.length === 0 && mayPass()) send();
    else if (lane.length < room) lane.push(nowMs);
    else second(nowMs).refused++;
  };

  const endMs = options.seconds * 1000;
  let nextArrival = exponential(random, 1000 / options.offered(0));
  let nextTick = tickMs;
  while (nowMs < endMs) {
    const eventMs = heap.nextMs();
    nowMs = Math.min(nextArrival, nextTick, eventMs);
    if (nowMs === nextTick) {
      if (nextTick % sampleMs === 0) sample();
      serveLane();
      nextTick += tickMs;
    } else if (nowMs === eventMs) {
      handle(heap.pop());
      if (lane.length > 0) serveLane();
    } else {
      arrive();
      nextArrival = nowMs + exponential(random, 1000 / options.offered(nowMs));
    }
  }
  second(endMs - 1);
  return { seconds: seconds.slice(0, options.seconds), ticks };
}

/** A binary heap by time. */
class EventHeap {
  private readonly events: Event[] = [];

  nextMs(): number {
    return this.events[0]?.atMs ?? Infinity;
  }

  push(event: Event): void {
    const { events } = this;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (events[parent]!.atMs <= event.atMs) break;
      events[at] = events[parent]!;
      at = parent;
    }
    events[at] = event;
  }

  pop(): Event {
    const { events } = this;
    const first = events[0]!;
    const last = events.pop()!;
    if (events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && events[child + 1]!.atMs < events[child]!.atMs) child++;
      if (events[child]!.atMs >= last.atMs) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = last;
    return first;
  }
}
