// Calls of every kind through the edge, to a SIPp that is the switch itself and to a Kamailio before it.
import { describe, expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { callCases, callsOfCase, expectCalls } from './call-cases.ts';
import { setUp, switchKinds } from './setting.ts';

peerSuite('basic calls', () => {
  describe.concurrent.each(switchKinds)('to a %s switch', (kind) => {
    const cases = callCases.filter((one) => kind === 'sipp' || one.onlyDirect === undefined);
    for (const one of cases) {
      labTest(one.name, async ({ lab }) => {
        const { called, edge } = await setUp(lab, one.uas, kind, { called: { talkMs: 200, ...one.called } });
        await expectCalls(lab, one, edge.address.south, called);
        const metrics = await expectBalanced(edge);
        const admitted = metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' });
        expect(admitted).toBe((one.invites ?? 1) * callsOfCase);
        expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
        expect(metrics.sum('surgegate_requests_total', { decision: 'drop' })).toBe(0);
      });
    }
  });
});
