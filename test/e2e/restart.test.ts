// The edge is killed and started again while calls are up: it keeps no state that a call needs (DESIGN.md §2 item 4).
import { expect } from 'vitest';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { survivesKill } from './engine-cases.ts';
import { setUp, switchKinds } from './setting.ts';

const calls = 5;

concurrentPeerSuite('kill -9 and restart', () => {
  for (const kind of switchKinds) {
    labTest(`mid-call: the BYE still arrives at the switch (${kind})`, async ({ lab }) => {
      const { metrics, calls: made } = await survivesKill(lab, 'embedded', kind, 'talking');
      // relayed without state: one that a slow machine answers late is repeated, and counted again
      const passed = metrics.sum('surgegate_requests_total', { method: 'BYE', reason: 'in-dialog' });
      expect(passed).toBeGreaterThanOrEqual(made);
    });

    labTest(`mid-ringing: the call is answered and ends in order (${kind})`, async ({ lab }) => {
      await survivesKill(lab, 'embedded', kind, 'ringing');
    });

    labTest(`mid-ringing, then busy: the refusal and its ACK pass (${kind})`, async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-unavailable', kind, { called: { talkMs: 4_000 } });
      const to = edge.address.south;
      const caller = await startSipp(lab, 'uac-unavailable', { to, calls, trace: true, limitSeconds: 30 });
      await waitFor('all calls to ring', () => caller.callsWith(/^SIP\/2\.0 180/) === calls);
      edge.kill('SIGKILL');
      await edge.exited();
      await edge.restart();
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    });

    labTest(`mid-ringing, then given up: the CANCEL reaches the switch (${kind})`, async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-cancel', kind);
      const to = edge.address.south;
      const caller = await startSipp(lab, 'uac-cancel', { to, calls, talkMs: 4_000, trace: true, limitSeconds: 30 });
      await waitFor('all calls to ring', () => caller.callsWith(/^SIP\/2\.0 180/) === calls);
      edge.kill('SIGKILL');
      await edge.exited();
      await edge.restart();
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    });
  }

  labTest('without its state directory the edge still starts and takes new calls', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'sipp', {
      edge: { rest: { state: { directory: `${lab.dir}/not/yet/there` } } },
    });
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, calls, limitSeconds: 20 });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  });
});
