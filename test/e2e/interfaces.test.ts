// All four interfaces at once, and a carrier's proxy as the neighbour on one of them.
import { describe, expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { allSidesComplete } from './engine-cases.ts';
import { setUp } from './setting.ts';

const sides = { south: {}, east: {}, west: {}, north: {} };

concurrentPeerSuite('interfaces', () => {
  labTest('callers on south, east, west and north at once complete to one Kamailio', ({ lab }) =>
    allSidesComplete(lab, 'embedded', 'kamailio', 40),
  );

  describe('a Kamailio upstream as a peer carrier on east', () => {
    const calls = 5;
    const cases = [
      ['plain call', 'uac-call', 'uas-call'],
      ['hung up by the called party', 'uac-hung-up', 'uas-hangs-up'],
      ['cancelled', 'uac-cancel', 'uas-cancel'],
      ['busy', 'uac-busy', 'uas-busy'],
      ['PRACK', 'uac-prack', 'uas-prack'],
      ['re-INVITE', 'uac-reinvite', 'uas-reinvite'],
    ] as const;
    for (const [name, uac, uas] of cases) {
      labTest(name, async ({ lab }) => {
        const { called, edge } = await setUp(lab, uas, 'kamailio', { called: { talkMs: 200 }, edge: { sides } });
        const carrier = await startKamailio(lab, 'carrier', { EDGE: edge.address.east });
        const caller = await startSipp(lab, uac, { to: carrier.address, calls, talkMs: 200, limitSeconds: 20 });
        expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
        expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
        const metrics = await expectBalanced(edge);
        expect(metrics.sum('surgegate_requests_total', { interface: 'east', reason: 'admitted' })).toBe(calls);
      });
    }

    labTest('over TCP', async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-call', 'kamailio', { edge: { sides } });
      const carrier = await startKamailio(lab, 'carrier', { EDGE: `${edge.address.east};transport=tcp` });
      const caller = await startSipp(lab, 'uac-call', { to: carrier.address, calls, talkMs: 200, limitSeconds: 20 });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    });
  });
});
