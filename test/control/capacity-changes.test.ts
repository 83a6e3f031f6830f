// Closed loop: switches that become slower, faster, silent, or farther away; surges that end; a day of ordinary traffic.
import { describe, expect, it } from 'vitest';
import { type LoopOptions, runLoop } from './closed-loop.ts';
import { beyondCapacity, goodput, refusedIn } from './goodput.ts';
import { type ModelSwitch, queueSwitch, workQueueSwitch } from './model-switch.ts';
import { exponential, seeded } from './random.ts';

const capacities = [20, 140, 1000];
const seeds = [1, 2];

/** Every capacity and seed. */
function each(check: (capacity: number, seed: number, where: string) => void): void {
  for (const capacity of capacities)
    for (const seed of capacity < 1000 ? seeds : [1]) check(capacity, seed, `capacity ${capacity}, seed ${seed}`);
}

const run = (model: ModelSwitch, options: Omit<LoopOptions, 'model'>) => runLoop({ model, ...options });

describe('a surge', () => {
  it('of ten times: control holds within a second, and nothing is refused 3 s after its end', () => {
    each((capacity, seed, where) => {
      const offered = (ms: number) => (ms < 10_000 || ms >= 25_000 ? 0.6 : 6) * capacity;
      const surge = run(workQueueSwitch(capacity), { seconds: 35, seed, offered });
      expect(refusedIn(surge, 0, 10), `${where}: before`).toBe(0);
      expect(beyondCapacity(surge, capacity, 10, 11), where).toBeLessThan(1);
      expect(beyondCapacity(surge, capacity, 11, 25), where).toBeLessThan(0.5);
      expect(goodput(surge, capacity, 11, 25).ratio, where).toBeGreaterThan(capacity > 30 ? 0.97 : 0.85);
      expect(refusedIn(surge, 28), `${where}: after`).toBe(0);
    });
  });

  it('that meets an edge that has just started does not bury the switch', () => {
    for (const capacity of [140, 1000]) {
      const cold = run(workQueueSwitch(capacity), { seconds: 10, seed: 1, offered: () => 40 * capacity });
      expect(beyondCapacity(cold, capacity, 0, 1)).toBeLessThan(1);
      expect(goodput(cold, capacity, 2).ratio).toBeGreaterThan(0.95);
    }
  });
});

describe('a switch that changes', () => {
  it('to a quarter is followed, and back', () => {
    each((capacity, seed, where) => {
      const model = queueSwitch({
        capacity: [
          { fromMs: 0, perSecond: capacity },
          { fromMs: 10_000, perSecond: capacity / 4 },
          { fromMs: 30_000, perSecond: capacity },
        ],
      });
      const change = run(model, { seconds: 50, seed, offered: () => 2 * capacity });
      // Of 5/s a call in the switch is 200 ms: what it had when it became slow is worked off late.
      expect(goodput(change, capacity / 4, 17, 30).ratio, `${where}: slow`).toBeGreaterThan(capacity > 30 ? 0.9 : 0.45);
      expect(goodput(change, capacity, 37).ratio, `${where}: fast again`).toBeGreaterThan(capacity > 30 ? 0.95 : 0.8);
      expect(beyondCapacity(change, capacity / 4, 13, 30), where).toBeLessThan(1);
    });
  });

  it('to the threefold is found while there is demand, and not without', () => {
    const capacity = [
      { fromMs: 0, perSecond: 100 },
      { fromMs: 10_000, perSecond: 300 },
    ];
    const busy = run(queueSwitch({ capacity }), { seconds: 25, seed: 1, offered: () => 1000 });
    expect(goodput(busy, 300, 14).ratio).toBeGreaterThan(0.95);
    const idle = run(queueSwitch({ capacity }), { seconds: 40, seed: 1, offered: (ms) => (ms < 9000 ? 200 : 95) });
    for (const { nowMs, state } of idle.ticks) {
      if (nowMs > 12_000 && state.learned.estimate.isLimited) expect(state.perSecond, `at ${nowMs}`).toBeLessThan(130);
    }
  });

  it('that fails falls to probes within 2.5 s, and is back within 3 s of working again', () => {
    each((capacity, seed, where) => {
      for (const losesWhenSilent of [true, false]) {
        const model = queueSwitch({
          capacity: [
            { fromMs: 0, perSecond: capacity },
            { fromMs: 10_000, perSecond: 0 },
            { fromMs: 30_000, perSecond: capacity },
          ],
          losesWhenSilent,
        });
        const silence = run(model, { seconds: 50, seed, offered: () => 0.5 * capacity });
        const name = `${where}, ${losesWhenSilent ? 'forgets' : 'remembers'} its calls`;
        for (let second = 12; second < 30; second++) expect(silence.seconds[second]!.sent, name).toBeLessThanOrEqual(4);
        expect(
          silence.ticks.some(({ state, nowMs }) => state.isSilent && nowMs < 12_500),
          name,
        ).toBe(true);
        // What it has kept, with all retransmissions, is done first: some seconds of its work.
        const back = losesWhenSilent ? 33 : capacity > 30 ? 35 : 43;
        expect(refusedIn(silence, back), `${name}: refused`).toBe(0);
        expect(goodput(silence, capacity, back).ratio, `${name}: goodput`).toBeGreaterThan(0.93);
        expect(silence.ticks.at(-1)!.state.isSilent, name).toBe(false);
      }
    });
  });

  it('in its way to the far end, which takes half a second more, is not taken for overloaded for good', () => {
    for (const capacity of [140, 1000]) {
      let nowMs = 0;
      const inner = queueSwitch({
        capacity: [{ fromMs: 0, perSecond: capacity }],
        tryingAtOnce: true,
        latencyMs: () => (nowMs < 15_000 ? 50 : 500),
      });
      const model: ModelSwitch = {
        invite(ms) {
          nowMs = ms;
          return inner.invite(ms);
        },
        retransmission: (ms) => inner.retransmission(ms),
      };
      const far = run(model, { seconds: 40, seed: 1, offered: () => 0.6 * capacity });
      expect(refusedIn(far, 0, 15)).toBe(0);
      expect(refusedIn(far, 22)).toBe(0);
    }
  });
});

