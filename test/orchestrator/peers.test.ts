import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PeerReport, peerReportSchema } from '../../src/congestion/north-messages.ts';
import { runningModes } from '../../src/control/throttle.ts';
import { Peers } from '../../src/orchestrator/peers.ts';

const peers = () =>
  new Peers([
    { name: 'east', proposes: 'L1' },
    { name: 'west', proposes: 'L0' },
  ]);
const report = (sequence: number, more: object = {}): PeerReport =>
  peerReportSchema.parse({ instance: 'instance-1', sequence, validitySeconds: 5, mode: 'L2', ...more });

describe('a report', () => {
  it('counts while it is valid, from its receipt on', () => {
    const all = peers();
    expect(all.take('east', report(1, { causes: ['memoryBytes 90 %'] }), 1000)).toBe(true);
    expect(all.states(5999)).toEqual([{ name: 'east', proposes: 'L1', mode: 'L2', causes: ['memoryBytes 90 %'] }]);
    expect(all.states(6000)).toEqual([]);
  });

  it('of nobody who is configured counts as nothing', () => {
    const all = peers();
    expect(all.take('north', report(1), 0)).toBe(false);
    expect(all.states(0)).toEqual([]);
  });

  it.each([3, 2])('with sequence %d after 3 changes nothing', (sequence) => {
    const all = peers();
    all.take('east', report(3), 0);
    expect(all.take('east', report(sequence, { mode: 'L0' }), 4000)).toBe(false);
    expect(all.states(4000)).toMatchObject([{ mode: 'L2' }]);
    expect(all.states(5000)).toEqual([]);
  });

  it('of a peer that was restarted takes the place of the one before; what is late of that one does not', () => {
    const all = peers();
    all.take('east', report(300, { mode: 'L3' }), 0);
    expect(all.take('east', report(1, { instance: 'instance-2', mode: 'L0' }), 0)).toBe(true);
    expect(all.take('east', report(299, { mode: 'L3' }), 0)).toBe(false);
    expect(all.states(0)).toMatchObject([{ mode: 'L0' }]);
  });

  it('says what each peer may propose', () => {
    const all = peers();
    all.take('west', report(1), 0);
    expect(all.states(0)).toMatchObject([{ name: 'west', proposes: 'L0' }]);
  });
});

it('what a peer has answered counts like a report', () => {
  const all = peers();
  all.take('east', report(1), 0);
  all.answered('east', 'L3', ['operator'], 4000, 100);
  expect(all.states(4099)).toMatchObject([{ mode: 'L3', causes: ['operator'] }]);
  expect(all.states(4100)).toEqual([]);
});

it('in any order, doubled or late: the highest sequence number counts', () => {
  const sent = fc.array(
    fc.record({ sequence: fc.integer({ min: 1, max: 20 }), mode: fc.constantFrom(...runningModes) }),
    {
      minLength: 1,
    },
  );
  fc.assert(
    fc.property(sent, (reports) => {
      const all = peers();
      let newest = { sequence: 0, mode: 'L0' };
      for (const one of reports) {
        expect(all.take('east', report(one.sequence, { mode: one.mode }), 0)).toBe(one.sequence > newest.sequence);
        if (one.sequence > newest.sequence) newest = one;
        expect(all.states(0)).toMatchObject([{ mode: newest.mode }]);
      }
    }),
  );
});
