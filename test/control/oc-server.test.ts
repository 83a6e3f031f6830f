// RFC 7339 §5.1, §5.2, §5.4, §5.7, §5.8 and RFC 7415 §3.4: what neighbours that take part are told.
import { describe, expect, it } from 'vitest';
import { compareSequences } from '../../src/control/oc-sequence.ts';
import {
  newOcServer,
  type OcNeighbourLoad,
  type OcNeighbourOutput,
  type OcServerState,
  stepOcServer,
} from '../../src/control/oc-server.ts';

const base: OcNeighbourLoad = {
  name: 'a',
  offers: 'loss',
  elements: 1,
  newCalls: 10,
  otherRequests: 0,
  sharePerSecond: Infinity,
};

/** Steps of 100 ms with one neighbour. */
class Steps {
  private state: OcServerState = newOcServer;
  nowMs = 0;

  step(load: Partial<OcNeighbourLoad>, passedMs = 100): OcNeighbourOutput | undefined {
    this.nowMs += passedMs;
    const { state, outputs } = stepOcServer(this.state, {
      nowMs: this.nowMs,
      intervalMs: passedMs,
      unixMs: 1_282_321_615_000 + this.nowMs,
      validityMs: 500,
      neighbours: [{ ...base, ...load }],
    });
    this.state = state;
    return outputs.get('a');
  }

  many(count: number, load: Partial<OcNeighbourLoad>): OcNeighbourOutput[] {
    return Array.from({ length: count }, () => this.step(load)!);
  }
}

describe('at rest', () => {
  it('tells nothing to those who do not take part', () => {
    expect(new Steps().step({ offers: undefined, sharePerSecond: 1 })).toBeUndefined();
  });

  it('answers oc=0 with oc-validity=0, always with the same number', () => {
    const steps = new Steps();
    const [first, ...later] = steps.many(20, {});
    expect(first!.feedback).toEqual({ algorithm: 'loss', value: 0, validityMs: 0, sequence: '1282321615.10000' });
    for (const one of later) expect(one.feedback).toBe(first!.feedback);
  });

  it('forgets who has not offered it for an hour', () => {
    const steps = new Steps();
    steps.step({});
    expect(steps.step({ offers: undefined }, 3_600_000)).toBeDefined();
    expect(steps.step({ offers: undefined }, 100)).toBeUndefined();
  });
});

describe('the algorithm', () => {
  const algorithm = (steps: Steps, load: Partial<OcNeighbourLoad>, passedMs?: number) =>
    steps.step(load, passedMs)!.feedback.algorithm;

  it('is rate for one element that has it, else loss', () => {
    expect(algorithm(new Steps(), { offers: 'loss' })).toBe('loss');
    expect(algorithm(new Steps(), { offers: 'loss,rate' })).toBe('rate');
    expect(algorithm(new Steps(), { offers: 'loss,rate', elements: 2 })).toBe('loss');
  });

  it('is kept for 3,600 s', () => {
    const steps = new Steps();
    algorithm(steps, { offers: 'loss' });
    expect(algorithm(steps, { offers: 'loss,rate' }, 3_599_000)).toBe('loss');
    expect(algorithm(steps, { offers: 'loss,rate' }, 1000)).toBe('rate');
    expect(algorithm(steps, { offers: undefined })).toBe('rate');
    expect(algorithm(steps, { offers: 'loss,rate', elements: 3 })).toBe('rate');
  });

  it('changes at once, with a new number, where the client no longer has it', () => {
    const steps = new Steps();
    const before = steps.step({ offers: 'loss,rate' })!.feedback;
    const after = steps.step({ offers: 'loss' })!.feedback;
    expect(after.algorithm).toBe('loss');
    expect(compareSequences(after.sequence, before.sequence)).toBeGreaterThan(0);
  });
});

describe('in overload', () => {
  it('has a larger number with each value, with the stop too, and none after it', () => {
    for (const offers of ['loss', 'loss,rate'] as const) {
      const steps = new Steps();
      const told = [
        ...steps.many(3, { offers }),
        ...steps.many(20, { offers, sharePerSecond: 20 }),
        ...steps.many(30, { offers, newCalls: 1 }),
      ].map(({ feedback }) => feedback);
      let changes = 0;
      for (const [i, one] of told.entries()) {
        if (i === 0 || one === told[i - 1]) continue;
        changes++;
        expect(compareSequences(one.sequence, told[i - 1]!.sequence)).toBeGreaterThan(0);
      }
      const on = told.filter(({ validityMs }) => validityMs === 500).length;
      expect(on).toBeGreaterThanOrEqual(20);
      // each value that holds, and one stop
      expect(changes).toBe(on + 1);
      expect(told.at(-1)).toMatchObject({ value: 0, validityMs: 0 });
    }
  });

  it('tells a rate client its share and what is no new call, divided among its elements', () => {
    const steps = new Steps();
    const load = { offers: 'loss,rate', newCalls: 10, otherRequests: 5, sharePerSecond: 40 } as const;
    expect(steps.many(20, load).at(-1)!.feedback).toMatchObject({ algorithm: 'rate', value: 90, validityMs: 500 });
    expect(steps.step({ ...load, elements: 4 })!.feedback.value).toBe(23);
    expect(new Steps().step({ ...load, otherRequests: 0, sharePerSecond: 0 })!.feedback).toMatchObject({
      value: 0,
      validityMs: 500,
    });
    expect(new Steps().step({ ...load, otherRequests: 0, sharePerSecond: 0.3 })!.feedback.value).toBe(1);
  });

  it('tells a loss client by which percent all its requests are too many', () => {
    // 100 new calls and 100 others a second, 50 new calls allowed: a quarter of all must go
    const load = { newCalls: 10, otherRequests: 10, sharePerSecond: 50 };
    expect(new Steps().step(load)!.feedback).toMatchObject({ algorithm: 'loss', value: 25, validityMs: 500 });
    // with a share of nothing, and nothing else to send, all
    expect(new Steps().step({ sharePerSecond: 0 })!.feedback.value).toBe(100);
    // within what an estimate scatters: nothing
    expect(new Steps().step({ sharePerSecond: 96 })!.feedback).toMatchObject({ value: 0, validityMs: 0 });
  });

  it('knows the demand behind what it has reduced, and makes 97.5 of 97 and 98', () => {
    const steps = new Steps();
    let share = 1;
    const values: number[] = [];
    for (let i = 0; i < 60; i++) {
      // 4,000 a second, reduced as told, of which 100 are allowed
      const { feedback, demandPerSecond } = steps.step({ newCalls: Math.round(400 * share), sharePerSecond: 100 })!;
      share = 1 - feedback.value / 100;
      if (i < 20) continue;
      values.push(feedback.value);
      expect(demandPerSecond).toBeGreaterThan(3000);
      expect(demandPerSecond).toBeLessThan(5000);
    }
    expect(values.every((value) => value === 97 || value === 98)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeCloseTo(97.5, 0);
  });

  it('takes what is not reduced after silence for what it is', () => {
    const steps = new Steps();
    steps.many(20, { newCalls: 40, sharePerSecond: 100 });
    // nothing for longer than the validity: then the client may send all it has
    steps.many(8, { newCalls: 0, sharePerSecond: 100 });
    const { demandPerSecond } = steps.step({ newCalls: 30, sharePerSecond: 100 })!;
    expect(demandPerSecond).toBeLessThan(1000);
  });
});
