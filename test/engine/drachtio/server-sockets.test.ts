// The kernel's queues of the server's sockets: with tables in files, and on Linux with a socket that nobody reads.
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StackAddress } from '../../../src/engine/drachtio/link.ts';
import { createServerSockets } from '../../../src/engine/drachtio/server-sockets.ts';
import { loadLibc } from '../../../src/transport/libc.ts';
import { bindUdp } from '../../../src/transport/libc-socket.ts';
import { waitFor } from '../../peers/wait.ts';

const libc = await loadLibc();
const udp = (host: string, port: number): StackAddress => ({ protocol: 'udp', host, port });

interface Row {
  readonly address: string;
  readonly port?: number;
  readonly queue: number;
  readonly inode: number;
  readonly drops: number;
}

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';
const hex = (n: number, digits: number): string => n.toString(16).toUpperCase().padStart(digits, '0');

/** As the kernel prints it on a machine of this byte order; addresses as it does, `0100007F`. */
function table(rows: readonly Row[]): string {
  const line = ({ address, port = 5060, queue, inode, drops }: Row) =>
    `    1: ${address}:${hex(port, 4)} 00000000:0000 07 00000000:${hex(queue, 8)} 00:00000000 00000000   0  0 ${inode} 2 0 ${drops}\n`;
  return heading + rows.map(line).join('');
}

