import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type BaselineState,
  initialBaseline,
  knownBaseline,
  restoreBaseline,
  stepBaseline,
} from '../../src/control/baseline.ts';

const rules = { normalFloorPerSecond: 10 };
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Steps of a second where that matters, of a slot in long runs. */
function run(state: BaselineState, forMs: number, rate: number | ((ms: number) => number), isNormal = true) {
  let next = state;
  const intervalMs = forMs > hourMs ? 5000 : 1000;
  for (let ms = 0; ms < forMs; ms += intervalMs) {
    const arrivalsPerSecond = typeof rate === 'number' ? rate : rate(ms);
    next = stepBaseline(next, { arrivalsPerSecond, isNormal, intervalMs });
  }
  return next;
}

it('is known after half a minute of traffic, and starts from what it saw', () => {
  const soon = run(initialBaseline(rules), 29_000, 50);
  expect(soon).toMatchObject({ isKnown: false, normalPerSecond: 50 });
  expect(run(soon, 1000, 50)).toMatchObject({ isKnown: true, normalPerSecond: 50 });
});

it('does not take an idle edge for a normal of nothing, until an hour has passed', () => {
  const idle = run(initialBaseline(rules), 20 * minuteMs, 0.2);
  expect(idle.isKnown).toBe(false);
  const switchedOver = run(idle, 10_000, 100);
  expect(switchedOver.isKnown).toBe(true);
  expect(switchedOver.normalPerSecond).toBeGreaterThan(99);
  expect(run(idle, 40 * minuteMs, 0.2)).toMatchObject({ isKnown: true, normalPerSecond: 10 });
});

it('finds the rate from above and from below while young', () => {
  for (const start of [20, 500]) {
    const state = run(knownBaseline(rules, start, 0), 3 * hourMs, 100);
    expect(state.normalPerSecond).toBeGreaterThan(95);
    expect(state.normalPerSecond).toBeLessThan(105);
  }
});

it('sees a ramp of ten minutes against what was normal before it', () => {
  const ramp = (ms: number) => 100 * 10 ** (ms / (10 * minuteMs));
  expect(run(knownBaseline(rules, 100), 10 * minuteMs, ramp).normalPerSecond).toBeLessThan(101);
  const anHourOld = run(run(initialBaseline(rules), hourMs, 100), 10 * minuteMs, ramp);
  expect(anHourOld.normalPerSecond).toBeLessThan(170);
});

it('takes a permanent doubling for normal after about a day, whatever the size of the step', () => {
  const doubled = run(knownBaseline(rules, 100), dayMs, 200);
  expect(doubled.normalPerSecond).toBeGreaterThan(190);
  expect(run(knownBaseline(rules, 100), 6 * hourMs, 200).normalPerSecond).toBeLessThan(125);
  expect(run(knownBaseline(rules, 100), hourMs, 1e6).normalPerSecond).toBeLessThan(105);
});

it('hardly learns outside L0, yet does not freeze for ever', () => {
  const before = knownBaseline(rules, 100);
  // AT&T 2024: ten hours.
  expect(run(before, 10 * hourMs, 4000, false).normalPerSecond).toBeLessThan(104);
  expect(run(before, 10 * dayMs, 200, false).normalPerSecond).toBeGreaterThan(190);
});

it('one step outside L0 makes its slot count a tenth', () => {
  const grown = knownBaseline(rules, 100);
  const normal = run(grown, 5000, 200);
  const mixed = stepBaseline(run(grown, 4000, 200), { arrivalsPerSecond: 200, isNormal: false, intervalMs: 1000 });
  expect(Math.log(mixed.normalPerSecond / 100)).toBeCloseTo(Math.log(normal.normalPerSecond / 100) / 10, 9);
});

it('forgets a surge that it started in within some times of its length', () => {
  const wrong = run(initialBaseline(rules), 20 * minuteMs, 333);
  expect(wrong.normalPerSecond).toBeCloseTo(333, -1);
  expect(run(wrong, 2 * hourMs, 33).normalPerSecond).toBeLessThan(40);
});

