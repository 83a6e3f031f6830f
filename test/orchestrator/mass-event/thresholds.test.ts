import { describe, expect, it } from 'vitest';
import { eventRules } from '../../../src/orchestrator/mass-event/event-rules.ts';
import {
  type ThresholdCondition,
  type ThresholdRule,
  thresholdName,
  thresholdRules,
} from '../../../src/orchestrator/mass-event/threshold-rules.ts';
import { changes, gigabyte, hostAt, hostMaximum, modeNames, type Ratios, runEvent } from './event-run.ts';

const rule = (...when: ThresholdCondition[]): ThresholdRule => {
  return { name: thresholdName(when), when, proposes: 'L2', setDwellMs: 1000, clearDwellMs: 1000 };
};
const only = (...thresholds: ThresholdRule[]) => ({ rules: { ...eventRules, thresholds } });

/** Whether it is set under this use, and what it says. */
function proposalAt(condition: readonly ThresholdCondition[], ratios: Ratios): string | undefined {
  const proposal = runEvent(() => ({ host: hostAt(ratios) }), 3, only(rule(...condition))).at(-1)?.proposals[0];
  return proposal === undefined ? undefined : `${proposal.name}: ${proposal.detail}`;
}

const memory = (ratio: number): ThresholdCondition => ({ resource: 'memoryBytes', ratio });
const memoryAmount = (gigabytes: number): ThresholdCondition => ({
  resource: 'memoryBytes',
  amount: gigabytes * gigabyte,
});

describe('the seed: 191 of 200 GB in use', () => {
  const ratios = { memoryBytes: 191 / 200 };

  it.each([80, 85, 90, 95])('exceeds a threshold of %d %%', (percent) => {
    expect(proposalAt([memory(percent / 100)], ratios)).toBe(`memoryBytes ${percent} %: memoryBytes 191 GB of 200 GB`);
  });
  it.each([96, 97, 98, 99, 100])('does not exceed one of %d %%', (percent) => {
    expect(proposalAt([memory(percent / 100)], ratios)).toBeUndefined();
  });
  it.each([150, 175, 190])('exceeds a fixed amount of %d GB', (amount) => {
    expect(proposalAt([memoryAmount(amount)], ratios)).toBe(`memoryBytes ${amount} GB: memoryBytes 191 GB`);
  });
  it('does not exceed a fixed amount of 195 GB', () => {
    expect(proposalAt([memoryAmount(195)], ratios)).toBeUndefined();
  });
  it('leaves no more than 10 GB, but more than 5 GB', () => {
    const left = (gigabytes: number): ThresholdCondition => ({
      resource: 'memoryBytes',
      available: gigabytes * gigabyte,
    });
    expect(proposalAt([left(10)], ratios)).toBe('memoryBytes 10 GB left: memoryBytes 9 GB left');
    expect(proposalAt([left(5)], ratios)).toBeUndefined();
  });
});

describe('each resource', () => {
  it.each(Object.keys(hostMaximum) as (keyof Ratios)[])('%s has thresholds of its own', (resource) => {
    expect(proposalAt([{ resource, ratio: 0.9 }], { [resource]: 0.9 })).toMatch(`${resource} 90 %`);
    expect(proposalAt([{ resource, ratio: 0.9 }], { [resource]: 0.89 })).toBeUndefined();
    expect(proposalAt([{ resource, amount: 3 }], { [resource]: 1 })).toMatch(`${resource} 3 `);
  });

  it('of which nothing is known is in no trouble, and a meter that fails holds no mode', () => {
    const { cpuCores, ...others } = hostAt({}).used;
    const failed = { maximum: hostMaximum, used: others };
    const rules = only(rule({ resource: 'cpuCores', ratio: 0.5 }), rule({ resource: 'cpuCores', amount: 8 }));
    const moments = runEvent((nowMs) => ({ host: nowMs < 5000 ? hostAt({ cpuCores: 0.9 }) : failed }), 10, rules);
    expect(changes(moments)).toEqual([
      '1 s L2 (cpuCores 50 %, cpuCores 8 cores)',
      '8 s L1 (cpuCores 50 %, cpuCores 8 cores)',
    ]);
    const unrationed = { maximum: { cpuCores: 0 }, used: { cpuCores: 5, memoryBytes: 5 } };
    const all = only(rule({ resource: 'cpuCores', ratio: 0.5 }), rule(memory(0.5)), rule({ overallRatio: 0.1 }));
    expect(changes(runEvent(() => ({ host: unrationed }), 10, all))).toEqual([]);
  });
});

