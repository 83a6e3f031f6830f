// SIGHUP: limits and switches change while calls are set up, none is lost; a bad file changes nothing.
import { describe, expect } from 'vitest';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { reload, reloadsUnderLoad } from './engine-cases.ts';
import { setUp } from './setting.ts';

peerSuite('reload', () => {
  labTest('under load, again and again: no call is lost, and a new switch gets its share', ({ lab }) =>
    reloadsUnderLoad(lab, 'embedded', 'kamailio', 150),
  );

  // Few calls each: these do not disturb one another.
  describe.concurrent('of one kind or another', () => {
    labTest('a bad file is refused with the key and the reason, and the old one stays', async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-call');
      const good = edge.config.admission;
      for (const bad of [{ newCallsPerSecond: -3 }, { newCallsPerSecondd: 3 }, 'plenty']) {
        edge.config.admission = bad;
        edge.writeConfig();
        await reload(edge, 'refused');
      }
      expect(edge.log()).toMatch(/admission\.newCallsPerSecond/);
      expect((await edge.page('/readyz')).status).toBe(200);
      const calls = 10;
      const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, calls, limitSeconds: 20 });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect((await called.stop()).calls).toBe(calls);
      edge.config.admission = good;
      edge.writeConfig();
      await reload(edge, 'applied');
    });

    labTest('what only a restart can change is refused by name', async ({ lab }) => {
      const { edge } = await setUp(lab, 'uas-call');
      (edge.config.interfaces as Record<string, unknown>).west = { listen: ['udp:127.0.0.1:0'] };
      edge.writeConfig();
      await reload(edge, 'refused');
      await waitFor('the reason in the log', () => /restart.*interfaces\.west/.test(edge.log()));
    });

    labTest('a lower limit and a withdrawn trust hold from the next request on', async ({ lab }) => {
      const sides = { south: {}, east: { trust: { resourcePriority: true } } };
      const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { sides } });
      const priorityCall = { to: edge.address.east, keys: { rp: 'ets.0' }, calls: 3, limitSeconds: 20 };
      expect((await (await startSipp(lab, 'uac-priority', priorityCall)).result()).successful).toBe(3);
      edge.config.admission = { newCallsPerSecond: 2, burst: 1 };
      const interfaces = edge.config.interfaces as Record<string, Record<string, unknown>>;
      interfaces.east!.trust = { resourcePriority: false };
      edge.writeConfig();
      await reload(edge, 'applied');
      const flood = { to: edge.address.south, calls: 100, callsPerSecond: 100, limitSeconds: 20 };
      const { calls, refused } = await (await startSipp(lab, 'uac-flood', flood)).result();
      expect(calls + refused).toBe(100);
      expect(refused).toBeGreaterThan(80);
      const before = (await edge.metrics()).sum('surgegate_stripped_priority_total');
      await (await startSipp(lab, 'uac-priority', { ...priorityCall, calls: 1, limitSeconds: 2 })).result();
      expect((await edge.metrics()).sum('surgegate_stripped_priority_total')).toBeGreaterThan(before);
    });
  });
});
