import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerWheel } from '../../src/transaction/timer-wheel.ts';

const tickMs = 10;

describe('TimerWheel', () => {
  it('fires in the first advance at or after the time, rounded up to a tick', () => {
    const wheel = new TimerWheel<string>(1_000, tickMs);
    const fired: string[] = [];
    wheel.schedule(1_495, 'a');
    wheel.advance(1_499, (token) => fired.push(token));
    expect(fired).toEqual([]);
    wheel.advance(1_500, (token) => fired.push(token));
    expect(fired).toEqual(['a']);
    expect(wheel.size).toBe(0);
  });

  it('a time already past, and none at all, fire with the next tick', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    wheel.advance(5_000, () => {});
    const fired: string[] = [];
    wheel.schedule(-1, 'past');
    wheel.schedule(Number.NaN, 'no time');
    wheel.advance(5_010, (token) => fired.push(token));
    expect(fired).toEqual(['past', 'no time']);
  });

  it('a timer set for ever does not fire, and can be cancelled', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    const handle = wheel.schedule(Number.POSITIVE_INFINITY, 'never');
    expect(wheel.advance(1e12, () => {})).toBe(0);
    expect(wheel.cancel(handle)).toBe(true);
    expect(wheel.size).toBe(0);
  });

  it('idle for 24 h, then a year: fires what is due, in little time', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    const fired: string[] = [];
    wheel.schedule(32_000, 'b');
    wheel.schedule(86_400_000 * 366, 'next year');
    expect(wheel.advance(86_400_000, (token) => fired.push(token))).toBe(1);
    wheel.advance(86_400_000 * 365, (token) => fired.push(token));
    expect(fired).toEqual(['b']);
    wheel.advance(86_400_000 * 366, (token) => fired.push(token));
    expect(fired).toEqual(['b', 'next year']);
    wheel.schedule(86_400_000 * 366 + 500, 'after');
    wheel.advance(86_400_000 * 366 + 500, (token) => fired.push(token));
    expect(fired).toEqual(['b', 'next year', 'after']);
  });

  it('a clock set back leaves of every delay what was left', () => {
    const wheel = new TimerWheel<string>(1_000_000, tickMs);
    const fired: string[] = [];
    wheel.schedule(1_000_500, 'a');
    wheel.advance(1_000_200, (token) => fired.push(token));
    wheel.advance(400_000, (token) => fired.push(token));
    wheel.schedule(400_100, 'b');
    wheel.advance(400_110, (token) => fired.push(token));
    expect(fired).toEqual(['b']);
    wheel.advance(400_299, (token) => fired.push(token));
    expect(fired).toEqual(['b']);
    wheel.advance(400_300, (token) => fired.push(token));
    expect(fired).toEqual(['b', 'a']);
  });

  it('fire may cancel what is due in the same tick, and set new timers', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    const fired: string[] = [];
    wheel.schedule(100, 'a');
    const second = wheel.schedule(100, 'b');
    wheel.advance(1_000, (token) => {
      fired.push(token);
      if (token === 'a') {
        expect(wheel.cancel(second)).toBe(true);
        wheel.schedule(100, 'c'); // due now: with the next tick, in this same call
        wheel.schedule(5_000, 'd');
      }
    });
    expect(fired).toEqual(['a', 'c']);
    expect(wheel.size).toBe(1);
  });

  it('what a throwing fire left of its tick fires next time', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    wheel.schedule(100, 'a');
    wheel.schedule(100, 'b');
    expect(() =>
      wheel.advance(200, () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    const fired: string[] = [];
    wheel.advance(200, (token) => fired.push(token));
    expect(fired).toEqual(['b']);
  });

  it('a handle is dead once its timer has fired or was cancelled, though its place is used again', () => {
    const wheel = new TimerWheel<string>(0, tickMs, 1);
    const first = wheel.schedule(10, 'a');
    expect(wheel.cancel(first)).toBe(true);
    const second = wheel.schedule(10, 'b');
    expect(wheel.cancel(first)).toBe(false);
    wheel.advance(10, () => {});
    expect(wheel.cancel(second)).toBe(false);
    expect([wheel.cancel(0), wheel.cancel(-5), wheel.cancel(1e300), wheel.cancel(Number.NaN)]).not.toContain(true);
  });

  it('a handle that was never given is none', () => {
    const wheel = new TimerWheel<string>(0, tickMs);
    for (let handle = 0; handle < 3_000; handle++) expect(wheel.cancel(handle)).toBe(false);
    expect(wheel.size).toBe(0);
  });

  it('300,000 timers of 1 ms to 200 s: each fires once, in order of ticks', () => {
    const wheel = new TimerWheel<number>(0, tickMs);
    let seed = 1;
    for (let i = 0; i < 300_000; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const atMs = 1 + (seed % 200_000);
      wheel.schedule(atMs, atMs);
    }
    let lastTick = 0;
    let early = 0;
    let count = 0;
    for (let nowMs = 0; nowMs <= 200_010; nowMs += 37) {
      wheel.advance(nowMs, (atMs) => {
        count++;
        const tick = Math.ceil(atMs / tickMs);
        if (tick < lastTick || atMs > nowMs) early++;
        lastTick = tick;
      });
    }
    expect([count + wheel.advance(200_020, () => {}), early, wheel.size]).toEqual([300_000, 0, 0]);
  });

  it('against a plain list: never early, at most a tick late, cancelled never fires, in order', () => {
    const delay = fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(1_000_000), fc.nat(100_000_000));
    const op = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), delayMs: delay }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(30) }),
      fc.record({ kind: fc.constant('advance' as const), byMs: delay }),
    );
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.array(op, { maxLength: 120 }), (startMs, ops) => {
        let nowMs = startMs;
        const wheel = new TimerWheel<number>(nowMs, tickMs, 2);
        interface Model {
          atMs: number;
          handle: number;
          state: 'set' | 'fired' | 'cancelled';
        }
        const models: Model[] = [];
        for (const step of ops) {
          if (step.kind === 'set') {
            const atMs = nowMs + step.delayMs;
            models.push({ atMs, handle: wheel.schedule(atMs, models.length), state: 'set' });
          } else if (step.kind === 'cancel') {
            const model = models[step.which];
            if (model === undefined) continue;
            expect(wheel.cancel(model.handle)).toBe(model.state === 'set');
            if (model.state === 'set') model.state = 'cancelled';
          } else {
            nowMs += step.byMs;
            let last = Number.NEGATIVE_INFINITY;
            wheel.advance(nowMs, (index) => {
              const model = models[index]!;
              expect(model.state).toBe('set');
              model.state = 'fired';
              expect(model.atMs).toBeLessThanOrEqual(nowMs);
              // To the tick: earlier than the one before it only within the same tick.
              expect(model.atMs).toBeGreaterThan(last - tickMs);
              last = Math.max(last, model.atMs);
            });
            // A tick late at most; one that was set in the past of the wheel's clock waits for the next tick.
            for (const model of models) if (model.state === 'set') expect(model.atMs).toBeGreaterThan(nowMs - tickMs);
          }
          expect(wheel.size).toBe(models.filter((model) => model.state === 'set').length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
