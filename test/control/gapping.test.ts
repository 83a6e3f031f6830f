import { describe, expect, it } from 'vitest';
import { type GappingInput, noGapping, stepGapping } from '../../src/control/gapping.ts';
import type { NumberSample } from '../../src/control/load-sample.ts';
import { GappingLoop, type Second, type Source } from './gapping-loop.ts';
import { numberSample } from './number-sample.ts';

const capacity = 140;
const televoteNumber = '9005551212';
const businessNumber = '8005550100';

const anyNumber = (random: () => number): string =>
  String(2 + Math.floor(random() * 8)) + String(Math.floor(random() * 1e9)).padStart(9, '0');
const between =
  (fromMs: number, toMs: number, perSecond: number, otherwise = 0) =>
  (ms: number) =>
    ms >= fromMs && ms < toMs ? perSecond : otherwise;

const ordinary = (perSecond: number): Source => ({
  name: 'ordinary',
  perSecond: () => perSecond,
  number: anyNumber,
  answered: 0.7,
  ringMs: 5000,
});
const televote = (perSecond: Source['perSecond']): Source => ({
  name: 'televote',
  perSecond,
  number: () => televoteNumber,
  answered: 1,
  ringMs: 300,
  lines: { count: 20, holdMs: 10_000 },
});

function sumOf(seconds: readonly Second[], what: 'offered' | 'passed' | 'admitted' | 'answered', name: string): number {
  return seconds.reduce((sum, second) => sum + (second[what][name] ?? 0), 0);
}

describe('a televote: 4,000 calls per second to one number whose 20 lines answer 2, beside 100 ordinary ones', () => {
  const loop = new GappingLoop(capacity, [ordinary(100), televote(between(20_000, 60_000, 4000))], 7);
  loop.run(70_000);

  it('is gapped within half a second, and nothing before', () => {
    expect(loop.changes[0]!.ms).toBeGreaterThan(20_000);
    expect(loop.changes[0]!.ms).toBeLessThanOrEqual(20_500);
    expect(new Set(loop.seconds.flatMap(({ gaps }) => gaps.map(({ digits }) => digits)))).toEqual(
      new Set([televoteNumber]),
    );
    expect(loop.seconds[25]!.gaps[0]!.cause).toBe('mass-calling');
  });

  it('leaves the others all they ask for after 2 s', () => {
    const held = loop.seconds.slice(22, 60);
    for (const second of held) expect(second.passed.ordinary! + (second.passed.televote ?? 0)).toBeLessThan(capacity);
    expect(sumOf(held, 'admitted', 'ordinary')).toBe(sumOf(held, 'offered', 'ordinary'));
  });

  it('still has most of its 2 calls per second answered', () => {
    expect(sumOf(loop.seconds.slice(30, 60), 'answered', 'televote')).toBeGreaterThan(1.3 * 30);
  });

  it('changes its interval rarely', () => {
    expect(loop.changes.filter(({ ms }) => ms > 30_000 && ms < 60_000).length).toBeLessThanOrEqual(5);
  });

  it('is not gapped any more 3 s after its end', () => {
    expect(loop.seconds[62]!.gaps).toEqual([]);
    expect(loop.seconds[69]!.gaps).toEqual([]);
  });
});

it('a number with many lines keeps what they answer', () => {
  const many: Source = { ...televote(between(10_000, 60_000, 4000)), lines: { count: 250, holdMs: 10_000 } };
  const loop = new GappingLoop(capacity, [ordinary(100), many], 3);
  loop.run(60_000);
  const held = loop.seconds.slice(15);
  // its lines can answer 25 a second
  expect(sumOf(held, 'answered', 'televote') / held.length).toBeGreaterThan(15);
  expect(sumOf(held, 'admitted', 'ordinary')).toBeGreaterThan(0.98 * sumOf(held, 'offered', 'ordinary'));
});

it('four numbers of one televote are four gaps', () => {
  const four: Source = { ...televote(between(10_000, 40_000, 4000)), number: (r) => `900555121${Math.floor(r() * 4)}` };
  const loop = new GappingLoop(capacity, [ordinary(100), four], 5);
  loop.run(50_000);
  expect(loop.seconds[12]!.gaps.map(({ digits }) => digits).sort()).toEqual(
    ['0', '1', '2', '3'].map((last) => `900555121${last}`),
  );
  const held = loop.seconds.slice(12, 40);
  expect(sumOf(held, 'admitted', 'ordinary')).toBe(sumOf(held, 'offered', 'ordinary'));
  expect(loop.seconds[43]!.gaps).toEqual([]);
});