function tables(udpRows: readonly Row[], udp6Rows?: readonly Row[]) {
  const dir = mkdtempSync(join(tmpdir(), 'surgegate-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const write = (rows: readonly Row[], name = 'udp') => writeFileSync(join(dir, name), table(rows));
  write(udpRows);
  if (udp6Rows) write(udp6Rows, 'udp6');
  const logs: string[] = [];
  const sockets = createServerSockets((text) => logs.push(text), dir);
  onTestFinished(() => sockets.close());
  return { write, sockets, logs };
}

const loopback = '0100007F';
const row = { address: loopback, queue: 0, inode: 7, drops: 0 };
const addresses = [{ protocol: 'tcp', host: '127.0.0.1', port: 5060 } as const, udp('127.0.0.1', 5060)];

describe.skipIf(process.platform !== 'linux')('createServerSockets', () => {
  it('shows the queue, and the drops since the sample before; none of before the first', () => {
    const { sockets, write } = tables([{ ...row, queue: 200_000, drops: 36 }]);
    expect(sockets.sample(addresses)).toEqual([undefined, { queuedBytes: 200_000, drops: 0 }]);
    expect(sockets.inode).toBe(7);
    write([{ ...row, queue: 1, drops: 55_921 }]);
    expect(sockets.sample(addresses)).toEqual([undefined, { queuedBytes: 1, drops: 55_885 }]);
    expect(sockets.sample(addresses)).toEqual([undefined, { queuedBytes: 1, drops: 0 }]);
  });

  it('counts drops over the end of 32 bits, and anew for a server that came anew', () => {
    const { sockets, write } = tables([{ ...row, drops: 2 ** 32 - 5 }]);
    sockets.sample(addresses);
    write([{ ...row, drops: 3 }]);
    expect(sockets.sample(addresses)[1]?.drops).toBe(8);
    write([{ ...row, inode: 9, drops: 2 }]);
    expect(sockets.sample(addresses)[1]?.drops).toBe(2);
    expect(sockets.inode).toBe(9);
  });

  it('is not led astray by others: of another port, of another address', () => {
    const others = [
      { ...row, port: 5061, queue: 10, inode: 1 },
      { ...row, address: '0200007F', queue: 20, inode: 2 },
    ];
    const { sockets } = tables([...others, { ...row, queue: 30 }]);
    expect(sockets.sample(addresses)[1]).toEqual({ queuedBytes: 30, drops: 0 });
  });

  it('finds one that is bound to all addresses, but for one of its own', () => {
    const any = { ...row, address: '00000000', queue: 50, inode: 3 };
    expect(tables([any]).sockets.sample(addresses)[1]?.queuedBytes).toBe(50);
    expect(tables([any, { ...row, queue: 30 }]).sockets.sample(addresses)[1]?.queuedBytes).toBe(30);
    expect(tables([{ ...row, queue: 30 }, any]).sockets.sample(addresses)[1]?.queuedBytes).toBe(30);
  });

  it('counts the drops of the one that it took, not of the other', () => {
    const any = { ...row, address: '00000000', inode: 3, drops: 1_000 };
    for (const rows of [
      [any, row],
      [row, any],
    ]) {
      const { sockets, write } = tables(rows);
      sockets.sample(addresses);
      write(rows.map((one) => ({ ...one, drops: one.drops + (one.inode === 7 ? 2 : 50) })));
      expect(sockets.sample(addresses)[1]?.drops).toBe(2);
    }
  });

  it('goes on seeing it where a long table is read bit by bit', async () => {
    const others = Array.from({ length: 400 }, (_, i) => ({ ...row, port: 10_000 + i, inode: 100 + i }));
    const { sockets, write, logs } = tables([...others, { ...row, queue: 30 }]);
    await waitFor('the table', () => sockets.sample(addresses)[1]);
    for (let i = 0; i < 30; i++) {
      expect(sockets.sample(addresses)[1]?.queuedBytes).toBe(30);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    write([...others, { ...row, queue: 40, drops: 4 }]);
    let drops = 0;
    await waitFor('the next reading', () => {
      const sample = sockets.sample(addresses)[1];
      drops += sample?.drops ?? 0;
      return sample?.queuedBytes === 40;
    });
    expect(drops).toBe(4);
    expect(logs).toEqual([]);
  });

  it('finds one over IPv6', () => {
    const address = '00000000000000000000000001000000';
    const { sockets } = tables([], [{ ...row, address, queue: 40 }]);
    expect(sockets.sample([udp('::1', 5060)])).toEqual([{ queuedBytes: 40, drops: 0 }]);
  });

  it('says once that there is none, and finds it when there is', () => {
    const { sockets, write, logs } = tables([]);
    for (let i = 0; i < 3; i++) expect(sockets.sample(addresses)).toEqual([undefined, undefined]);
    expect(logs).toEqual([expect.stringContaining('no socket of the drachtio-server')]);
    expect(sockets.inode).toBeUndefined();
    write([row]);
    expect(sockets.sample(addresses)[1]).toBeDefined();
    write([]);
    expect(sockets.sample(addresses)[1]).toBeUndefined();
    expect(logs).toHaveLength(1);
  });

  it('says once that there is no table', () => {
    const logs: string[] = [];
    const sockets = createServerSockets((text) => logs.push(text), '/nowhere');
    for (let i = 0; i < 3; i++) expect(sockets.sample(addresses)).toEqual([undefined, undefined]);
    expect(logs[0]).toMatch(/ENOENT/);
    expect(logs.filter((text) => /ENOENT/.test(text))).toHaveLength(1);
  });

  it('says nothing where there is no UDP to be found', () => {
    const { sockets, logs } = tables([]);
    expect(sockets.sample([{ protocol: 'tcp', host: '127.0.0.1', port: 5060 }])).toEqual([undefined]);
    expect(logs).toEqual([]);
  });
});

// A socket that is bound and not read needs libc.
describe.skipIf(process.platform !== 'linux' || typeof libc === 'string')('on Linux', () => {
  it.each([
    ['127.0.0.1', 4],
    ['::1', 6],
  ] as const)('%s: a queue fills, then datagrams are dropped', async (host, family) => {
    if (typeof libc === 'string') throw new Error(libc);
    const { fd, port } = bindUdp(libc, { host, port: 0, family, bufferBytes: 65_536 });
    onTestFinished(() => void libc.close(fd));
    const sender = createSocket(family === 4 ? 'udp4' : 'udp6');
    onTestFinished(() => void sender.close());
    const sockets = createServerSockets(() => {});
    onTestFinished(() => sockets.close());
    const sample = () => sockets.sample([udp(host, port)])[0];
    const send = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await new Promise((resolve) => sender.send(Buffer.alloc(1_000), port, host, resolve));
      }
    };
    expect(sample()).toEqual({ queuedBytes: 0, drops: 0 });
    await send(10);
    const some = sample()!;
    expect(some.queuedBytes).toBeGreaterThanOrEqual(10_000);
    expect(some.drops).toBe(0);
    await send(1_000);
    expect(sample()!.drops).toBeGreaterThan(100);
    expect(sample()!.drops).toBe(0);
  });
});
