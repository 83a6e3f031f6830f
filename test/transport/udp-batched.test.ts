// What the kernel does only under pressure, shown by a libc whose answers the test chooses.
import dgram from 'node:dgram';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseAddress } from '../../src/transport/address.ts';
import type { Flow, Listener } from '../../src/transport/flow.ts';
import type { Libc } from '../../src/transport/libc.ts';
import { EAGAIN, EINTR, loadLibc } from '../../src/transport/libc.ts';
import { noTap } from '../../src/transport/message-tap.ts';
import { openUdpBatched } from '../../src/transport/udp-batched.ts';
import type { UdpSocket } from '../../src/transport/udp-socket.ts';

const EPERM = 1;
const EINVAL = 22;
const ECONNREFUSED = 111;
const libc = await loadLibc();

async function opened(change: (real: Libc) => Partial<Libc>) {
  if (typeof libc === 'string') throw new Error(libc);
  const messages: string[] = [];
  const socket: UdpSocket = await openUdpBatched(
    { ...libc, ...change(libc) },
    {
      host: '127.0.0.1',
      port: 0,
      family: 4,
      bufferBytes: 1_048_576,
      sendQueueBytes: 65_536,
      tap: noTap,
      listener: (host, port) =>
        ({ id: 0, interfaceName: 'south', transport: 'udp', family: 4, host, port }) as Listener,
      receive: (flow, bytes, start, end) => {
        messages.push(bytes.toString('latin1', start, end));
        flow.send(bytes, start, end);
      },
    },
  );
  const received: string[] = [];
  const peer = dgram.createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
  peer.on('message', (bytes) => received.push(bytes.toString('latin1')));
  await new Promise<void>((resolve) => peer.bind(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    peer.close();
    await socket.close();
  });
  const flow: Flow = socket.flow(parseAddress('127.0.0.1')!, peer.address().port);
  const send = (text: string): boolean => flow.send(Buffer.from(text), 0, text.length);
  const ask = (text: string): void => peer.send(text, socket.listener.port, '127.0.0.1');
  return { socket, received, messages, send, ask };
}

