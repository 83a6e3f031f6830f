// What came of the demo: figures, deeds, verdicts and the exit status; and all of it as text.
import { describe, expect, it } from 'vitest';
import { type DemoRecord, summaryOf } from '../../../src/lab/demo/summary.ts';
import { summaryText } from '../../../src/lab/demo/summary-text.ts';
import { goodRecord } from './record.ts';

const withGets = (completed: number): DemoRecord => ({
  ...goodRecord,
  gets: [{ phase: 'surge', offered: 100, completed, setUpP99Ms: 100 }],
});

describe('the summary of the demo', () => {
  const summary = summaryOf(goodRecord);

  it('has the figures of each phase that there was', () => {
    expect(summary.phases.map(({ phase }) => phase)).toEqual(['calm', 'surge', 'after']);
    expect(summary.phases[1]).toEqual({
      phase: 'surge',
      seconds: 2,
      offered: 160,
      completed: 160,
      setUpP99Ms: 300,
      offeredPerSecond: 4000,
      goodputPerSecond: 140,
      refusedPerSecond: 3850,
      ofCapacity: 1,
    });
  });

  it('says who was asked, forced, dumped and recovered when; advice is no order', () => {
    expect(summary.applications).toEqual([
      { application: 'surgegate' },
      { application: 'web', asked: 1.5, complied: 2, recovered: 3.5 },
      { application: 'shop', asked: 1.5, forced: 2.5, recovered: 3.5 },
      { application: 'batch', asked: 1.2, dumped: 2.2, recovered: 4 },
    ]);
    expect(summary.modes).toEqual(['L1', 'L2', 'L0']);
  });

  it('is good where everything is as it has to be', () => {
    expect(summary.verdicts.filter(({ isGood }) => isGood !== true)).toEqual([]);
    expect(summary.exitCode).toBe(0);
    expect(summary.verdicts.map(({ text }) => text)).toEqual([
      'GETS calls: 164 of 164 completed',
      'everything as it was before, 5 s after calls began',
      'goodput in the surge: 100 % of what the switch can do',
      'asked, and came down: web',
      'asked, and then forced: shop',
      'dumped: batch',
      'boundary of the edge: 458 calls a second at the lowest',
    ]);
  });

  it('one GETS call that is not completed is enough for exit status 1, and so is none at all', () => {
    expect(summaryOf(withGets(99)).exitCode).toBe(1);
    expect(summaryOf(withGets(100)).exitCode).toBe(0);
    expect(summaryOf({ ...goodRecord, gets: [] }).exitCode).toBe(1);
  });

  it('so is a host that does not recover', () => {
    const { exitCode, verdicts } = summaryOf({ ...goodRecord, recoveredSeconds: undefined });
    expect(exitCode).toBe(1);
    expect(verdicts[1]).toMatchObject({ isGood: false, text: 'not everything is as it was before the surge' });
  });

  it('where nobody can be forced, that is said and counts for nothing', () => {
    const events = goodRecord.events.filter(({ what }) => what !== 'forced' && what !== 'suspended');
    const { exitCode, verdicts } = summaryOf({ ...goodRecord, events, cannotForce: 'permission denied' });
    expect(exitCode).toBe(0);
    expect(verdicts.filter(({ isGood }) => isGood === undefined).map(({ text }) => text)).toEqual([
      'asked, and then forced: nobody, as force is not possible here',
      'dumped: nobody, as force is not possible here',
    ]);
  });

  it('where somebody could be forced and nobody was, that is said', () => {
    const { exitCode, verdicts } = summaryOf({ ...goodRecord, events: [] });
    expect(verdicts.filter(({ isGood }) => isGood === false).map(({ text }) => text)).toEqual([
      'asked, and came down: nobody',
      'asked, and then forced: nobody',
      'dumped: nobody',
    ]);
    expect(exitCode).toBe(0);
  });
});

describe('the summary as text', () => {
  const text = summaryText(summaryOf(goodRecord));

  it('has tables whose columns stand below each other', () => {
    const [head = '', ...rows] = text.split('\n').slice(0, 4);
    const end = head.indexOf('goodput') + 'goodput'.length;
    for (const row of rows) expect(row.slice(0, end)).toMatch(/\d\/s$/);
    expect(text).toContain('100.00 %');
  });

  it('has the modes and a line for each verdict', () => {
    expect(text).toContain('modes of the host: L0 → L1 → L2 → L0');
    expect(text.match(/^ {2}ok {2}\S/gm)).toHaveLength(7);
    const bad = summaryText(summaryOf({ ...withGets(99), cannotForce: 'no', events: [] }));
    expect(bad).toContain('  NOT GETS calls: 99 of 100 completed');
    expect(bad).toContain('  -   dumped: nobody');
  });
});
