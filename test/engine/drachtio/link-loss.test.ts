// The link is lost and comes back: as it was, at a bounded pace, on a connection of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../../peers/certificate.ts';
import { waitFor } from '../../peers/wait.ts';
import { ControlPort } from './control-port.ts';
import { openLinkTo, openPair } from './opened.ts';

describe('the link comes back', () => {
  it('with its routes, and tells once what happened', async () => {
    const { server, link, changes } = await openPair();
    server.peers[0]!.socket.destroy();
    await waitFor('the link to be back', () => link.isUp && server.peers[1]?.routes.size === 2);
    expect(changes.map(([isUp]) => isUp)).toEqual([true, false, true]);
  });

  it('however long the server was away, no pause beyond the longest', async () => {
    const { server, link } = await openPair({ link: { retryMaxDelayMs: 20 } });
    server.isRefusing = true;
    server.peers[0]!.socket.destroy();
    // after 25 pauses that grow by 1.7 each, the next one would be of two days
    await waitFor('many attempts', () => server.peers.length > 25);
    expect(link.isUp).toBe(false);
    server.isRefusing = false;
    await waitFor('the link to be back', () => link.isUp);
  });

  it('is tried for from the first moment', async () => {
    const server = await ControlPort.open();
    const { port } = server;
    await server.close();
    const { link, changes } = await openLinkTo({ host: '127.0.0.1', port, secret: 'cymru' });
    expect(link.isUp).toBe(false);
    expect(link.load(0)).toEqual({ cpuRatio: undefined, lagMs: 0, kernel: [], unseenPerSecond: undefined });
    expect(await link.request('OPTIONS', 'sip:127.0.0.1:5080', {}, 1_000)).toBe(0);
    expect(changes).toEqual([[false, expect.stringContaining('ECONNREFUSED')]]);
    const again = await ControlPort.open({ port });
    onTestFinished(() => again.close());
    await waitFor('the link to be up', () => link.isUp);
  });

  it('with a wrong secret: tried at the longest pause only, told once', async () => {
    const { server, link, changes, logged } = await openPair({ link: { secret: 'wrong', retryMaxDelayMs: 700 } });
    const firstMs = server.peerTimesMs[0]!;
    await waitFor('a third attempt', () => server.peers.length === 3);
    // a timer is never early: with the pauses of a lost link, 250 and 425 ms, the third would be here sooner
    expect(server.peerTimesMs[2]! - firstMs).toBeGreaterThan(1_300);
    expect(link.isUp).toBe(false);
    expect(changes).toEqual([[false, 'the drachtio-server refuses the secret']]);
    expect(logged.map(({ level }) => level)).toEqual(['error']);
  });

  it('where the server says nothing', async () => {
    const { server, link, changes } = await openPair({ server: { isDeaf: true }, times: { openMs: 100 } });
    expect(link.isUp).toBe(false);
    expect(changes[0]?.[1]).toMatch(/within 100 ms/);
    await waitFor('another attempt', () => server.peers.length > 1);
  });

  it('where pings are not answered any more', { timeout: 30_000 }, async () => {
    const { server, link, changes } = await openPair({ times: { mostSilentMs: 1_000 } });
    server.answersPings = false;
    await waitFor('a ping', () => server.all('ping')[0], 15_000);
    await waitFor('the loss', () => changes[1], 15_000);
    expect(changes[1]).toEqual([false, expect.stringContaining('no sign of life')]);
    await waitFor('the link to be back', () => link.isUp);
  });

  it('where the server does not read any more', async () => {
    const { server, link, changes } = await openPair();
    server.peers[0]!.socket.pause();
    const fields = { 'X-Long': 'x'.repeat(3_000) };
    await waitFor('the loss', () => {
      for (let i = 0; i < 500; i++) void link.request('OPTIONS', 'sip:127.0.0.1:5080', fields, 10_000);
      return changes.length > 1;
    });
    expect(changes[1]).toEqual([false, expect.stringContaining('has not read')]);
    expect(link.pending).toBe(0);
    await waitFor('the link to be back', () => link.isUp && server.peers.length === 2);
  });

  it('not once it is closed', async () => {
    const { server, link } = await openPair({ link: { retryMaxDelayMs: 10 } });
    await link.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.peers).toHaveLength(1);
    await link.close();
  });
});

describe('a torn stream', () => {
  it.each([
    ['bytes that are no frame', (raw: (text: string) => void) => raw('Via: SIP/2.0/UDP 127.0.0.1\r\n')],
    ['a message of no known type', (raw: (text: string) => void) => raw('12#uuid|nothing')],
    // as they come from the server after its application has stopped for long: the rest of the first follows the second
    [
      'a frame within a frame',
      (raw: (text: string) => void) => raw('40#uuid|response|x|OK|55#uuid|response|y|OK|pong|pong|rest'),
    ],
  ])('%s: the link is given up and comes back, and the process lives', async (_, tear) => {
    const { server, link, changes, requests } = await openPair();
    const [peer] = server.peers;
    tear((text) => peer!.socket.write(text));
    await waitFor('the link to be back', () => link.isUp && server.peers[1]?.routes.size === 2);
    expect(changes.map(([isUp]) => isUp)).toEqual([true, false, true]);
    // else the server goes on handing requests to a client that is gone (a phantom)
    await waitFor('the routes to be taken back', () => server.all('remove_route').length === 2);
    expect(server.all('remove_route').every((one) => one.peer === peer)).toBe(true);
    await waitFor('the connection to be closed', () => peer!.socket.destroyed);
    server.hand('INVITE');
    await waitFor('a request', () => requests.length === 1);
  });

  it('leaves no request that waits', async () => {
    const answered: boolean[] = [];
    // at once: the connection lingers until the server has heard that it ends
    const onChange = (isUp: boolean) => {
      if (!isUp) answered.push(...requests.map((request) => request.respond(200, 'OK', {})));
    };
    const { server, link, requests, logged } = await openPair({ onChange });
    server.hand('INVITE');
    await waitFor('the request', () => requests[0]);
    server.peers[0]!.socket.write('garbage');
    await waitFor('the loss', () => answered.length > 0);
    expect(answered).toEqual([false]);
    expect(link.pending).toBe(0);
    expect(logged.map(({ text }) => text)).toEqual([expect.stringContaining('no length of a message')]);
  });
});

describe('over TLS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'surgegate-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const files = makeCertificate({ dir } as Parameters<typeof makeCertificate>[0]);
  const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  const ca = readFileSync(files.certificate, 'utf8');

  it('comes back as TLS', async () => {
    const { server, link } = await openPair({ server: { tls }, link: { tls: { ca } } });
    expect(link.isUp).toBe(true);
    server.peers[0]!.socket.destroy();
    await waitFor('the link to be back', () => link.isUp && server.peers.length === 2);
    // in plain text it would not have become a peer at all
    expect(server.all('authenticate')).toHaveLength(2);
  });

  it('says no secret to a server whose certificate it does not know', async () => {
    const { server, link, changes } = await openPair({ server: { tls }, link: { tls: true } });
    expect(link.isUp).toBe(false);
    expect(changes[0]).toEqual([false, expect.stringMatching(/self.signed|certificate/i)]);
    await waitFor('more attempts', () => server.connections > 2);
    expect(server.received).toEqual([]);
  });
});
