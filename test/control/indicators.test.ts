import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels } from '../../src/control/indicator-levels.ts';
import {
  type IndicatorInputs,
  type InterfaceInputs,
  initialIndicators,
  stepIndicators,
} from '../../src/control/indicators.ts';
import { type IndicatorName, indicatorNames, runningModes } from '../../src/control/throttle.ts';
import { calm, intervalMs } from './traffic.ts';

const quiet = { perSecond: 0, normalPerSecond: 100 };
const south: InterfaceInputs = { name: 'south', newCalls: quiet, registrations: quiet, kernel: undefined };

/** The same inputs for a time: what is proposed at its end, and how often that changed on the way. */
function hold(inputs: IndicatorInputs, forMs: number, from = { states: initialIndicators, nowMs: 0 }) {
  let { states, nowMs } = from;
  let proposed = '';
  let changes = 0;
  let result = stepIndicators(states, inputs, nowMs);
  for (const endMs = nowMs + forMs; nowMs < endMs; ) {
    nowMs += intervalMs;
    result = stepIndicators(states, inputs, nowMs);
    states = result.states;
    const now = result.indicators.map(({ name, proposes }) => `${name} ${proposes}`).join();
    if (now !== proposed) changes++;
    proposed = now;
  }
  return { ...result, states, nowMs, proposed, changes };
}

const kernel = (receiveQueueRatio: number, drops = 0): Partial<IndicatorInputs> => {
  return { interfaces: [{ ...south, kernel: { receiveQueueRatio, drops } }] };
};
const host = (values: Partial<IndicatorInputs['host']>): Partial<IndicatorInputs> => {
  return { host: { ...calm.host, ...values } };
};
const calls = (perSecond: number, normalPerSecond: number | undefined): Partial<IndicatorInputs> => {
  return { interfaces: [{ ...south, newCalls: { perSecond, normalPerSecond } }] };
};
const registers = (perSecond: number): Partial<IndicatorInputs> => {
  return { interfaces: [{ ...south, registrations: { perSecond, normalPerSecond: 100 } }] };
};
const switches = (count: number, atCapacity: number, worstDemandRatio: number): Partial<IndicatorInputs> => {
  return { switches: { count, atCapacity, worstDemandRatio } };
};
const hot = (shareRatio: number, perSecond: number): Partial<IndicatorInputs> => {
  return { interfaces: [south], concentration: { shareRatio, perSecond } };
};

describe('what proposes what, and within which time', () => {
  const cases: readonly (readonly [string, Partial<IndicatorInputs>, number, string])[] = [
    ['nothing', {}, 60_000, ''],
    ['a busy hour', calls(200, 100), 60_000, ''],
    ['300 %', calls(300, 100), 4000, 'arrivals L1'],
    ['400 %, at first', calls(400, 100), 4000, 'arrivals L1'],
    ['400 % that lasts', calls(400, 100), 10_000, 'arrivals L2'],
    ['500 %', calls(500, 100), 1500, 'arrivals L2'],
    ['1000 %', calls(1000, 100), 1000, 'arrivals L3'],
    ['London: 333 over 33', calls(333, 33), 1000, 'arrivals L3'],
    ['9/11: 4,000 over 100', calls(4000, 100), 500, 'arrivals L3'],
    ['any rate while normal is not known', calls(4000, undefined), 60_000, ''],
    ['one caller who redials, over a normal of almost nothing', calls(5, 0.1), 60_000, ''],
    ['300 % of REGISTERs', registers(300), 4000, 'registrations L1'],
    ['4000 % of REGISTERs', registers(4000), 60_000, 'registrations L2'],
    ['a receive queue half full', kernel(0.5), 500, 'kernel-buffer L1'],
    ['at 75 %', kernel(0.75), 500, 'kernel-buffer L2'],
    ['at 90 %', kernel(0.9), 500, 'kernel-buffer L3'],
    ['a drop', kernel(0, 1), 100, 'kernel-buffer L3'],
    ['a busy loop', host({ loopUtilisation: 0.9 }), 2200, 'event-loop L1'],
    ['a saturated loop', host({ loopUtilisation: 1 }), 60_000, 'event-loop L1'],
    ['a loop 250 ms late', host({ loopDelayMs: 250 }), 1200, 'event-loop L2'],
    ['a loop 400 ms late', host({ loopDelayMs: 400 }), 1200, 'event-loop L3'],
    ['85 % of memory', host({ memoryRatio: 0.85 }), 2200, 'memory L1'],
    ['95 % of memory', host({ memoryRatio: 0.95 }), 2200, 'memory L3'],
    ['one switch of two at capacity', switches(2, 1, 9), 60_000, 'switch-capacity L1'],
    ['the only one', switches(1, 1, 1), 1200, 'switch-capacity L1'],
    ['twice what it can do', switches(1, 1, 2), 600, 'switch-capacity L2'],
    ['five times', switches(2, 2, 5), 600, 'switch-capacity L3'],
    ['a switch that is not at capacity', switches(1, 0, 0.99), 60_000, ''],
    ['the reserve in use', { reserveInUse: true }, 700, 'reserve L1'],
    ['the reserve in use for long', { reserveInUse: true }, 5200, 'reserve L2'],
    ['a televote', hot(0.8, 2200), 700, 'concentration L1'],
    ['a call centre in its busy hour', hot(0.75, 150), 60_000, ''],
    [
      'a fresh edge that is tried with one number',
      { ...calls(100, undefined), concentration: { shareRatio: 1, perSecond: 100 } },
      60_000,
      '',
    ],
    ['one caller on one number', hot(1, 5), 60_000, ''],
  ];
  it.each(cases)('%s', (_name, inputs, withinMs, expected) => {
    expect(hold({ ...calm, ...inputs }, withinMs).proposed).toBe(expected);
  });
});

