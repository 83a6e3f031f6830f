// Emergency and priority calls: who may say so, what arrives at the switch, and what the books show.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { setUp, switchKinds } from './setting.ts';

const calls = 3;
const sides = { south: {}, east: { trust: { resourcePriority: true } } };
const call = { calls, talkMs: 100, limitSeconds: 20 };

concurrentPeerSuite('priority', () => {
  for (const kind of switchKinds) {
    labTest(`urn:service:sos is an emergency call (${kind})`, async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-call', kind, { edge: { sides } });
      const caller = await startSipp(lab, 'uac-emergency', { to: edge.address.south, ...call });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { class: 'emergency', reason: 'emergency' })).toBe(calls);
    });
  }

  labTest('911 is an emergency call by the dial plan', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'kamailio', { edge: { sides } });
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, service: '911', ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { method: 'INVITE', class: 'emergency' })).toBe(calls);
  });

  labTest('Resource-Priority of a trusted neighbour makes priority calls and arrives', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-priority', 'kamailio', { edge: { sides } });
    const keys = { rp: 'ets.0' };
    const caller = await startSipp(lab, 'uac-priority', { to: edge.address.east, keys, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await expectBalanced(edge);
    const labels = { interface: 'east', class: 'priority', reason: 'priority' };
    expect(metrics.sum('surgegate_requests_total', labels)).toBe(calls);
    expect(metrics.sum('surgegate_stripped_priority_total')).toBe(0);
  });

  labTest(
    'the same header from an untrusted side is stripped and counted, and the call is ordinary',
    async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-stripped', 'sipp', { edge: { sides } });
      const keys = { rp: 'ets.0' };
      const caller = await startSipp(lab, 'uac-priority', { to: edge.address.south, keys, ...call });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' })).toBe(calls);
      expect(metrics.sum('surgegate_stripped_priority_total', { interface: 'south' })).toBe(calls);
    },
  );

  labTest('GETS by its number: the edge puts the header in', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-gets', 'sipp', { edge: { sides } });
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, service: '7106274387', ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_requests_total', { method: 'INVITE', class: 'priority' })).toBe(calls);
  });

  labTest('WPS by *272: the prefix goes, the header comes', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-wps', 'sipp', { edge: { sides } });
    const service = '*2722125551234';
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, service, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  });

  labTest('an unknown value that must be understood is refused with 417', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { sides } });
    const caller = await startSipp(lab, 'uac-unknown-priority', { to: edge.address.east, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect((await called.stop()).calls).toBe(0);
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { reason: 'unknown-priority' })).toBe(calls);
  });
});
