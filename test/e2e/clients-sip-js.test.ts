// sip.js in Node over WebSocket (RFC 7118).
import { expect } from 'vitest';
import { startBaresip } from '../peers/baresip.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { labTest } from '../peers/lab-test.ts';
import { clientSuite } from '../peers/peer-suite.ts';
import { startSipJs } from '../peers/sip-js.ts';
import { callsBothWays, type PhoneKind, surgeOf } from './clients-setting.ts';
import { ample } from './setting.ts';

const sipJs: PhoneKind = {
  edge: { webSocket: {} },
  start: (lab, edge, user) => startSipJs(lab, { user, domain: edge.address.south, server: edge.webSocketUrl.south }),
  startGovernment: (lab, edge: Edge) =>
    startSipJs(lab, {
      user: 'government',
      domain: edge.address.east,
      server: edge.webSocketUrl.east,
      headers: ['Resource-Priority: ets.0'],
      register: false,
    }),
};

clientSuite('sip.js', [], () => {
  labTest('registers, calls and is called, and either end hangs up', async ({ lab }) => {
    await callsBothWays(lab, sipJs);
  });

  // sip.js tells its application what Retry-After says; to wait so long is the application's part, here the test's.
  labTest('refused in a surge, carried with Resource-Priority, carried after Retry-After', async ({ lab }) => {
    await surgeOf(lab, sipJs);
  });
});

clientSuite('sip.js and baresip', ['baresip'], () => {
  for (const transport of ['udp', 'tcp'] as const) {
    labTest(`call one another, over WebSocket and over ${transport}`, async ({ lab }) => {
      const registrar = await startKamailio(lab, 'switch', { TARGET: '127.0.0.1:9' });
      const edge = await startEdge(lab, {
        webSocket: {},
        switches: [`udp:${registrar.address}`],
        rest: { admission: ample },
      });
      const web = await sipJs.start(lab, edge, 'alice');
      const desk = await startBaresip(lab, { user: 'bob', server: edge.address.south, transport });
      expect(await web.call('bob')).toEqual({ status: 200 });
      await desk.called(1);
      await desk.hangUp();
      await web.idle();
      expect(await desk.call('alice')).toEqual({ status: 200 });
      await web.called(1);
      await web.hangUp();
      await desk.idle();
    });
  }
});
