// What holds of traces whatever comes: the edge does with them what it does without, every call that is traced has one INVITE, and all
// spans have ended when the transactions have.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTracing, type Tracing } from '../../src/edge/tracing.ts';
import { World } from '../edge/harness.ts';
import { request } from '../edge/message.ts';
import { play, steps, tight } from '../edge/random-traffic.ts';
import { switchAt } from '../edge/settings.ts';
import { tracedCalls } from './traced-world.ts';

/** `SURGEGATE_SEED` repeats a run; fast-check prints the seed of a failure. */
const seed = process.env.SURGEGATE_SEED === undefined ? {} : { seed: Number(process.env.SURGEGATE_SEED) };

/** One switch: which of several gets a call depends on its Call-ID, which is another each time. */
const alone = { ...tight, switches: [switchAt(1)] };

describe('random traffic', () => {
  it('is decided and sent on as without traces; all spans end', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { calls, spans } = tracedCalls();
        const traced = play(list, { ...alone, tracing: () => calls });
        const plain = play(list, alone);
        expect(traced.world.decisions()).toEqual(plain.world.decisions());
        expect(traced.toCaller.map(({ label }) => label)).toEqual(plain.toCaller.map(({ label }) => label));
        expect(traced.world.surprises).toEqual([]);
        traced.world.pass(300_000);
        expect(traced.world.calls.open).toBe(0);
        const roots = spans().filter(({ name }) => name === 'INVITE');
        expect(roots).toHaveLength(calls.traced);
        const attempts = roots.reduce((sum, { attributes }) => sum + Number(attributes['surgegate.attempts']), 0);
        expect(spans().filter(({ kind }) => kind === 'CLIENT')).toHaveLength(attempts);
        for (const one of spans()) expect(one.endedMs).toBeGreaterThanOrEqual(one.beganMs);
      }),
      { numRuns: 15, ...seed },
    );
  });
});

describe('what tracing is asked', () => {
  const asked = (given: Partial<Tracing>, calls: number) => {
    let begun = 0;
    const tracing = { ...noTracing, ...given, begin: () => void begun++ };
    const world = new World({ admission: { newCallsPerSecond: 1, burst: 10 }, tracing: () => tracing });
    const alice = world.flow('south', '198.51.100.7');
    for (let n = 0; n < calls; n++) world.receive(alice, request());
    expect(world.count({ decision: 'forward' })).toBe(10);
    return begun;
  };

  it('of calls that are refused nothing, of those admitted whether to begin', () =>
    expect(asked({ ordinaryBelow: 2 ** 32 }, 100)).toBe(10));

  it('of calls that are not chosen nothing', () => expect(asked({}, 100)).toBe(0));
});