describe('a switch that sends no 180', () => {
  const ringing = (capacity: number, seed: number): ModelSwitch => {
    const random = seeded(seed);
    const latencyMs = () => 2000 + exponential(random, 6000);
    return queueSwitch({ capacity: [{ fromMs: 0, perSecond: capacity }], latencyMs });
  };

  it('is not taken for slow: the patience of humans is no queue', () => {
    for (const capacity of [140, 1000]) {
      for (const seed of seeds) {
        const offered = (ms: number) => (ms < 20_000 ? 0.3 : 0.8) * capacity;
        const calls = run(ringing(capacity, seed), { seconds: 60, seed, offered, inTimeMs: 60_000 });
        // The first second of an edge that knows nothing yet may cost a few.
        expect(refusedIn(calls, 3), `capacity ${capacity}, seed ${seed}`).toBe(0);
      }
    }
  });

  it('is held at its capacity by its 100', () => {
    for (const capacity of [140, 1000]) {
      const offered = (ms: number) => (ms < 20_000 ? 0.3 : 10) * capacity;
      const calls = run(ringing(capacity, 1), { seconds: 70, seed: 1, offered, inTimeMs: 60_000 });
      expect(beyondCapacity(calls, capacity, 20, 40)).toBeLessThan(1);
      expect(goodput(calls, capacity, 50).ratio).toBeGreaterThan(0.9);
    }
  });
});

describe('ordinary traffic', () => {
  it('up to 90 % of the capacity is never refused, from night to noon and back', () => {
    const dayMs = 3_600_000;
    const offered = (ms: number) => 140 * 0.9 * (0.52 - 0.48 * Math.cos((ms / dayMs) * 2 * Math.PI));
    const day = run(workQueueSwitch(140), { seconds: dayMs / 1000, seed: 11, offered, keepTicks: false });
    expect(day.seconds.reduce((sum, second) => sum + second.offered, 0)).toBeGreaterThan(200_000);
    expect(refusedIn(day)).toBe(0);
  });

  it('after a silent night does not meet a stale limit', () => {
    const offered = (ms: number) => (ms < 20_000 ? 100 : ms < 320_000 ? 0.05 : 100);
    const night = run(workQueueSwitch(140), { seconds: 340, seed: 5, offered, keepTicks: false });
    expect(refusedIn(night)).toBe(0);
  });
});

describe('far ends that never answer', () => {
  it('take nothing from the others, although their calls are outstanding for long', () => {
    for (const capacity of [20, 140, 1000]) {
      const random = seeded(7);
      const latencyMs = () => (random() < 0.08 ? Infinity : 100 + 100 * random());
      const model = queueSwitch({ capacity: [{ fromMs: 0, perSecond: capacity }], tryingAtOnce: true, latencyMs });
      const calls = run(model, { seconds: 120, seed: 3, offered: () => 0.6 * capacity });
      expect(refusedIn(calls), `capacity ${capacity}`).toBe(0);
    }
  });
});
