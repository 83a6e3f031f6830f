import { describe, expect, it } from 'vitest';
import { eventRules } from '../../../src/orchestrator/mass-event/event-rules.ts';
import type { EventInput } from '../../../src/orchestrator/mass-event/mass-event.ts';
import { application, changes, gigabyte, hostAt, type Moment, modeNames, reporting, runEvent } from './event-run.ts';

const until = (ms: number, input: Partial<EventInput>) => (nowMs: number) => (nowMs < ms ? input : {});
const memory = (ratio: number) => ({ host: hostAt({ memoryBytes: ratio }) });

describe('the emergency reserve of the host', () => {
  const exempt = (gigabytes: number, ratio: number) => {
    const gets = application({ name: 'gets', isExempt: true, used: { memoryBytes: gigabytes * gigabyte } });
    return {
      host: hostAt({ memoryBytes: ratio }),
      applications: [gets, application({ used: { memoryBytes: 100e9 } })],
    };
  };
  const rules = { ...eventRules, thresholds: [] };

  it('is in use where exempt applications do not fit beside the others: L1, for longer L2', () => {
    const moments = runEvent(until(10_000, exempt(20, 0.9)), 20, { rules });
    expect(changes(moments)).toEqual([
      '1 s L1 (reserve of the host)',
      '5 s L2 (reserve of the host)',
      '13 s L1 (reserve of the host)',
      '15 s L0',
    ]);
    expect(moments[8]?.proposals[0]?.detail).toBe('memoryBytes 20 GB of 40 GB');
  });
  it('is not while there is room beside it', () => {
    expect(changes(runEvent(() => exempt(60, 0.8), 20, { rules }))).toEqual([]);
  });
  it('is not because others use up what is left', () => {
    expect(changes(runEvent(() => exempt(5, 0.99), 20, { rules }))).toEqual([]);
  });
  it('is not where there is none', () => {
    expect(changes(runEvent(() => ({ ...exempt(60, 0.99), reserve: {} }), 20, { rules }))).toEqual([]);
  });
});

describe('peers', () => {
  const peer = (mode: 'L0' | 'L1' | 'L2' | 'L3', proposes?: 'L0' | 'L1' | 'L3') => ({
    peers: [{ name: 'east-1', mode, proposes }],
  });

  it('in a crisis are a warning: L1, never more', () => {
    expect(changes(runEvent(() => peer('L0'), 20))).toEqual([]);
    expect(changes(runEvent(() => peer('L1'), 20))).toEqual([]);
    expect(changes(runEvent(() => peer('L2'), 20))).toEqual(['1 s L1 (peer east-1)']);
    expect(changes(runEvent(() => peer('L3'), 20))).toEqual(['1 s L1 (peer east-1)']);
  });
  it('may propose nothing, each for itself', () => {
    expect(changes(runEvent(() => peer('L3', 'L0'), 20))).toEqual([]);
    const other = { name: 'west-1', mode: 'L2' as const };
    expect(changes(runEvent(() => ({ peers: [...peer('L3', 'L0').peers, other] }), 20))).toEqual([
      '1 s L1 (peer west-1)',
    ]);
  });
  it('whose state is not valid any more propose nothing', () => {
    expect(changes(runEvent(until(10_000, peer('L3')), 20))).toEqual(['1 s L1 (peer east-1)', '12 s L0']);
  });
  it('never propose as much as makes a peer propose it, whatever rules say', () => {
    const latching = { ...eventRules, peers: { ...eventRules.peers, from: 'L1' as const, proposes: 'L3' as const } };
    expect(changes(runEvent(() => peer('L3'), 20, { rules: latching }))).toEqual([]);
    const deeper = { ...eventRules, peers: { ...eventRules.peers, from: 'L3' as const, proposes: 'L3' as const } };
    expect(changes(runEvent(() => peer('L3', 'L3'), 20, { rules: deeper }))).toEqual(['1 s L2 (peer east-1)']);
  });
  it('two hosts do not hold each other in a mode', () => {
    let [a, b]: [Moment[], Moment[]] = [[], []];
    for (let second = 0; second < 40; second++) {
      const modeOf = (moments: Moment[]) => moments.at(-1)?.mode.mode ?? 'L0';
      const [ofA, ofB] = [modeOf(a), modeOf(b)];
      const host = memory(second < 10 ? 0.96 : 0.3);
      const nextA = runEvent(() => ({ ...host, peers: [{ name: 'b', mode: ofB }] }), 1, { from: a });
      const nextB = runEvent(() => ({ peers: [{ name: 'a', mode: ofA }] }), 1, { from: b });
      [a, b] = [
        [...a, ...nextA],
        [...b, ...nextB],
      ];
    }
    expect([changes(a).length, changes(b).length]).toEqual([4, 2]);
    expect([a.at(-1)?.mode.mode, b.at(-1)?.mode.mode]).toEqual(['L0', 'L0']);
  });
});

