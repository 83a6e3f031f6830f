// The kernel's buffers of our sockets: on Linux with real ones, and everywhere with tables in files.
import dgram from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { OwnSocket, StackBuffers } from '../../src/monitor/stack-buffers.ts';
import { createStackBuffers } from '../../src/monitor/stack-buffers.ts';
import { loadLibc } from '../../src/transport/libc.ts';
import { bindUdp } from '../../src/transport/libc-socket.ts';
import { open } from '../transport/open.ts';

const libc = await loadLibc();

function watch(sockets: readonly OwnSocket[], directory?: string): StackBuffers & { logs: string[] } {
  const logs: string[] = [];
  const buffers = createStackBuffers(sockets, (message) => logs.push(message), directory);
  onTestFinished(() => buffers.close());
  return { ...buffers, logs };
}

function own(change: Partial<OwnSocket['listener']> & { fd?: number; receiveRoom?: number } = {}): OwnSocket {
  const { fd, receiveRoom = 1000, ...listener } = change;
  const standard = { interfaceName: 'south', transport: 'udp', family: 4, host: '127.0.0.1', port: 5060 } as const;
  return { listener: { ...standard, ...listener }, fd, receiveRoom };
}

/** A UDP socket that nobody reads, and a function that sends so many datagrams to it. */
async function unread(host: string, family: 4 | 6) {
  if (typeof libc === 'string') throw new Error(libc);
  const { fd, port, receiveBufferBytes } = bindUdp(libc, { host, port: 0, family, bufferBytes: 65_536 });
  onTestFinished(() => void libc.close(fd));
  const sender = dgram.createSocket(family === 4 ? 'udp4' : 'udp6');
  onTestFinished(() => void sender.close());
  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await new Promise((resolve) => sender.send(Buffer.alloc(1000), port, host, resolve));
    }
  };
  return { socket: own({ host, family, port, fd, receiveRoom: receiveBufferBytes }), send };
}

// Only Linux has /proc/net, and a socket that is bound and not read needs libc.
describe.skipIf(process.platform !== 'linux' || typeof libc === 'string')('createStackBuffers on Linux', () => {
  it.each([
    ['127.0.0.1', 'inode'],
    ['127.0.0.1', 'address'],
    ['::1', 'inode'],
    ['::1', 'address'],
  ] as const)('%s: sees a queue fill and drops rise, the socket known by its %s', async (host, known) => {
    const { socket, send } = await unread(host, host === '::1' ? 6 : 4);
    const buffers = watch([known === 'inode' ? socket : { ...socket, fd: undefined }]);
    const south = () => buffers.sample().get('south');
    expect(south()).toEqual({ receiveQueueRatio: 0, drops: 0 });
    await send(20);
    const some = south()!;
    expect(some.receiveQueueRatio).toBeGreaterThan(0.1);
    expect(some.receiveQueueRatio).toBeLessThan(0.9);
    expect(some.drops).toBe(0);
    await send(300);
    const full = south()!;
    expect(full.receiveQueueRatio).toBeGreaterThan(0.9);
    expect(full.drops).toBeGreaterThan(100);
    expect(full.drops).toBeLessThan(300);
    // What was told is not told again.
    expect(south()).toEqual({ ...full, drops: 0 });
    await send(7);
    expect(south()?.drops).toBe(7);
    expect(buffers.logs).toEqual([]);
  });

  it('finds every listener of the transports, however UDP is done', async () => {
    for (const udp of ['batched', 'plain'] as const) {
      const listeners = (['127.0.0.1', '::1'] as const).flatMap((host, i) => [
        { interfaceName: i === 0 ? ('south' as const) : ('east' as const), transport: 'udp' as const, host, port: 0 },
        { interfaceName: i === 0 ? ('core' as const) : ('north' as const), transport: 'tcp' as const, host, port: 0 },
      ]);
      const { transports } = await open({ listeners, udp });
      const buffers = watch(transports.sockets());
      const withoutDescriptors = watch(transports.sockets().map((socket) => ({ ...socket, fd: undefined })));
      const idle = { receiveQueueRatio: 0, drops: 0 };
      const all = { south: idle, east: idle, core: idle, north: idle };
      await vi.waitFor(() => {
        expect(Object.fromEntries(buffers.sample())).toEqual(all);
        expect(Object.fromEntries(withoutDescriptors.sample())).toEqual(all);
      });
      expect([...buffers.logs, ...withoutDescriptors.logs]).toEqual([]);
    }
  });

  it('listening sockets come first in the table of the kernel, so that connections need not be read', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const sockets = Array.from({ length: 60 }, () => net.connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const buffers = watch([own({ transport: 'tcp', port })]);
    await vi.waitFor(() => expect(buffers.sample().get('south')).toEqual({ receiveQueueRatio: 0, drops: 0 }));
  });
});