describe('combinations', () => {
  const both = [{ resource: 'cpuCores', ratio: 0.95 }, memory(0.85)] as const;

  it('must hold all at once', () => {
    const name = 'cpuCores 95 % and memoryBytes 85 %';
    const detail = 'cpuCores 15.4 cores of 16 cores, memoryBytes 172 GB of 200 GB';
    expect(proposalAt(both, { cpuCores: 0.96, memoryBytes: 0.86 })).toBe(`${name}: ${detail}`);
    expect(proposalAt(both, { cpuCores: 0.94, memoryBytes: 0.99 })).toBeUndefined();
    expect(proposalAt(both, { cpuCores: 1, memoryBytes: 0.84 })).toBeUndefined();
  });

  it('clear as soon as one of them has', () => {
    const at = (nowMs: number): Ratios => ({ cpuCores: 0.96, memoryBytes: nowMs < 4000 ? 0.86 : 0.79 });
    const moments = runEvent((nowMs) => ({ host: hostAt(at(nowMs)) }), 8, only(rule(...both)));
    expect(moments.find(({ nowMs, proposals }) => nowMs > 2000 && proposals.length === 0)?.nowMs).toBe(5000);
  });

  it('an overall percentage is the mean of all resources', () => {
    const ratios = {
      cpuCores: 0.9,
      memoryBytes: 0.9,
      diskBytes: 0.5,
      diskBytesPerSecond: 0.7,
      networkBytesPerSecond: 1,
    };
    expect(proposalAt([{ overallRatio: 0.8 }], ratios)).toBe('overall 80 %: overall 80 %');
    expect(proposalAt([{ overallRatio: 0.81 }], ratios)).toBeUndefined();
  });

  it('without any condition is never set', () => expect(proposalAt([], { cpuCores: 1 })).toBeUndefined());
});

describe('hysteresis', () => {
  const when: readonly (readonly [ThresholdCondition, stays: number, clears: number])[] = [
    [memory(0.9), 0.86, 0.84],
    [{ ...memory(0.9), clearRatio: 0.7 } as ThresholdCondition, 0.71, 0.69],
    [memoryAmount(190), 0.91, 0.9],
    [{ resource: 'memoryBytes', amount: 190e9, clearAmount: 100e9 }, 0.51, 0.49],
    [{ resource: 'memoryBytes', available: 20e9 }, 0.896, 0.894],
    [{ resource: 'memoryBytes', available: 20e9, clearAvailable: 40e9 }, 0.81, 0.79],
  ];
  it.each(when)('%o stays set at %d and clears at %d of the maximum', (condition, stays, clears) => {
    const set = runEvent(() => ({ host: hostAt({ memoryBytes: 0.97 }) }), 3, only(rule(condition)));
    for (const [value, count] of [
      [stays, 1],
      [clears, 0],
    ] as const) {
      const after = runEvent(() => ({ host: hostAt({ memoryBytes: value }) }), 3, {
        ...only(rule(condition)),
        from: set,
      });
      expect(after.at(-1)?.proposals, `${value}`).toHaveLength(count);
    }
  });

  it('a clear level above the set level is none', () => {
    const odd = rule({ resource: 'memoryBytes', ratio: 0.5, clearRatio: 0.9 });
    expect(
      new Set(modeNames(runEvent(() => ({ host: hostAt({ memoryBytes: 0.7 }) }), 60, only(odd))).slice(10)),
    ).toEqual(new Set(['L2']));
  });
});

describe('the default table', () => {
  it('has one name per rule that proposes the same', () => {
    const keys = thresholdRules.map(({ name, proposes }) => `${proposes} ${name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(thresholdRules.map((one) => [one.proposes, one.name, one] as const))('%s at %s', (proposes, name, one) => {
    const at = (shift: number): Ratios => {
      return Object.fromEntries(one.when.map((part) => ('ratio' in part ? [part.resource, part.ratio + shift] : [])));
    };
    const isSet = (moment: ReturnType<typeof runEvent>[number]): boolean =>
      moment.proposals.some((proposal) => proposal.name === name && proposal.proposes === proposes);
    const above = runEvent(() => ({ host: hostAt(at(0.005)) }), one.setDwellMs / 1000 + 1);
    expect(above.find(isSet)?.nowMs).toBe(one.setDwellMs);
    const below = runEvent(() => ({ host: hostAt(at(-0.005)) }), 60);
    expect(below.some(isSet)).toBe(false);
    const after = runEvent(() => ({ host: hostAt({}) }), 10, { from: above });
    expect(after.find((moment) => !isSet(moment))!.nowMs - after[0]!.nowMs).toBe(one.clearDwellMs);
    expect(changes(after).at(-1)).toMatch(/ L0$/);
  });

  it('a busy processor alone is no crisis', () => {
    const moments = runEvent(() => ({ host: hostAt({ cpuCores: 1 }) }), 120);
    expect(changes(moments)).toEqual(['5 s L1 (cpuCores 90 %)', '10 s L2 (cpuCores 97 %)']);
  });

  it('memory goes from L1 to L3 and back', () => {
    const ratio = (nowMs: number): number => [0.86, 0.91, 0.96, 0.6][Math.min(3, Math.floor(nowMs / 10_000))]!;
    expect(changes(runEvent((nowMs) => ({ host: hostAt({ memoryBytes: ratio(nowMs) }) }), 45))).toEqual([
      '2 s L1 (memoryBytes 85 %)',
      '12 s L2 (memoryBytes 90 %)',
      '21.5 s L3 (memoryBytes 95 %)',
      '33 s L2 (memoryBytes 95 %)',
      '35 s L1 (memoryBytes 95 %)',
      '37 s L0',
    ]);
  });
});