it('tells the worst interface, what it measured there, and the highest first', () => {
  const east = { ...south, name: 'east' as const, newCalls: { perSecond: 1500, normalPerSecond: 100 } };
  const busy = { ...south, newCalls: { perSecond: 600, normalPerSecond: 100 } };
  const { indicators, values } = hold({ ...calm, interfaces: [busy, east], reserveInUse: true }, 4000);
  expect(indicators).toEqual([
    { name: 'arrivals', interface: 'east', value: 15, proposes: 'L3' },
    { name: 'reserve', interface: undefined, value: 1, proposes: 'L1' },
  ]);
  expect(Object.keys(values)).toEqual([...indicatorNames]);
});

it('a burst of 20 calls raises nothing, on a quiet interface as in a busy hour', () => {
  for (const normalPerSecond of [1, 10, 33, 100]) {
    const busy = hold({ ...calm, ...calls(normalPerSecond * 2, normalPerSecond) }, 5000);
    const burst = hold({ ...calm, ...calls(normalPerSecond * 2 + 200, normalPerSecond) }, 100, busy);
    const after = hold({ ...calm, ...calls(normalPerSecond * 2, normalPerSecond) }, 5000, burst);
    expect([burst.proposed, after.proposed, after.changes]).toEqual(['', '', 0]);
  }
});

it('an interface that is gone proposes nothing', () => {
  const surge = hold({ ...calm, ...calls(1000, 100) }, 2000);
  expect(hold(calm, 100, surge).proposed).toBe('');
});

/** All inputs from one number between 0 and 1: the more, the worse. */
function atPressure(x: number, atMost: Partial<Record<IndicatorName, number>> = {}): IndicatorInputs {
  const of = (name: IndicatorName): number => Math.min(x, atMost[name] ?? 1);
  return {
    intervalMs,
    interfaces: [
      {
        name: 'south',
        newCalls: { perSecond: of('arrivals') * 2000, normalPerSecond: 100 },
        registrations: { perSecond: of('registrations') * 2000, normalPerSecond: 100 },
        kernel: { receiveQueueRatio: of('kernel-buffer'), drops: of('kernel-buffer') > 0.97 ? 3 : 0 },
      },
    ],
    host: { loopUtilisation: of('event-loop'), loopDelayMs: of('event-loop') * 400, memoryRatio: of('memory') },
    switches: {
      count: 1,
      atCapacity: of('switch-capacity') > 0.2 ? 1 : 0,
      worstDemandRatio: of('switch-capacity') * 8,
    },
    reserveInUse: of('reserve') > 0.5,
    concentration: { shareRatio: of('concentration'), perSecond: of('concentration') * 2000 },
  };
}

it('constant inputs make it settle: proposals rise and stay', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), (thousandths) => {
      const x = thousandths / 1000;
      // the longest: 10 s that REGISTERs must last, after the 3 s that they are counted over
      const settled = hold(atPressure(x), 15_000);
      expect(hold(atPressure(x), 20_000, settled).proposed).toBe(settled.proposed);
      expect(hold(atPressure(x), 20_000, { ...settled, nowMs: settled.nowMs }).changes).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

it('is monotone: more of anything never proposes less', () => {
  const pressure = fc.double({ min: 0, max: 1, noNaN: true });
  const rank = (inputs: IndicatorInputs): number[] => {
    const { indicators } = hold(inputs, 12_000);
    return indicatorNames.map((name) =>
      runningModes.indexOf(indicators.find((one) => one.name === name)?.proposes ?? 'L0'),
    );
  };
  fc.assert(
    fc.property(pressure, pressure, (a, b) => {
      const less = rank(atPressure(Math.min(a, b)));
      const more = rank(atPressure(Math.max(a, b)));
      for (const [i, value] of less.entries()) expect(more[i]).toBeGreaterThanOrEqual(value);
    }),
    { numRuns: 40 },
  );
});

it('everything is clear again two seconds after all of it ends', () => {
  const worst = hold(atPressure(1), 20_000);
  expect(worst.indicators.length).toBe(indicatorNames.length);
  const after = hold(atPressure(0.05), 2000, worst);
  expect(after.proposed).toBe('');
});

it('the table: clear is not above set, and a higher mode is set no lower', () => {
  for (const level of levels) {
    expect(level.clearAt).toBeLessThanOrEqual(level.setAt);
    const higher = levels.filter((one) => one.measure === level.measure && one.proposes > level.proposes);
    for (const one of higher) expect(one.setAt).toBeGreaterThanOrEqual(level.setAt);
  }
});
