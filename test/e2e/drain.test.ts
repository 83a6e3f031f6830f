// SIGTERM: new calls are refused, what is being set up is finished, then the process ends by itself, in bounded time.
import { expect } from 'vitest';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { drainsRingingCalls } from './engine-cases.ts';
import { setUp } from './setting.ts';

concurrentPeerSuite('drain', () => {
  labTest('a ringing call is answered, a new one refused, and the edge ends with status 0', ({ lab }) =>
    drainsRingingCalls(lab, 'embedded', 'kamailio'),
  );

  labTest(
    'a call that rings on and on does not hold the edge for longer than drain.timeoutSeconds',
    async ({ lab }) => {
      const rest = { drain: { timeoutSeconds: 1 } };
      const { edge } = await setUp(lab, 'uas-slow', 'sipp', { called: { talkMs: 60_000 }, edge: { rest } });
      const to = edge.address.south;
      const caller = await startSipp(lab, 'uac-call', { to, calls: 1, trace: true });
      await caller.saw(/SIP\/2\.0 180/);
      edge.kill('SIGTERM');
      const exit = await Promise.race([
        edge.exited(),
        waitFor('nothing', () => false, 10_000).catch(() => 'still there'),
      ]);
      expect(exit).toEqual({ code: 0, signal: null });
    },
  );

  labTest('with nothing to finish it ends at once', async ({ lab }) => {
    const rest = { drain: { timeoutSeconds: 600 } };
    const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { rest } });
    edge.kill('SIGTERM');
    const exit = await Promise.race([
      edge.exited(),
      waitFor('nothing', () => false, 10_000).catch(() => 'still there'),
    ]);
    expect(exit).toEqual({ code: 0, signal: null });
  });

  labTest('an emergency call is carried to the last', async ({ lab }) => {
    const rest = { drain: { timeoutSeconds: 30 } };
    const { edge } = await setUp(lab, 'uas-slow', 'sipp', { called: { talkMs: 3_000 }, edge: { rest } });
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, calls: 1, trace: true });
    await caller.saw(/SIP\/2\.0 180/);
    edge.kill('SIGTERM');
    await waitFor('the edge not to be ready', async () => (await edge.page('/readyz')).status !== 200);
    const socket = await openDatagrams();
    lab.onEnd(() => socket.close());
    socket.send(requestText({ uri: 'urn:service:sos', host: socket.host, port: socket.port }), edge.port.south);
    await socket.next(/^SIP\/2\.0 180/);
    expect((await edge.metrics()).sum('surgegate_requests_total', { reason: 'emergency' })).toBe(1);
    await socket.next(/^SIP\/2\.0 200/);
    expect(await edge.exited()).toEqual({ code: 0, signal: null });
  });
});
