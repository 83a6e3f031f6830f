// Calls of every kind through the edge, to a SIPp that is the switch itself and to a Kamailio before it.
import { describe, expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { callCases } from './call-cases.ts';
import { setUp, switchKinds } from './setting.ts';

const calls = 3;

peerSuite('basic calls', () => {
  describe.concurrent.each(switchKinds)('to a %s switch', (kind) => {
    const cases = callCases.filter((one) => kind === 'sipp' || one.onlyDirect === undefined);
    for (const { name, uac, uas, caller, called, invites = 1 } of cases) {
      labTest(name, async ({ lab }) => {
        const setting = await setUp(lab, uas, kind, { called: { talkMs: 200, ...called } });
        const to = setting.edge.address.south;
        const calling = await startSipp(lab, uac, { to, calls, talkMs: 200, limitSeconds: 20, ...caller });
        expect(await calling.result()).toMatchObject({ exitCode: 0, successful: calls });
        expect(await setting.called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
        const metrics = await expectBalanced(setting.edge);
        expect(metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' })).toBe(
          invites * calls,
        );
        expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
        expect(metrics.sum('surgegate_requests_total', { decision: 'drop' })).toBe(0);
      });
    }
  });
});