it('is worn off neither by a night nor by a weekend', () => {
  const weekend = run(knownBaseline(rules, 100), 2.5 * dayMs, 1);
  expect(weekend.normalPerSecond).toBeGreaterThan(50);
});

it('is the floor after idle days and never below it', () => {
  expect(run(knownBaseline(rules, 100), 14 * dayMs, 0).normalPerSecond).toBe(10);
});

it('survives JSON, and takes the floor of today', () => {
  const state = run(initialBaseline(rules), hourMs, 100);
  const saved: unknown = JSON.parse(JSON.stringify(state));
  expect(saved).toEqual(state);
  expect(restoreBaseline(saved, rules)).toMatchObject({ isKnown: true, normalPerSecond: state.normalPerSecond });
  expect(restoreBaseline(saved, { normalFloorPerSecond: 500 })?.normalPerSecond).toBe(500);
});

it('refuses what is no saved state, and one that knew nothing', () => {
  const bad = [null, 7, 'x', {}, [], { isKnown: true, normalPerSecond: 'NaN', ageMs: 1 }, initialBaseline(rules)];
  for (const saved of bad) expect(restoreBaseline(saved, rules)).toBeUndefined();
  expect(restoreBaseline({ isKnown: true, normalPerSecond: -1, ageMs: 1 }, rules)).toBeUndefined();
});

it('is finite, at least the floor and monotone in arrivals, whatever comes', () => {
  const step = fc.record({
    arrivalsPerSecond: fc.double({ min: 0, max: 1e5, noNaN: true }),
    isNormal: fc.boolean(),
    intervalMs: fc.integer({ min: 1, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.boolean(), (steps, isGrown) => {
      let state = isGrown ? knownBaseline(rules, 100) : initialBaseline(rules);
      let more = state;
      for (const input of steps) {
        state = stepBaseline(state, input);
        more = stepBaseline(more, { ...input, arrivalsPerSecond: input.arrivalsPerSecond + 1 });
        expect(state.normalPerSecond).toBeGreaterThanOrEqual(10);
        expect(Number.isFinite(state.normalPerSecond)).toBe(true);
        if (isGrown) expect(more.normalPerSecond).toBeGreaterThanOrEqual(state.normalPerSecond - 1e-9);
      }
    }),
  );
});

/** The greatest rate in relation to normal on each of some days; the mode follows it, as it does in force. */
function worstRatios(days: number, startHour: number, rate: (hour: number) => number): number[] {
  let state = initialBaseline(rules);
  return Array.from({ length: days }, () => {
    let worst = 0;
    for (let ms = 0; ms < dayMs; ms += 5000) {
      const arrivalsPerSecond = rate((startHour + ms / hourMs) % 24);
      const ratio = state.isKnown ? arrivalsPerSecond / state.normalPerSecond : 0;
      worst = Math.max(worst, ratio);
      state = stepBaseline(state, { arrivalsPerSecond, isNormal: ratio < 3, intervalMs: 5000 });
    }
    return worst;
  });
}

it('an ordinary day, peak twice the mean, is no surge whatever the hour it is started in', () => {
  for (let hour = 0; hour < 24; hour += 3) {
    const [first, second] = worstRatios(2, hour, (h) => 100 * (1 - Math.cos((2 * Math.PI * h) / 24)));
    expect(first, `${hour} h`).toBeLessThan(2.5);
    expect(second, `${hour} h`).toBeLessThan(1.5);
  }
});

it('a business that opens to 24 times its night is learned in three days, also when started at night', () => {
  const business = (h: number) => 100 * (h > 8 && h < 18 ? 2.4 : 0.1);
  expect(worstRatios(1, 9, business)[0]).toBeLessThan(2);
  expect(worstRatios(3, 0, business)[2]).toBeLessThan(2);
});
