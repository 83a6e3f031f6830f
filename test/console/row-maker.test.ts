import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowMaker } from '../../src/console/row-maker.ts';
import { callClasses, createCounters, interfaceIndex } from '../../src/metrics/counters.ts';
import { linkView } from '../metrics/link.ts';
import { loopView, sampleOf, switchSample } from '../metrics/loop.ts';

const none = { offered: 0, admitted: 0, refused: 0, completed: 0 };

describe('a row of the history', () => {
  it('has each call of its second once, and none of those before', () => {
    const call = fc.record({
      interface: fc.constantFrom('south' as const, 'east' as const, 'core' as const),
      class: fc.constantFrom(...callClasses),
      decision: fc.constantFrom('forward' as const, 'reject' as const, 'drop' as const),
    });
    const seconds = fc.array(fc.array(call, { maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(seconds, (given) => {
        const counters = createCounters();
        const rows = new RowMaker(counters);
        given.forEach((calls, at) => {
          for (const one of calls) {
            const index = interfaceIndex(one.interface);
            counters.requests.count(index, 'INVITE', one.class, one.decision, 'gap');
            if (one.decision === 'forward') counters.completed.count(index, one.class);
          }
          // what is no new call is not in it
          counters.requests.count(0, 'BYE', 'in-dialog', 'forward', 'in-dialog');
          counters.requests.count(0, 'INVITE', 'in-dialog', 'forward', 'in-dialog');
          counters.requests.count(0, 'INVITE', 'new-call', 'absorb', 'retransmission');
          const made = rows.row(loopView(), [], at, 1);
          for (const name of ['south', 'east'] as const) {
            const own = calls.filter((one) => one.interface === name);
            const admitted = own.filter(({ decision }) => decision === 'forward').length;
            const expected = { offered: own.length, admitted, refused: own.length - admitted, completed: admitted };
            expect(made.interfaces[name]).toEqual(expected);
          }
          const privileged = calls.filter((one) => one.interface !== 'core' && one.class !== 'new-call');
          expect(made.priority.offered).toBe(privileged.length);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('leaves out what was counted before it began', () => {
    const counters = createCounters();
    counters.requests.count(0, 'INVITE', 'new-call', 'forward', 'admitted');
    expect(new RowMaker(counters).row(loopView(), [], 1, 1).interfaces.south).toEqual(none);
  });

  it('is per second, however long it took', () => {
    const counters = createCounters();
    const rows = new RowMaker(counters);
    for (let i = 0; i < 30; i++) counters.requests.count(0, 'INVITE', 'new-call', 'reject', 'share');
    expect(rows.row(loopView(), [], 1, 1.5).interfaces.south).toEqual({ ...none, offered: 20, refused: 20 });
  });

  it('says mode, limits, and of each switch what it was asked for and did', () => {
    const rows = new RowMaker(createCounters());
    rows.note(sampleOf({ switches: [switchSample('sw1', { answered: 3 }), switchSample('sw2')] }));
    rows.note(sampleOf({ switches: [switchSample('sw1', { answered: 4 }), switchSample('gone', { answered: 1 })] }));
    const links = [linkView({ boundaryPerSecond: 800 }), linkView({ boundaryPerSecond: Number.POSITIVE_INFINITY })];
    expect(rows.row(loopView(), links, 7, 1)).toMatchObject({
      stepSeconds: 1,
      at: 7,
      mode: 3,
      boundaryPerSecond: 800,
      ordinaryCallsPerSecond: 120,
      switches: {
        sw1: { demand: 300, answered: 7, capacity: 140.123 },
        sw2: { demand: 300, answered: 0, capacity: null },
      },
    });
    const next = rows.row(loopView(), [], 8, 1);
    expect([next.boundaryPerSecond, next.switches.sw1?.answered]).toEqual([null, 0]);
  });

  it('does not say what a switch can do before it has been asked for it, unless somebody has', () => {
    const view = loopView();
    const known = view.control.switchControls.get('sw1')!;
    const untried = { ...known, throttle: { ...known.throttle, callsPerSecond: Number.POSITIVE_INFINITY } };
    const control = { ...view.control, switchControls: new Map([['sw1', untried]]) } as typeof view.control;
    const sample = (configuredPerSecond: number | undefined) =>
      sampleOf({ switches: [switchSample('sw1', { configuredPerSecond })] });
    const rows = new RowMaker(createCounters());
    const capacityOf = (given: number | undefined) =>
      rows.row({ ...view, control, sample: sample(given) }, [], 1, 1).switches.sw1?.capacity;
    expect([capacityOf(undefined), capacityOf(200)]).toEqual([null, 140.123]);
  });
});