describe("the operator's order", () => {
  it('wins over everything, up and down', () => {
    expect(changes(runEvent(() => ({ override: 'L2' }), 5))).toEqual(['0 s L2 (operator)']);
    const held = runEvent((nowMs) => ({ ...memory(0.99), override: nowMs >= 10_000 ? 'L0' : undefined }), 30);
    expect(changes(held).at(-1)).toBe('10 s L0 (operator)');
    expect(held.at(-1)?.proposals[0]).toMatchObject({ name: 'memoryBytes 95 %', proposes: 'L3' });
    const kept = runEvent((nowMs) => ({ override: nowMs < 5000 ? 'L0' : 'L3' }), 10);
    expect(changes(kept)).toEqual(['5 s L3 (operator)']);
  });
  it('lifted, indicators count again: at once upwards, step by step downwards', () => {
    const lifted = (override: 'L0' | 'L3', ratio: number) =>
      changes(runEvent((nowMs) => ({ ...memory(ratio), override: nowMs < 10_000 ? override : undefined }), 20)).slice(
        1,
      );
    expect(lifted('L3', 0.3)).toEqual(['12 s L2 (operator)', '14 s L1 (operator)', '16 s L0']);
    expect(
      changes(runEvent((nowMs) => ({ ...memory(0.96), override: nowMs < 10_000 ? 'L0' : undefined }), 20)),
    ).toEqual(['10 s L3 (memoryBytes 95 %)']);
  });
});

describe('attributes', () => {
  const stages = (moments: readonly Moment[]) =>
    moments.flatMap(({ attributes, nowMs }, i) => {
      const before = moments[i - 1]?.attributes;
      if (JSON.stringify(before) === JSON.stringify(attributes)) return [];
      const { dumpNonEssential, reductionRatio, slowed } = attributes;
      return [
        `${nowMs / 1000} s ${dumpNonEssential ? 'dump ' : ''}${Math.round(reductionRatio * 100)} %${slowed ? ' slowed' : ''}`,
      ];
    });

  it('L0: none; L1: what is not essential is dumped', () => {
    expect(stages(runEvent(() => memory(0.86), 20))).toEqual(['0 s 0 %', '2 s dump 0 %']);
  });
  it('L2: reductions in stages with a dwell, half at most', () => {
    expect(stages(runEvent(() => memory(0.91), 60))).toEqual([
      '0 s 0 %',
      '2 s dump 10 %',
      '4 s dump 25 %',
      '6 s dump 50 %',
    ]);
  });
  it('L3: quicker and deeper, and ordinary work is slowed', () => {
    const expected = [
      '0 s 0 %',
      '1.5 s dump 10 % slowed',
      '2 s dump 25 % slowed',
      '2.5 s dump 50 % slowed',
      '3 s dump 75 % slowed',
    ];
    expect(stages(runEvent(() => memory(0.96), 60))).toEqual(expected);
  });
  it('by order of the operator as well', () => {
    expect(stages(runEvent(() => ({ override: 'L2' }), 20)).at(-1)).toBe('4 s dump 50 %');
    expect(stages(runEvent(() => ({ override: 'L3' }), 20)).at(-1)).toBe('1.5 s dump 75 % slowed');
  });
  it('demand alone reduces nothing beyond boundaries, unless configured', () => {
    const surge = (nowMs: number) => ({ applications: [reporting(nowMs, 5000, 100)] });
    expect(stages(runEvent(surge, 20))).toEqual(['0 s 0 %', '1 s dump 0 % slowed']);
    const rules = { ...eventRules, reducesOnDemand: true };
    expect(stages(runEvent(surge, 20, { rules })).at(-1)).toBe('2.5 s dump 75 % slowed');
  });
  it('end with the mode', () => {
    const moments = runEvent(until(10_000, memory(0.96)), 30);
    expect(stages(moments).slice(-3)).toEqual(['13 s dump 50 %', '15 s dump 0 %', '17 s 0 %']);
  });
});

describe('the state machine', () => {
  it('names no more causes than the API takes, and highest first', () => {
    const many = (nowMs: number) => {
      const names = Array.from({ length: 100 }, (_, i) => `app-${i}`);
      const applications = names.map((name, i) => ({ ...reporting(nowMs, i === 99 ? 1000 : 500, 100), name }));
      return { applications };
    };
    const last = runEvent(many, 10).at(-1)!;
    expect(last.mode.causes).toEqual(['arrivals of app-99 1000 %']);
    expect(last.proposals).toHaveLength(64);
    expect(last.proposals[0]?.proposes).toBe('L3');
  });

  it('is patient with what comes back whenever it is let go', () => {
    // A batch job fills the processor; dumped in L1, resumed in L0.
    let moments: Moment[] = [];
    for (let second = 0; second < 600; second++) {
      const isDumped = moments.at(-1)?.attributes.dumpNonEssential ?? false;
      moments = [
        ...moments,
        ...runEvent(() => ({ host: hostAt({ cpuCores: isDumped ? 0.5 : 0.94 }) }), 1, { from: moments }),
      ];
    }
    const falls = changes(moments)
      .filter((text) => text.endsWith('L0'))
      .map((text) => Number.parseInt(text, 10));
    const pauses = falls.map((at, i) => at - (falls[i - 1] ?? 0));
    expect(pauses[0]).toBeLessThan(10);
    expect(Math.min(...pauses.slice(5))).toBeGreaterThan(35);
    expect(falls.length).toBeLessThan(20);
  });

  it('forgets that after a quiet while', () => {
    const twice = (nowMs: number) => (nowMs < 10_000 || (nowMs > 20_000 && nowMs < 30_000) ? memory(0.86) : {});
    const first = runEvent(twice, 120);
    const again = runEvent((nowMs) => (nowMs < 130_000 ? memory(0.86) : {}), 30, { from: first });
    expect(changes(first)).toEqual([
      '2 s L1 (memoryBytes 85 %)',
      '13 s L0',
      '22.25 s L1 (memoryBytes 85 %)',
      '35 s L0',
    ]);
    expect(again.at(-1)?.state.patience).toBe(1);
    expect(modeNames(again).lastIndexOf('L1')).toBeLessThan(4 * (13 + 1));
  });
});
