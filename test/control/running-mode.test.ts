import fc from 'fast-check';
import { expect, it } from 'vitest';
import { initialMode, type ModeCause, type ModeState, stepMode } from '../../src/control/running-mode.ts';
import { type Indicator, type RunningMode, runningModes } from '../../src/control/throttle.ts';

const proposal = (proposes: RunningMode, name: Indicator['name'] = 'arrivals'): Indicator => {
  return { name, interface: 'south', value: 9, proposes };
};

const ordered = (mode: RunningMode | undefined) =>
  mode === undefined ? [] : [{ name: 'orchestrator' as const, proposes: mode }];

interface Asked {
  readonly local?: RunningMode;
  readonly orchestrator?: RunningMode;
}

function run(asked: readonly Asked[], start = initialMode(0)): ModeState[] {
  let state = start;
  return asked.map(({ local, orchestrator }, i) => {
    const proposals = local === undefined || local === 'L0' ? [] : [proposal(local)];
    state = stepMode(state, { proposals: [...proposals, ...ordered(orchestrator)], nowMs: i * 100 });
    return state;
  });
}

const modes = (asked: readonly Asked[]): string =>
  run(asked)
    .map(({ mode }) => mode)
    .join(' ');
const times = (count: number, asked: Asked): Asked[] => Array.from({ length: count }, () => asked);

it('rises at once, by any number of steps', () => {
  expect(modes([{}, { local: 'L3' }])).toBe('L0 L3');
  expect(modes([{ local: 'L1' }, { orchestrator: 'L2' }])).toBe('L1 L2');
});

it('is the higher of the local one and of the orchestrator', () => {
  expect(modes([{ local: 'L1', orchestrator: 'L3' }])).toBe('L3');
  expect(modes([{ local: 'L2', orchestrator: 'L1' }])).toBe('L2');
  expect(modes([{ orchestrator: 'L0' }])).toBe('L0');
});

it('falls one step at a time, each after 200 ms', () => {
  expect(modes([{ local: 'L3' }, ...times(8, {})])).toBe('L3 L3 L3 L2 L2 L1 L1 L0 L0');
  expect(modes([{ local: 'L3' }, ...times(6, { local: 'L2' })])).toBe('L3 L3 L3 L2 L2 L2 L2');
});

it('a proposal on the way down stops the fall', () => {
  expect(modes([{ local: 'L2' }, {}, { local: 'L2' }, {}, {}])).toBe('L2 L2 L2 L2 L2');
});

it('says since when and why, on the way down too', () => {
  const proposals = [proposal('L2', 'arrivals'), proposal('L2', 'memory'), proposal('L1', 'reserve')];
  const up = stepMode<ModeCause>(initialMode(0), { proposals: [...proposals, ...ordered('L2')], nowMs: 500 });
  expect(up).toEqual({
    mode: 'L2',
    sinceMs: 500,
    causes: ['arrivals', 'memory', 'orchestrator'],
    lessSinceMs: undefined,
  });
  const kept = stepMode(up, { proposals, nowMs: 600 });
  expect(kept).toMatchObject({ sinceMs: 500, causes: ['arrivals', 'memory'] });
  const states = run([{ local: 'L2' }, ...times(6, {})]);
  expect(states.map(({ causes }) => causes.join())).toEqual([...Array(5).fill('arrivals'), '', '']);
  expect(states.at(-1)?.sinceMs).toBe(500);
});

it('is never below what is asked, never more than once a dwell lower, and settles on what is asked', () => {
  const mode = fc.constantFrom(...runningModes);
  fc.assert(
    fc.property(fc.array(fc.record({ local: mode, orchestrator: mode }), { maxLength: 100 }), (asked) => {
      const states = run([...asked, ...times(10, asked.at(-1) ?? {})]);
      const rank = (m: RunningMode | undefined): number => runningModes.indexOf(m ?? 'L0');
      const wanted = (i: number): number => Math.max(rank(asked[i]?.local), rank(asked[i]?.orchestrator));
      let fellAt = Number.NEGATIVE_INFINITY;
      states.forEach(({ mode: now }, i) => {
        if (i < asked.length) expect(rank(now)).toBeGreaterThanOrEqual(wanted(i));
        const before = rank(states[i - 1]?.mode);
        if (rank(now) >= before) return;
        expect(before - rank(now)).toBe(1);
        expect(i - fellAt).toBeGreaterThanOrEqual(2);
        fellAt = i;
      });
      expect(rank(states.at(-1)?.mode)).toBe(asked.length === 0 ? 0 : wanted(asked.length - 1));
    }),
  );
});
