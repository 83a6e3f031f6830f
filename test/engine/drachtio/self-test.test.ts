// Whether all that the server hands over arrives here: with the double or a real one, alone or beside others.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FrameReader } from '../../../src/engine/drachtio/frames.ts';
import { createSelfTest } from '../../../src/engine/drachtio/self-test.ts';
import { testUser } from '../../../src/engine/drachtio/self-test-requests.ts';
import { openApplication } from '../../fakes/drachtio-application.ts';
import { type Drachtio, openDrachtio } from '../../peers/drachtio.ts';
import { waitFor } from '../../peers/wait.ts';
import { openLinkTo } from './opened.ts';

async function setUp(beside: (server: Drachtio) => Promise<void> = async () => {}) {
  const server = await openDrachtio();
  onTestFinished(() => server.close());
  await beside(server);
  const { host, controlPort: port, secret } = server;
  return { server, ...(await openLinkTo({ host, port, secret }, { link: { selfTestMs: 300 } })) };
}

/** An application that asks for INVITE without ever saying a secret, and answers nothing. */
async function openStranger({ host, controlPort }: Drachtio): Promise<Socket> {
  const socket = connect(controlPort, host);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  let answers = 0;
  const frames = new FrameReader();
  socket.on('data', (chunk: Buffer) => void frames.push(chunk, () => ++answers > 0));
  const message = '00000000-0000-4000-8000-000000000001|route|invite';
  socket.write(`${message.length}#${message}`);
  await waitFor('its route', () => answers > 0);
  return socket;
}

describe('the self-test', () => {
  it('says nothing where all calls arrive, and the engine sees none of them', async () => {
    const { link, requests, changes, logged } = await setUp();
    await waitFor('a run', () => link.missedRatio !== undefined);
    expect(link.missedRatio).toBe(0);
    await waitFor('its calls to be over', () => link.pending === 0);
    expect(requests).toEqual([]);
    expect(changes).toHaveLength(1);
    expect(logged).toEqual([]);
  });

  it('tells of a client that takes calls and does not answer them', { timeout: 40_000 }, async () => {
    const { link, changes, logged } = await setUp(async (server) => void (await openStranger(server)));
    const [isUp, reason] = await waitFor('the news', () => changes[1], 30_000);
    expect(isUp).toBe(true);
    expect(reason).toMatch(/^another client takes requests and leaves them without an answer: \d+ of 16 calls/);
    expect(link.isUp).toBe(true);
    // one in two, but for the other's place in the round
    expect(link.missedRatio).toBeGreaterThan(0.3);
    expect(link.missedRatio).toBeLessThan(0.7);
    expect(logged.at(-1)?.level).toBe('error');
  });

  it('tells of another application, and when it is gone', { timeout: 40_000 }, async () => {
    let leave = () => {};
    const { link, changes } = await setUp(async (server) => {
      const other = await openApplication(server, ['invite'], (_, res) => res.send(404, 'Not Found'));
      leave = () => other.close();
      // its route is asked for after it is connected
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    const [, reason] = await waitFor('the news', () => changes[1], 30_000);
    expect(reason).toMatch(/^another client takes requests: .* it answers 404$/);
    leave();
    const [isUp, better] = await waitFor('better news', () => changes[2], 30_000);
    expect([isUp, better]).toEqual([true, expect.stringContaining('arrive here again')]);
    expect(link.missedRatio).toBe(0);
  });

  it('does not take another request for one of its own', () => {
    const user = `surgegate-self-test-${'0'.repeat(36)}`;
    expect(testUser(`sip:${user}@127.0.0.1`)).toBe(user);
    expect(testUser('sip:100@127.0.0.1')).toBeUndefined();
    expect(createSelfTest().arrived(`sip:${user}@127.0.0.1`)).toBe(false);
  });

  it('counts as not heard what nothing is said to, and sends it again', { timeout: 20_000 }, async () => {
    const silent = createSocket('udp4');
    onTestFinished(() => void silent.close());
    const seen = new Map<string, number>();
    silent.on('message', (text) => {
      const callId = /Call-ID: (\S+)/.exec(text.toString())![1]!;
      if (text.toString().startsWith('INVITE')) seen.set(callId, (seen.get(callId) ?? 0) + 1);
    });
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const result = await createSelfTest().run({ protocol: 'udp', host: '127.0.0.1', port: silent.address().port });
    expect(result).toEqual({ sent: 8, arrived: 0, taken: 0, answers: [] });
    expect([...seen.values()]).toEqual(Array(8).fill(3));
  });
});