describe('createStackBuffers with tables in files', () => {
  const head =
    'sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid timeout inode ref pointer drops\n';
  const row = (port: number, queue: number, inode: number, drops: number, state = '07'): string =>
    `0: 0100007F:${hex(port, 4)} 00000000:0000 ${state} 00000000:${hex(queue, 8)} 00:00000000 00000000 0 0 ${inode} 2 0 ${drops} 0 0 0\n`;
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

  function directory(): { path: string; write(name: string, ...rows: string[]): void } {
    const path = mkdtempSync(join(tmpdir(), 'proc-net-'));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return { path, write: (name, ...rows) => writeFileSync(join(path, name), head + rows.join('')) };
  }

  it('of several sockets of an interface the fullest counts, and the drops of all', () => {
    const { path, write } = directory();
    write('udp', row(5060, 500, 11, 3), row(5070, 1000, 12, 4), row(5080, 2000, 13, 100));
    const buffers = watch([own(), own({ port: 5070 }), own({ port: 5090, interfaceName: 'core' })], path);
    expect(Object.fromEntries(buffers.sample())).toEqual({ south: { receiveQueueRatio: 0.5, drops: 7 } });
    // Once found, a socket is its inode: another socket of the same port is another's.
    write('udp', row(5060, 2000, 99, 1), row(5060, 400, 11, 5), row(5070, 100, 12, 4));
    expect(Object.fromEntries(buffers.sample())).toEqual({ south: { receiveQueueRatio: 0.2, drops: 2 } });
    expect(buffers.logs).toHaveLength(1);
    expect(buffers.logs[0]).toContain('5090');
  });

  it("the kernel's count of drops begins again after 2^32", () => {
    const { path, write } = directory();
    write('udp', row(5060, 0, 11, 2 ** 32 - 3));
    const buffers = watch([own()], path);
    buffers.sample();
    write('udp', row(5060, 0, 11, 4));
    expect(buffers.sample().get('south')?.drops).toBe(7);
  });

  it('TCP and TLS: connections that wait to be accepted, against the most that may', async () => {
    const { path, write } = directory();
    // What follows the first connections is not read.
    const connections = Array.from({ length: 2000 }, () => row(5060, 9, 22, 0, '01'));
    write('tcp', row(5060, 25, 21, 0, '0A'), ...connections, row(5061, 100, 23, 0, '0A'));
    const east = own({ transport: 'tls', port: 5061, interfaceName: 'east', receiveRoom: 100 });
    const buffers = watch([own({ transport: 'tcp', receiveRoom: 100 }), east], path);
    await vi.waitFor(() =>
      expect(Object.fromEntries(buffers.sample())).toEqual({ south: { receiveQueueRatio: 0.25, drops: 0 } }),
    );
  });

  it('a long table is read to its end in a thread, and the same comes out', async () => {
    const { path, write } = directory();
    const others = Array.from({ length: 2000 }, (_, i) => row(10_000 + i, 0, 1000 + i, 0));
    write('udp', ...others, row(5060, 500, 11, 3));
    const buffers = watch([own()], path);
    let drops = 0;
    const ratio = (): number | undefined => {
      const south = buffers.sample().get('south');
      drops += south?.drops ?? 0;
      return south?.receiveQueueRatio;
    };
    expect(ratio()).toBeUndefined();
    await vi.waitFor(() => expect(ratio()).toBe(0.25));
    write('udp', ...others, row(5060, 1000, 11, 8));
    await vi.waitFor(() => expect(ratio()).toBe(0.5), { timeout: 9000 });
    expect(drops).toBe(8);
    expect(buffers.logs).toEqual([]);
  });

  it('where there is no table it says so once for each and goes on with the others', () => {
    const { path, write } = directory();
    write('udp', row(5060, 1000, 11, 0));
    const buffers = watch([own(), own({ interfaceName: 'east', family: 6, host: '::1' })], path);
    for (let i = 0; i < 3; i++) expect([...buffers.sample().keys()]).toEqual(['south']);
    expect(buffers.logs).toHaveLength(1);
    expect(buffers.logs[0]).toContain('udp6');
    const nothing = watch([own()], join(path, 'nowhere'));
    for (let i = 0; i < 3; i++) expect(nothing.sample().size).toBe(0);
    expect(nothing.logs).toHaveLength(1);
  });

  it('samples nothing new after close', () => {
    const { path, write } = directory();
    write('udp', row(5060, 0, 11, 0));
    const buffers = watch([own()], path);
    buffers.close();
    expect(buffers.sample().size).toBe(0);
  });
});
