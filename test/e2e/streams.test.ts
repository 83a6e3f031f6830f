// What only a stream can do to a message: arrive in pieces, arrive several at once, and be kept alive between.
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { requestText } from '../peers/datagram.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { waitFor } from '../peers/wait.ts';
import { setUp } from './setting.ts';

interface Stream {
  readonly socket: Socket;
  text(): string;
  count(pattern: RegExp): number;
  ended(): boolean;
}

async function openStream(lab: Lab, port: number): Promise<Stream> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  lab.onEnd(() => void socket.destroy());
  let text = '';
  let ended = false;
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    ended = true;
  });
  await waitFor('the connection', () => socket.readyState === 'open');
  return { socket, text: () => text, count: (pattern) => text.match(pattern)?.length ?? 0, ended: () => ended };
}

const overTcp = (text: string): string => text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
const invite = (): string => overTcp(requestText({ host: '127.0.0.1', port: 5060 }));
const options = (): string => overTcp(requestText({ method: 'OPTIONS', host: '127.0.0.1', port: 5060 }));
const statuses = /^SIP\/2\.0 200/gm;

concurrentPeerSuite('streams', () => {
  labTest('an INVITE byte by byte', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-call');
    const stream = await openStream(lab, edge.port.south);
    for (const byte of invite()) {
      stream.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the answer', () => stream.count(statuses) === 1);
    await expectBalanced(edge);
  });

  labTest('a hundred requests in one segment, keep-alives between them', async ({ lab }) => {
    const rest = { admission: { nonEssentialPerSecond: 1_000, nonEssentialBurst: 1_000 } };
    const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { rest } });
    const stream = await openStream(lab, edge.port.south);
    stream.socket.write(Array.from({ length: 100 }, options).join('\r\n\r\n'));
    await waitFor('all answers', () => stream.count(statuses) === 100);
    // Each double CRLF is a ping that is answered by one CRLF (RFC 5626 §4.4.1).
    await waitFor('the pongs', () => stream.count(/^\r\n(?=\r\n|SIP|$)/gm) >= 99);
    await expectBalanced(edge);
  });

  labTest('what is not SIP ends the connection, and nothing else', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-call');
    const bad = await openStream(lab, edge.port.south);
    const good = await openStream(lab, edge.port.south);
    bad.socket.write('GET / HTTP/1.1\r\nHost: example.test\r\n\r\n');
    await waitFor('the connection to be closed', bad.ended);
    good.socket.write(options());
    await waitFor('the answer', () => good.count(statuses) === 1);
    expect(good.ended()).toBe(false);
  });

  labTest('a head without end is cut off at limits.messageBytes', async ({ lab }) => {
    const rest = { limits: { messageBytes: 4_096 } };
    const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { rest } });
    const stream = await openStream(lab, edge.port.south);
    stream.socket.write(invite().split('\r\n').slice(0, 6).join('\r\n'));
    for (let i = 0; i < 200 && !stream.ended(); i++) {
      stream.socket.write(`\r\nX-Filler-${i}: ${'x'.repeat(80)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the connection to be closed', stream.ended);
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_socket_faults_total', { interface: 'south' })).toBe(1);
  });

  labTest('a caller that goes away while it rings costs the edge nothing', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-slow', 'sipp', { called: { talkMs: 500 } });
    const stream = await openStream(lab, edge.port.south);
    stream.socket.write(invite());
    await waitFor('ringing', () => stream.count(/^SIP\/2\.0 180/gm) === 1);
    stream.socket.resetAndDestroy();
    const port = edge.port.south;
    await waitFor('the edge to answer others', async () => {
      const other = await openStream(lab, port);
      other.socket.write(options());
      await waitFor('the answer', () => other.count(statuses) === 1);
      return true;
    });
    expect(edge.child().running()).toBe(true);
  });
});
