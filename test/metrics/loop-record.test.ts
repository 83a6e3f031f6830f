import { describe, expect, it } from 'vitest';
import { GapTable } from '../../src/admission/gaps.ts';
import type { Gap } from '../../src/control/throttle.ts';
import { LoopRecord } from '../../src/metrics/loop-record.ts';
import { hottestOf, interfaceSample, operatorGap, sampleOf } from './loop.ts';

describe('what is noted of the control loop', () => {
  it('sums over samples, and rates are those of the last second', () => {
    const record = new LoopRecord();
    for (let i = 0; i < 60; i++) record.note(sampleOf(), nothingHot);
    expect(record.neighbourRecord('east', 'carrier')).toMatchObject({ newCalls: 1200, gapped: 600, admitted: 300 });
    expect(record.neighbourRecord('east', 'carrier').perSecond).toBeCloseTo(200, -1);
    expect(record.interfaceRecord('south').kernelDrops).toBe(180);
    expect(record.interfaceRecord('south').arrivalsPerSecond).toBeCloseTo(300, -1);
    expect(record.interfaceRecord('east').kernelDrops).toBe(0);
    for (let i = 0; i < 30; i++) record.note(sampleOf({ interfaces: [quiet] }), nothingHot);
    expect(record.interfaceRecord('south').arrivalsPerSecond).toBeLessThan(20);
  });

  it('knows how concentrated calls are, and on what', () => {
    const record = new LoopRecord();
    record.note(sampleOf(), hottestOf(sampleOf(), 30));
    expect(record.concentrationRatio).toBeCloseTo(0.5, 1);
    expect(record.hottest).toEqual(['5550001111']);
  });

  it('counts the calls of gaps that come, go and come again, each call once', () => {
    const record = new LoopRecord();
    const table = new GapTable();
    const call = (digits: string, nowMs: number) => table.check(Number(`1${digits}`), nowMs);
    const inForce = (nowMs: number, ...gaps: Gap[]) => {
      record.noteGaps(table);
      table.replace(gaps, nowMs);
    };
    const prefix: Gap = { ...operatorGap, digits: '911', cause: 'mass-calling' };
    inForce(0, operatorGap);
    for (const ms of [0, 1, 2]) call('5550001111', ms);
    inForce(100, operatorGap, prefix);
    for (const ms of [101, 102]) call('9115551234', ms);
    call('5550001111', 103);
    inForce(200, prefix);
    inForce(300, operatorGap);
    for (const ms of [301, 302]) call('5550001111', ms);
    record.noteGaps(table);
    record.noteGaps(table);
    expect(record.gapCalls).toEqual({
      operator: { passed: 2, refused: 4 },
      'mass-calling': { passed: 1, refused: 1 },
      'hard-to-reach': { passed: 0, refused: 0 },
    });
  });
});

const noArrivals = { emergency: 0, priority: 0, inDialog: 0, newCall: 0, registration: 0, nonEssential: 0 };
const quiet = { ...interfaceSample('south'), arrivals: noArrivals };
const nothingHot = { ratio: 0, digits: [] };