it('a surge of everybody to everybody, 100 to 4,000 calls per second, gaps nothing', () => {
  const everybody: Source = { ...ordinary(0), perSecond: between(20_000, 40_000, 4000, 100) };
  const loop = new GappingLoop(capacity, [everybody], 7);
  loop.run(45_000);
  expect(loop.changes).toEqual([]);
});

it('everybody within one area code, as always, gaps nothing either', () => {
  const local: Source = {
    ...ordinary(0),
    perSecond: between(20_000, 40_000, 4000, 100),
    number: (random) => `212${String(Math.floor(random() * 1e7)).padStart(7, '0')}`,
  };
  const loop = new GappingLoop(capacity, [local], 7);
  loop.run(45_000);
  expect(loop.changes).toEqual([]);
});

it('a surge to one town gaps its six digits, and lets go of them', () => {
  const town: Source = {
    ...ordinary(0),
    name: 'town',
    perSecond: between(20_000, 50_000, 1500, 1),
    number: (random) => `701775${String(Math.floor(random() * 1e4)).padStart(4, '0')}`,
    answered: 0.15,
  };
  const loop = new GappingLoop(capacity, [ordinary(100), town], 7);
  loop.run(60_000);
  expect(new Set(loop.seconds.flatMap(({ gaps }) => gaps.map(({ digits }) => digits)))).toEqual(new Set(['701775']));
  expect(loop.seconds[23]!.gaps[0]!.cause).toBe('hard-to-reach');
  const held = loop.seconds.slice(23, 50);
  expect(sumOf(held, 'admitted', 'ordinary')).toBeGreaterThan(0.97 * sumOf(held, 'offered', 'ordinary'));
  expect(loop.seconds[53]!.gaps).toEqual([]);
});

describe('a popular business number that answers well', () => {
  const business: Source = { ...ordinary(30), name: 'business', number: () => businessNumber, answered: 0.9 };

  it('is not gapped while everybody calls everybody', () => {
    const surge: Source = { ...ordinary(0), name: 'surge', perSecond: between(20_000, 50_000, 800) };
    const loop = new GappingLoop(capacity, [ordinary(60), business, surge], 7);
    loop.run(55_000);
    expect(loop.changes).toEqual([]);
  });

  it('is not gapped beside a televote', () => {
    const loop = new GappingLoop(capacity, [ordinary(60), business, televote(between(20_000, 40_000, 4000))], 7);
    loop.run(45_000);
    expect(loop.changes.filter(({ text }) => text.includes(businessNumber))).toEqual([]);
    const held = loop.seconds.slice(22, 40);
    expect(sumOf(held, 'admitted', 'business')).toBe(sumOf(held, 'offered', 'business'));
  });
});

it('a burst of 20 calls, one caller who redials, and a busy hour gap nothing', () => {
  const burst: Source = { ...televote(between(20_000, 20_200, 100)) };
  const redial: Source = { ...televote(() => 1), name: 'redial', number: () => '2025550147', answered: 0 };
  const loop = new GappingLoop(capacity, [ordinary(132), burst, redial], 7);
  loop.run(60_000);
  expect(loop.changes).toEqual([]);
});

it('a televote that grows over a minute is gapped when demand reaches the capacity', () => {
  const loop = new GappingLoop(capacity, [ordinary(100), televote((ms) => Math.max(0, ms - 20_000) / 15)], 7);
  loop.run(60_000);
  expect(loop.changes[0]!.ms).toBeLessThanOrEqual(22_000);
  const held = loop.seconds.slice(23);
  expect(sumOf(held, 'admitted', 'ordinary')).toBeGreaterThan(0.99 * sumOf(held, 'offered', 'ordinary'));
});

it('a televote that comes and goes every 10 s is gapped each time and let go each time', () => {
  const loop = new GappingLoop(capacity, [ordinary(100), televote((ms) => (Math.floor(ms / 10_000) % 2) * 2000)], 7);
  loop.run(60_000);
  for (const from of [10, 30, 50]) {
    expect(loop.seconds[from + 2]!.gaps.length).toBe(1);
    if (from < 50) expect(loop.seconds[from + 13]!.gaps).toEqual([]);
  }
  const held = [10, 30, 50].flatMap((from) => loop.seconds.slice(from + 2, from + 10));
  expect(sumOf(held, 'admitted', 'ordinary')).toBeGreaterThan(0.99 * sumOf(held, 'offered', 'ordinary'));
});

