// The control connection of a drachtio-server, frame by frame: the double and a real one alike (see drachtio-server.test.ts).
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { type Drachtio, openDrachtio } from '../peers/drachtio.ts';
import { waitFor } from '../peers/wait.ts';

interface RawLink {
  readonly socket: Socket;
  /** Payloads that have come. */
  readonly payloads: string[];
  readonly isClosed: () => boolean;
  /** Sends a frame; resolves to what answers it, after `OK|` or with its `NO|`. */
  ask(text: string): Promise<string>;
}

async function openServer(): Promise<Drachtio> {
  const server = await openDrachtio();
  onTestFinished(() => server.close());
  return server;
}

async function openLink(server: Drachtio): Promise<RawLink> {
  const socket = connect(server.controlPort, server.host);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const payloads: string[] = [];
  let kept = '';
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('data', (bytes) => {
    kept += bytes.toString('latin1');
    for (;;) {
      const length = /^(\d+)#/.exec(kept);
      if (length === null) return;
      const end = length[0].length + Number(length[1]);
      if (kept.length < end) return;
      payloads.push(kept.slice(length[0].length, end));
      kept = kept.slice(end);
    }
  });
  return {
    socket,
    payloads,
    isClosed: () => isClosed,
    async ask(text) {
      const id = randomUUID();
      const payload = `${id}|${text}`;
      socket.write(`${payload.length}#${payload}`);
      const answer = await waitFor(`an answer to ${text.slice(0, 40)}`, () =>
        payloads.find((one) => one.includes(`|response|${id}|`)),
      );
      return answer.slice(answer.indexOf(id) + id.length + 1);
    },
  };
}

describe('the control connection of a drachtio-server', () => {
  it('asks for no secret before it obeys, but closes on a wrong one', async () => {
    const server = await openServer();
    const link = await openLink(server);
    expect(await link.ask('ping')).toBe('OK|pong');
    expect(await link.ask('route|invite')).toBe('OK');
    const caller = await openDatagrams();
    onTestFinished(() => caller.close());
    const { port } = server.locals.find(({ protocol }) => protocol === 'udp')!;
    const invite = requestText({ host: caller.host, port: caller.port });
    caller.send(invite, port);
    const handed = await waitFor('the INVITE', () => link.payloads.find((one) => one.includes('|sip|network|')));
    expect(handed.slice(0, handed.indexOf('\r\n'))).toMatch(
      new RegExp(
        `^[^|]+\\|sip\\|network\\|\\d+\\|udp\\|127\\.0\\.0\\.1\\|${caller.port}\\|\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\|[^|]+\\|\\|127\\.0\\.0\\.1\\|${port}\\|$`,
      ),
    );
    expect(handed).toContain(`|network|${invite.length}|`);
    expect(await link.ask('authenticate|wrong|')).toBe('NO|incorrect secret');
    await waitFor('the connection to be closed', link.isClosed);
  });

  it('takes a secret, routes and back', async () => {
    const server = await openServer();
    const link = await openLink(server);
    expect(await link.ask(`authenticate|${server.secret}|a,b`)).toMatch(/^OK\|\w+\/127\.0\.0\.1:\d+,.*\|v\d/);
    for (const verb of ['invite', 'cdr:start']) expect(await link.ask(`route|${verb}`)).toBe('OK');
    expect(await link.ask('remove_route|invite')).toBe('OK');
    const caller = await openDatagrams();
    onTestFinished(() => caller.close());
    caller.send(requestText({ host: caller.host, port: caller.port }), server.locals[0]!.port);
    await caller.next(/^SIP\/2\.0 503/);
  });

  it('refuses orders for a transaction that it does not have', async () => {
    const link = await openLink(await openServer());
    expect(await link.ask('sip|none|\r\nSIP/2.0 503 Service Unavailable\r\n\r\n')).toBe(
      'NOK|Response not sent due to unknown transaction',
    );
    const order = 'proxy|none||fullResponse||serial|||sip:127.0.0.1:9\r\nINVITE sip:x SIP/2.0\r\n\r\n';
    expect(await link.ask(order)).toBe('NOK|Unknown transaction id: none');
  });

  it.each(['x#payload', '123456#payload', '29#00000000-0000-4000-8000|bogus'])('closes on %j', async (text) => {
    const link = await openLink(await openServer());
    link.socket.write(text);
    await waitFor('the connection to be closed', link.isClosed);
  });

  it('reads frames however they are cut', async () => {
    const link = await openLink(await openServer());
    const payload = `${randomUUID()}|ping`;
    const frames = `${payload.length}#${payload}`.repeat(3);
    link.socket.setNoDelay(true);
    for (let i = 0; i < frames.length; i += 31) {
      link.socket.write(frames.slice(i, i + 31));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await waitFor('three answers', () => link.payloads.length === 3);
    expect(link.payloads.every((one) => one.endsWith('|OK|pong'))).toBe(true);
  });

  it('never completes a long message, and hears nothing after it', async () => {
    const link = await openLink(await openServer());
    const payload = `${randomUUID()}|sip||\r\nOPTIONS sip:127.0.0.1:9 SIP/2.0\r\nX: ${'y'.repeat(13_000)}\r\n\r\n`;
    const ping = `${randomUUID()}|ping`;
    link.socket.write(`${payload.length}#${payload}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    link.socket.write(`${ping.length}#${ping}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(link.payloads).toEqual([]);
    expect(link.isClosed()).toBe(false);
  });
});
