// sip.js in headless Chromium: pages that call one another through the edge, with the offers and answers of real browsers.
import { afterAll, beforeAll, expect } from 'vitest';
import { makeCertificate } from '../peers/certificate.ts';
import { type Chromium, type Site, serveSite, startChromium, startWebPhone } from '../peers/chromium.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { clientSuite } from '../peers/peer-suite.ts';
import type { WebPhone } from '../peers/sip-js.ts';
import { waitFor } from '../peers/wait.ts';
import { ample } from './setting.ts';

clientSuite('Chromium', ['chromium'], () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  }, 90_000);
  afterAll(() => chromium?.close());

  /** An edge before a registrar, on whose WebSockets only pages of `site` may call. */
  async function edgeFor(lab: Lab, site: Site): Promise<Edge> {
    const registrar = await startKamailio(lab, 'switch', { TARGET: '127.0.0.1:9' });
    const { certificate, key } = makeCertificate(lab);
    return startEdge(lab, {
      tls: { certificate, key },
      webSocket: { origins: [site.origin] },
      switches: [`udp:${registrar.address}`],
      rest: { admission: ample },
    });
  }

  const open = (lab: Lab, site: Site, edge: Edge, server: string, user: string): Promise<WebPhone> =>
    startWebPhone(lab, chromium, site, { user, domain: edge.address.south, server });

  for (const scheme of ['ws', 'wss'] as const) {
    labTest(`two pages call one another over ${scheme} and hear one another`, async ({ lab }) => {
      const site = await serveSite(lab);
      const edge = await edgeFor(lab, site);
      const server = scheme === 'ws' ? edge.webSocketUrl.south : edge.secureWebSocketUrl.south;
      const alice = await open(lab, site, edge, server, 'alice');
      const bob = await open(lab, site, edge, server, 'bob');
      expect(await alice.call('bob')).toEqual({ status: 200 });
      await bob.called(1);
      await Promise.all([alice.hears(), bob.hears()]);
      await bob.hangUp();
      await alice.idle();
      expect(await bob.call('alice')).toEqual({ status: 200 });
      await alice.called(1);
      await bob.hangUp();
      await alice.idle();
      const metrics = await edge.metrics();
      const received = { interface: 'south', transport: scheme };
      expect(metrics.sum('surgegate_socket_received_messages_total', received)).toBeGreaterThanOrEqual(8);
      expect(
        metrics.sum('surgegate_requests_total', { interface: 'core', method: 'INVITE', reason: 'from-core' }),
      ).toBe(2);
    });
  }

  labTest('a page of another origin is refused, one of the list is not', async ({ lab }) => {
    const site = await serveSite(lab);
    const foreign = await serveSite(lab);
    const edge = await edgeFor(lab, site);
    const server = edge.webSocketUrl.south;
    await expect(open(lab, foreign, edge, server, 'mallory')).rejects.toThrow(/WebSocket closed/);
    const turnedAway = async (): Promise<number> =>
      (await edge.metrics()).sum('surgegate_socket_closed_total', { transport: 'ws', cause: 'handshake' });
    await waitFor('its connection to be counted', async () => (await turnedAway()) === 1);
    await open(lab, site, edge, server, 'alice');
    expect(await turnedAway()).toBe(1);
  });
});