it('an edge that is started into a televote gaps it', () => {
  const loop = new GappingLoop(capacity, [ordinary(100), televote(() => 4000)], 7);
  loop.run(5000);
  expect(loop.changes[0]!.ms).toBeLessThanOrEqual(500);
  expect(loop.seconds[2]!.gaps.map(({ digits }) => digits)).toEqual([televoteNumber]);
});

it('whatever the seed', () => {
  for (const seed of [1, 2, 3]) {
    const loop = new GappingLoop(capacity, [ordinary(100), televote(between(5000, 15_000, 1000))], seed);
    loop.run(20_000);
    expect(loop.changes[0]!.ms).toBeLessThanOrEqual(6000);
    expect(loop.seconds.at(-1)!.gaps).toEqual([]);
    expect(new Set(loop.changes.flatMap(({ text }) => text.split(' ').map((one) => one.split(':')[0]!)))).toEqual(
      new Set([televoteNumber, '']),
    );
  }
});

describe('by hand', () => {
  const hot = (attempts: number, more: Partial<NumberSample> = {}) => numberSample(televoteNumber, attempts, more);
  const input = (nowMs: number, more: Partial<GappingInput>): GappingInput => ({
    numbers: [],
    ordinaryArrivalsPerSecond: 0,
    ordinaryCapacityPerSecond: capacity,
    isOverloaded: false,
    nowMs,
    intervalMs: 100,
    ...more,
  });
  function run(steps: number, more: (nowMs: number) => Partial<GappingInput>) {
    let state = noGapping;
    let gaps = stepGapping(state, input(0, {})).gaps;
    for (let i = 1; i <= steps; i++) ({ state, gaps } = stepGapping(state, input(i * 100, more(i * 100))));
    return { state, gaps };
  }

  it('gaps nothing where the capacity is not known and nothing is overloaded', () => {
    const { gaps } = run(50, () => ({
      numbers: [hot(400)],
      ordinaryArrivalsPerSecond: 4100,
      ordinaryCapacityPerSecond: Number.POSITIVE_INFINITY,
    }));
    expect(gaps).toEqual([]);
  });

  it('gaps where the switches are overloaded, capacity known or not', () => {
    for (const ordinaryCapacityPerSecond of [Number.POSITIVE_INFINITY, 10_000, 0]) {
      const { gaps } = run(10, () => ({
        numbers: [hot(400)],
        ordinaryArrivalsPerSecond: 4100,
        ordinaryCapacityPerSecond,
        isOverloaded: true,
      }));
      expect(gaps.map(({ digits }) => digits)).toEqual([televoteNumber]);
      expect(gaps[0]!.limit).toEqual({ kind: 'interval', intervalMs: expect.any(Number) });
    }
  });

  it('does not count what may be another number’s', () => {
    const { gaps } = run(50, () => ({ numbers: [hot(400, { excess: 399 })], ordinaryArrivalsPerSecond: 4100 }));
    expect(gaps).toEqual([]);
  });

  it('a capacity that is forgotten while the gap holds does not end it; the end of the surge does', () => {
    const during = (ms: number): Partial<GappingInput> => ({
      numbers: [hot(400, { refusedByGap: ms > 1000 ? 398 : 0 })],
      ordinaryArrivalsPerSecond: 4100,
      ordinaryCapacityPerSecond: ms > 2000 ? Number.POSITIVE_INFINITY : capacity,
    });
    expect(run(600, during).gaps.length).toBe(1);
    expect(run(626, (ms) => (ms <= 60_000 ? during(ms) : { ordinaryArrivalsPerSecond: 100 })).gaps).toEqual([]);
  });

  it('gaps end by themselves 2 s after the last step', () => {
    const { gaps } = run(10, () => ({ numbers: [hot(400)], ordinaryArrivalsPerSecond: 4100 }));
    expect(gaps[0]!.untilMs).toBe(1000 + 2000);
  });

  it('remembers a bounded number of destinations, whatever is called', () => {
    let n = 0;
    const { state } = run(600, () => ({
      numbers: Array.from({ length: 48 }, () => hot(1, { digits: String(2e9 + n++) })),
      ordinaryArrivalsPerSecond: 480,
    }));
    // those of the last second, and those with half a percent of normal traffic
    expect(state.destinations.byKey.size).toBeLessThanOrEqual(480 + 200);
  });
});
