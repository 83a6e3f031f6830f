// Ten thousand connections that send nothing, or half a message, take neither calls nor connections from others.
import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { requestText } from '../peers/datagram.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { setUp } from './setting.ts';

/** Files that a process may open here; each end of a connection is one. */
function openFileLimit(): number {
  const text = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

const wanted = 10_000;
const count = Math.min(wanted, openFileLimit() - 1_000);

interface Crowd {
  readonly sockets: readonly Socket[];
  closed(): number;
}

/** Opens `count` connections, a hundred at a time; every other one sends `half` and then nothing more. */
async function openCrowd(lab: Lab, port: number, half: string): Promise<Crowd> {
  const sockets: Socket[] = [];
  let closed = 0;
  lab.onEnd(() => {
    for (const socket of sockets) socket.destroy();
  });
  const open = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        if (index % 2 === 1) socket.write(half);
        resolve();
      });
      socket.once('error', reject);
      socket.on('close', () => closed++);
      socket.resume();
      sockets.push(socket);
    });
  for (let done = 0; done < count; done += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - done) }, (_, i) => open(done + i)));
  }
  for (const socket of sockets) socket.on('error', () => {});
  return { sockets, closed: () => closed };
}

peerSuite('slow connections', () => {
  labTest(`${count} slow and half-sent TCP connections, and calls complete in time`, async ({ lab }) => {
    if (count < wanted) process.stderr.write(`only ${count} connections: open files are limited here\n`);
    const { called, edge } = await setUp(lab, 'uas-call', 'sipp', {
      edge: { rest: { limits: { messageSeconds: 600, idleSeconds: 600 } } },
    });
    const request = requestText({ host: '127.0.0.1', port: 5060 });
    await openCrowd(lab, edge.port.south, request.slice(0, request.length / 2));
    await waitFor('all connections to be open', async () => {
      return (await edge.metrics()).sum('surgegate_socket_connections', { interface: 'south' }) === count;
    });
    const call = { to: edge.address.south, calls: 100, callsPerSecond: 50, talkMs: 100, limitSeconds: 30 };
    const [udp, tcp] = await Promise.all([
      startSipp(lab, 'uac-call', call),
      startSipp(lab, 'uac-call', { ...call, transport: 'tcp' }),
    ]);
    const result = await udp.result();
    expect(result).toMatchObject({ exitCode: 0, successful: 100 });
    // In time: before the callers' T1 has run out, so that hardly anybody sends anything twice.
    expect(result.retransmissions).toBeLessThan(10);
    expect(await tcp.result()).toMatchObject({ exitCode: 0, successful: 100 });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: 200 });
    await expectBalanced(edge);
  });

  labTest('half a message is waited for no longer than limits.messageSeconds', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { rest: { limits: { messageSeconds: 1 } } } });
    const request = requestText({ host: '127.0.0.1', port: 5060 });
    const socket = connect({ port: edge.port.south, host: '127.0.0.1' }, () => socket.write(request.slice(0, 200)));
    lab.onEnd(() => void socket.destroy());
    socket.resume();
    // Byte by byte is no faster than not at all.
    let sent = 200;
    const drip = setInterval(() => socket.write(request.charAt(sent++)), 100);
    lab.onEnd(() => clearInterval(drip));
    socket.on('error', () => {});
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    await waitFor('the connection to be closed', () => closed, 8_000);
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_socket_closed_total', { interface: 'south', cause: 'slow' })).toBe(1);
  });

  labTest('connections above limits.connectionsPerAddress are closed, the others stay', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-call', 'sipp', {
      edge: { rest: { limits: { connectionsPerAddress: 20 } } },
    });
    let closed = 0;
    for (let i = 0; i < 50; i++) {
      const socket = connect({ port: edge.port.south, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.on('close', () => closed++);
      socket.resume();
      lab.onEnd(() => void socket.destroy());
    }
    await waitFor('the surplus to be closed', () => closed >= 30);
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_socket_connections', { interface: 'south' })).toBe(20);
    expect(metrics.sum('surgegate_socket_closed_total', { interface: 'south', cause: 'limit' })).toBe(30);
  });
});
