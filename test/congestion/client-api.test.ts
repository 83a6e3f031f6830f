// The client against the real HTTP side of the orchestrator.
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../orchestrator/api/authority.ts';
import { session } from '../orchestrator/api/fake-desk.ts';
import { startSetting, tokens } from '../orchestrator/api/setting.ts';
import { waitFor } from '../peers/wait.ts';
import { startClient } from './client-setting.ts';

const edge = { application: 'edge', token: tokens.edge } as const;

describe('a client and the real API', () => {
  it('register, report, ask and notify, and orders come by the stream', async () => {
    const { api, desk } = await startSetting();
    const { client, given } = startClient(`http://${api.address}`, { ...edge, reportMs: 60_000 });
    await waitFor('a report', () => client.stats().reports === 1);
    expect(client.orders).toMatchObject({ application: 'edge', session, sequence: 42 });
    expect(await client.request({ cpuCores: 0.5 })).toMatchObject({ outcome: 'granted' });
    expect(await client.notify({ kind: 'low-utilisation', unused: { cpuCores: 0.5 } })).toBe(true);
    await waitFor('a stream', () => desk.listeners() === 1);
    desk.change('edge', { suspended: true });
    await waitFor('the change', () => client.orders?.suspended);
    expect(given.map((orders) => orders?.sequence)).toEqual([42, 43]);
    await client.close();
    expect(desk.calls).toEqual(['register edge', 'report edge', 'request edge', 'notify edge', 'leave edge']);
    expect(client.stats().ordersIgnored).toEqual({ sequence: 1, session: 0, application: 0, invalid: 0 });
  });

  it('orders come to the callback too, with its token', async () => {
    const { api, desk } = await startSetting();
    const options = { ...edge, reportMs: 60_000, pull: false, callback: { listen: { port: 0 } } };
    const { client } = startClient(`http://${api.address}`, options);
    await waitFor('a report', () => client.stats().reports === 1);
    desk.change('edge');
    await waitFor('the change', () => client.orders?.sequence === 43);
  });

  it('a callback that may not be called is done without', async () => {
    const { api } = await startSetting();
    const callback = { listen: { port: 0 }, url: 'http://192.0.2.1/' };
    const { client, changes } = startClient(`http://${api.address}`, { ...edge, callback });
    await waitFor('a report', () => client.stats().reports > 0);
    expect(changes.filter(({ what }) => what === 'failed').length).toBe(2);
  });

  it('what is forgotten is registered again, and a wrong token or name is told', async () => {
    const { api, desk } = await startSetting();
    const url = `http://${api.address}`;
    const { client } = startClient(url, edge);
    await waitFor('a report', () => client.stats().reports > 0);
    desk.leave('edge');
    await waitFor('another registration', () => client.stats().registrations === 2);
    const wrong = startClient(url, { ...edge, token: 'a-token-that-nobody-has' });
    const foreign = startClient(url, { ...edge, application: 'web' });
    for (const { client: refused, changes } of [wrong, foreign]) {
      await waitFor('a refusal', () => refused.stats().failures.refused > 0);
      expect(changes).toMatchObject([{ what: 'failed', kind: 'refused' }]);
    }
  });

  it('mutual TLS', async () => {
    const authority = createAuthority();
    const server = authority.issue('orchestrator', 'IP:127.0.0.1');
    const { key, cert: certificate } = authority.issue('edge.apps.example').pem;
    const { api } = await startSetting({
      tls: { certificate: server.certificate, key: server.key, clientAuthority: authority.certificate },
      credentials: [{ role: 'application', name: 'edge', certificateName: 'edge.apps.example' }],
    });
    const url = `https://${api.address}`;
    const tls = { key: Buffer.from(key), certificate, authority: authority.pem };
    const { client } = startClient(url, { application: 'edge', token: undefined, tls });
    await waitFor('a report', () => client.stats().reports > 0);
    expect(client.stats().isConnected).toBe(true);

    const unchecked = startClient(url, { application: 'edge', token: undefined, tls: { key, certificate } });
    await waitFor('a failure', () => unchecked.client.stats().failures.unreachable > 0);
    expect(unchecked.changes).toMatchObject([{ kind: 'unreachable', detail: expect.stringContaining('certificate') }]);
  });
});
