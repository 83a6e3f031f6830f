import fc from 'fast-check';
import { expect, it } from 'vitest';
import { initialIndicators, stepIndicators } from '../../src/control/indicators.ts';
import { initialStage, type StageState, stageFactors, stepStage } from '../../src/control/stages.ts';
import {
  type Indicator,
  type IndicatorName,
  indicatorNames,
  type RunningMode,
  runningModes,
} from '../../src/control/throttle.ts';
import { calm } from './traffic.ts';

interface Asked {
  readonly name?: IndicatorName;
  readonly proposes?: RunningMode;
  readonly orchestrator?: RunningMode;
}

const proposalsOf = ({ name = 'memory', proposes }: Asked): Indicator[] =>
  proposes === undefined ? [] : [{ name, interface: undefined, value: 1, proposes }];

/** The factor every 100 ms. */
function run(asked: readonly Asked[], start: StageState = initialStage): StageState[] {
  let state = start;
  return asked.map((one, i) => {
    state = stepStage(state, { proposals: proposalsOf(one), orderedMode: one.orchestrator, nowMs: i * 100 });
    return state;
  });
}

const times = (count: number, asked: Asked): Asked[] => Array.from({ length: count }, () => asked);
/** When it changed, to what. */
const changes = (states: readonly StageState[]): string[] =>
  states.flatMap(({ factor }, i) => (factor === (states[i - 1]?.factor ?? 1) ? [] : [`${i * 100} ${factor}`]));

it('reduces at once, then in stages two seconds apart, and stays at the last', () => {
  expect(changes(run(times(100, { proposes: 'L2' })))).toEqual(['0 0.9', '2000 0.75', '4000 0.5', '6000 0.25']);
});

it('goes faster in L3, and on the orchestrator order as well', () => {
  const expected = ['0 0.9', '500 0.75', '1000 0.5', '1500 0.25'];
  expect(changes(run(times(100, { proposes: 'L3' })))).toEqual(expected);
  expect(changes(run(times(100, { orchestrator: 'L3' })))).toEqual(expected);
});

it('demand alone reduces nothing', () => {
  for (const name of indicatorNames) {
    const reduces = ['kernel-buffer', 'event-loop', 'memory'].includes(name);
    expect(changes(run(times(20, { name, proposes: 'L3' }))).length > 0, name).toBe(reduces);
  }
});

it('gives everything back within a second', () => {
  const states = run([...times(70, { proposes: 'L2' }), ...times(10, {})]);
  expect(changes(states).slice(4)).toEqual(['7000 0.5', '7200 0.75', '7400 0.9', '7600 1']);
});

it('goes back slowly while demand still asks for a mode: the reduction may be what keeps the loop well', () => {
  const states = run([...times(30, { proposes: 'L2' }), ...times(200, { name: 'arrivals', proposes: 'L3' })]);
  expect(changes(states)).toEqual(['0 0.9', '2000 0.75', '7000 0.9', '12000 1']);
});

it.each([
  ['while a surge lasts', 1, 0.5, 0.9, 8],
  ['when nothing else is wrong', 0, 0.5, 1, 30],
])('swings ever less where the reduction is what keeps the loop well: %s', (_name, atCapacity, least, most, count) => {
  let indicators = initialIndicators;
  let stage = initialStage;
  const swings: number[] = [];
  for (let nowMs = 0; nowMs < 240_000; nowMs += 100) {
    // Ordinary calls at full capacity would take 1.1 of the loop.
    const loopUtilisation = Math.min(1, 0.2 + 0.9 * stage.factor);
    const switches = { count: 1, atCapacity, worstDemandRatio: 4 };
    const inputs = { ...calm, host: { ...calm.host, loopUtilisation }, switches };
    const step = stepIndicators(indicators, inputs, nowMs);
    indicators = step.states;
    const before = stage.stage;
    stage = stepStage(stage, { proposals: step.indicators, orderedMode: undefined, nowMs });
    if (stage.stage !== before && nowMs > 120_000) swings.push(stage.factor);
  }
  expect(swings.length).toBeLessThanOrEqual(count);
  expect(Math.min(...swings)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...swings)).toBeLessThanOrEqual(most);
});

it('forgets relapses once it has been well for a while', () => {
  const relapse = [...times(1, { proposes: 'L2' }), ...times(30, {})];
  const states = run([...relapse, ...relapse, ...relapse, ...times(200, {}), ...relapse]);
  const heldMs = changes(states).map((one) => Number(one.split(' ')[0]));
  const backMs = heldMs.flatMap((ms, i) => (i % 2 === 1 ? [ms - heldMs[i - 1]!] : []));
  expect(backMs).toEqual([200, 400, 800, 200]);
});

it('goes back slowly in L1, but does not stay', () => {
  const states = run([...times(30, { proposes: 'L2' }), ...times(200, { proposes: 'L1' })]);
  expect(changes(states)).toEqual(['0 0.9', '2000 0.75', '7000 0.9', '12000 1']);
});

it('moves one stage at a time, among its factors, and settles under constant input', () => {
  const mode = fc.constantFrom(...runningModes);
  fc.assert(
    fc.property(fc.array(mode, { maxLength: 200 }), mode, (before, last) => {
      const states = run([...before, ...Array<RunningMode>(300).fill(last)].map((proposes) => ({ proposes })));
      states.forEach(({ stage, factor }, i) => {
        expect(stageFactors[stage]).toBe(factor);
        expect(Math.abs(stage - (states[i - 1]?.stage ?? 0))).toBeLessThanOrEqual(1);
      });
      expect(states.at(-1)?.factor).toBe(last === 'L2' || last === 'L3' ? 0.25 : 1);
    }),
  );
});
