// Emergency and priority calls: who may say so, what arrives at the switch, and what the books show.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { expectPriority, type PriorityCase, priorityCases, prioritySides } from './priority-cases.ts';
import { type SwitchKind, setUp, switchKinds } from './setting.ts';

async function run(lab: Lab, one: PriorityCase, kind: SwitchKind): Promise<void> {
  const { called, edge } = await setUp(lab, one.uas, kind, { edge: { sides: prioritySides } });
  await expectPriority(lab, edge, one, called);
}

concurrentPeerSuite('priority', () => {
  const { sos, number, trusted, gets, wps, unknown } = priorityCases;
  for (const kind of switchKinds) labTest(`${sos.name} (${kind})`, ({ lab }) => run(lab, sos, kind));
  labTest(number.name, ({ lab }) => run(lab, number, 'kamailio'));
  labTest(trusted.name, async ({ lab }) => {
    const { called, edge } = await setUp(lab, trusted.uas, 'kamailio', { edge: { sides: prioritySides } });
    await expectPriority(lab, edge, trusted, called);
    expect((await edge.metrics()).sum('surgegate_stripped_priority_total')).toBe(0);
  });
  for (const one of [gets, wps, unknown]) labTest(one.name, ({ lab }) => run(lab, one, 'sipp'));

  labTest(
    'the same header from an untrusted side is stripped and counted, and the call is ordinary',
    async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-stripped', 'sipp', { edge: { sides: prioritySides } });
      const call = { calls: 3, talkMs: 100, limitSeconds: 20, keys: { rp: 'ets.0' } };
      const caller = await startSipp(lab, 'uac-priority', { to: edge.address.south, ...call });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 3 });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: 3 });
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' })).toBe(3);
      expect(metrics.sum('surgegate_stripped_priority_total', { interface: 'south' })).toBe(3);
    },
  );
});
