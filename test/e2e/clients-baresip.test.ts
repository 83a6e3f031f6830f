// baresip over UDP and TCP: a softphone that knows nothing of surges.
import { expect } from 'vitest';
import { startBaresip } from '../peers/baresip.ts';
import { startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { labTest } from '../peers/lab-test.ts';
import { clientSuite } from '../peers/peer-suite.ts';
import { callsBothWays, type PhoneKind, surgeOf } from './clients-setting.ts';
import { ample } from './setting.ts';

function baresip(transport: 'udp' | 'tcp'): PhoneKind {
  return {
    start: (lab, edge, user) => startBaresip(lab, { user, server: edge.address.south, transport }),
    // Version 1.0 has no command for further headers: its carrier puts Resource-Priority in, as carriers do.
    async startGovernment(lab, edge) {
      const carrier = await startKamailio(lab, 'carrier', { EDGE: edge.address.east });
      return startBaresip(lab, { user: 'government', server: carrier.address, transport, register: false });
    },
  };
}

clientSuite('baresip', ['baresip'], () => {
  for (const transport of ['udp', 'tcp'] as const) {
    labTest(`registers, calls and is called over ${transport}, and either end hangs up`, async ({ lab }) => {
      await callsBothWays(lab, baresip(transport));
    });

    // It does not look at Retry-After: that it calls again no sooner is its user's doing, here the test's.
    labTest(`${transport}: refused in a surge, carried with priority, carried after Retry-After`, async ({ lab }) => {
      await surgeOf(lab, baresip(transport));
    });
  }

  labTest('a call to a phone on TCP takes the connection that the phone has opened', async ({ lab }) => {
    const registrar = await startKamailio(lab, 'switch', { TARGET: '127.0.0.1:9' });
    const edge = await startEdge(lab, { switches: [`udp:${registrar.address}`], rest: { admission: ample } });
    const server = edge.address.south;
    const alice = await startBaresip(lab, { user: 'alice', server, transport: 'udp' });
    const bob = await startBaresip(lab, { user: 'bob', server, transport: 'tcp' });
    expect(await alice.call('bob')).toEqual({ status: 200 });
    await bob.called(1);
    const register = bob.messages(/^REGISTER /)[0];
    expect(bob.messages(/^INVITE /)).toMatchObject([{ from: server, to: register?.from }]);
    await bob.hangUp();
    await alice.idle();
  });
});