describe.skipIf(typeof libc === 'string')('batched UDP', () => {
  it('tries again what the kernel had no room for, in order', async () => {
    let refusals = 3;
    const { socket, received, send } = await opened((real) => ({
      sendmmsg: (fd, vector, count, flags) => {
        if (refusals-- > 0) return -EAGAIN;
        return real.sendmmsg(fd, vector, Math.min(count, 3), flags);
      },
    }));
    const texts = Array.from({ length: 10 }, (_, i) => `m${i}`);
    for (const text of texts) expect(send(text)).toBe(true);
    await vi.waitFor(() => expect(received).toEqual(texts));
    expect(socket.counters).toMatchObject({ sentMessages: 10, sentBytes: 20, sendDrops: 0 });
  });

  it('drops and counts when the kernel has no room for long, and sends again when it has', async () => {
    let full = true;
    const { socket, received, send } = await opened((real) => ({
      sendmmsg: (fd, vector, count, flags) => (full ? -EAGAIN : real.sendmmsg(fd, vector, count, flags)),
    }));
    // each longer than the one before: no two of them leave as a train
    const results = Array.from({ length: 100 }, (_, i) => send('m'.repeat(i + 1)));
    expect(results.filter((taken) => taken)).toHaveLength(64);
    await vi.waitFor(() => expect(socket.counters.sendDrops).toBe(100));
    full = false;
    expect(send('again')).toBe(true);
    await vi.waitFor(() => expect(received).toEqual(['again']));
  });

  it('loses one datagram to an error of its own, not its neighbours', async () => {
    let call = 0;
    const { socket, received, send } = await opened((real) => ({
      sendmmsg: (fd, vector, count, flags) => {
        call++;
        if (call === 1) return real.sendmmsg(fd, vector, 2, flags);
        if (call === 2) return -EPERM;
        if (call === 3) return -EINTR;
        return real.sendmmsg(fd, vector, count, flags);
      },
    }));
    for (const text of ['a', 'bb', 'ccc', 'dddd', 'eeeee']) send(text);
    await vi.waitFor(() => expect(received).toEqual(['a', 'bb', 'dddd', 'eeeee']));
    expect(socket.counters).toMatchObject({ sentMessages: 4, sendDrops: 1 });
  });

  it('sends answers of one size to one address as a train, a shorter one at its end', async () => {
    let entries = 0;
    const { socket, received, send } = await opened((real) => ({
      sendmmsg: (fd, vector, count, flags) => {
        const sent = real.sendmmsg(fd, vector, count, flags);
        entries += sent;
        return sent;
      },
    }));
    const texts = [...Array.from({ length: 150 }, (_, i) => `m${100 + i}`), 'end', 'more'];
    for (const text of texts) expect(send(text)).toBe(true);
    await vi.waitFor(() => expect(received).toEqual(texts));
    expect(entries).toBe(4); // 64 + 64 + 22 with the shorter one, then the longer one
    expect(socket.counters).toMatchObject({ sentMessages: 152, sentBytes: 150 * 4 + 3 + 4, sendDrops: 0 });
  });

  it('sends one by one, and for good, where the path takes no trains', async () => {
    let entries = 0;
    let isFirst = true;
    const { socket, received, send } = await opened((real) => ({
      sendmmsg: (fd, vector, count, flags) => {
        if (isFirst) {
          isFirst = false;
          return -EINVAL;
        }
        const sent = real.sendmmsg(fd, vector, count, flags);
        entries += sent;
        return sent;
      },
    }));
    const texts = Array.from({ length: 100 }, (_, i) => `m${100 + i}`);
    for (const text of texts) expect(send(text)).toBe(true);
    await vi.waitFor(() => expect(received).toEqual(texts));
    expect(entries).toBe(100);
    for (const text of texts) expect(send(text)).toBe(true);
    await vi.waitFor(() => expect(received).toHaveLength(200));
    expect(entries).toBe(200);
    expect(socket.counters).toMatchObject({ sentMessages: 200, sendDrops: 0 });
  });

  it('takes apart what the kernel has joined, and knows where each came from', async () => {
    const a = await opened(() => ({}));
    let most = 0;
    const b = await opened((real) => ({
      recvmmsg: (fd, vector, count, flags) => {
        const slots = real.recvmmsg(fd, vector, count, flags);
        most = Math.max(most, slots);
        return slots;
      },
    }));
    const flow = a.socket.flow(parseAddress('127.0.0.1')!, b.socket.listener.port);
    const texts = [...Array.from({ length: 63 }, (_, i) => `m${100 + i}`), 'end'];
    for (const text of texts) flow.send(Buffer.from(text), 0, text.length);
    // both answer what they get, so that it would go on for ever
    await vi.waitFor(() => expect(b.messages.slice(0, 64)).toEqual(texts), { interval: 1 });
    await a.socket.close();
    // one train fills one slot; a kernel that does not join them fills 64, and they are read all the same
    expect([1, 64]).toContain(most);
  });

  it('finds what there is when the loop has given the socket up', async () => {
    let watches = 0;
    const { messages, ask } = await opened((real) => ({
      watch: (fd, readable) => (watches++ === 0 ? { close: () => {} } : real.watch(fd, readable)),
    }));
    ask('one');
    await vi.waitFor(() => expect(messages).toEqual(['one']), { timeout: 4000 });
    expect(watches).toBe(2);
    ask('two');
    await vi.waitFor(() => expect(messages).toEqual(['one', 'two']));
  });

  it('goes on reading after an error', async () => {
    let errors = 2;
    const { socket, received, ask } = await opened((real) => ({
      recvmmsg: (fd, vector, count, flags) => {
        if (errors-- > 0) return errors === 0 ? -EINTR : -ECONNREFUSED;
        return real.recvmmsg(fd, vector, count, flags);
      },
    }));
    for (let i = 0; i < 200; i++) ask(String(i));
    await vi.waitFor(() => expect(received).toHaveLength(200));
    expect(socket.counters.receiveFaults).toBe(1);
  });

  it('fetches a bounded number of batches in one turn of the event loop', async () => {
    let inTurn = 0;
    let most = 0;
    const { messages, ask } = await opened((real) => ({
      recvmmsg: (fd, vector, _count, flags) => {
        inTurn++;
        most = Math.max(most, inTurn);
        // One message a batch, called a full one: a flood that never ends.
        const got = real.recvmmsg(fd, vector, 1, flags);
        return got;
      },
    }));
    const turn = (): void => {
      inTurn = 0;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    onTestFinished(() => clearImmediate(timer));
    for (let i = 0; i < 2_000; i++) ask('x');
    await vi.waitFor(() => expect(messages).toHaveLength(2_000), { timeout: 10_000 });
    expect(most).toBeLessThanOrEqual(8);
  });

  it('gets the buffer it asks for where the kernel allows it', async () => {
    const { socket } = await opened(() => ({}));
    expect(socket.receiveBufferBytes).toBeGreaterThanOrEqual(200_000);
  });
});
