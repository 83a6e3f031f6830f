// How full the kernel's buffers of our own sockets are, and what it dropped of them, from /proc/net (proc_net(5)): the load that
// has come and that nobody has looked at yet. UDP: bytes in the receive queue, against its size; TCP and TLS: connections that
// wait to be accepted, against the most that may. A socket is known by its inode; where Node does not show its descriptor
// (plain dgram and net from Node 26 on), by its address and port.
import { fstatSync, readFileSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import type { KernelSample } from '../control/load-sample.ts';
import type { InterfaceName, Listener } from '../transport/flow.ts';
import { type ProcNetRow, rowAddress } from './proc-net.ts';
import { ProcTable, type ProcTableName } from './proc-table.ts';

/** One socket of ours, as `Transports.sockets` tells it. */
export interface OwnSocket {
  readonly listener: Pick<Listener, 'interfaceName' | 'transport' | 'family' | 'host' | 'port'>;
  readonly fd: number | undefined;
  /** UDP: bytes, as asked of SO_RCVBUF and granted. TCP and TLS: connections, as asked of listen(2). */
  readonly receiveRoom: number;
}

export interface StackBuffers {
  /**
   * What is there now (of TCP and TLS: about a second ago, ProcTable) and the drops since the last sample; nothing of an
   * interface of which no socket was found. Costs 20 µs for each of UDP over IPv4 and IPv6, whatever the traffic.
   */
  sample(): ReadonlyMap<InterfaceName, KernelSample>;
  close(): void;
}

interface Watched {
  readonly own: OwnSocket;
  readonly room: number;
  inode: number | undefined;
  wasFound: boolean;
  ratio: number;
  /** The kernel's count, modulo 2^32, and what of it was not told yet. */
  drops: number;
  newDrops: number;
}

const isLittleEndian = endianness() === 'LE';

/**
 * The sockets are those of the whole run. `log` is told once of each table that is not there or does not know our sockets;
 * the others go on. `directory` is /proc/net except in tests.
 */
export function createStackBuffers(
  sockets: readonly OwnSocket[],
  log: (message: string) => void,
  directory = '/proc/net',
): StackBuffers {
  const all = sockets.map(watched);
  const tables = new Map<ProcTableName, ProcTable>();
  const fail = (name: ProcTableName, { message }: Error): void => {
    log(`${directory}/${name}: ${message}: the kernel's buffers of these sockets are not watched`);
    tables.get(name)?.close();
    tables.delete(name);
  };
  for (const name of new Set(all.map(({ own }) => tableName(own)))) {
    const mine = all.filter(({ own }) => tableName(own) === name);
    try {
      tables.set(name, new ProcTable(directory, name, (bytes, row) => note(mine, bytes, row)));
    } catch (error) {
      fail(name, error as Error);
    }
  }
  const looked = new Set<ProcTableName>();
  const reportUnknown = (name: ProcTableName): void => {
    looked.add(name);
    const unknown = all.filter(({ own, wasFound }) => !wasFound && tableName(own) === name);
    if (unknown.length === 0) return;
    const ports = unknown.map(({ own }) => own.listener.port).join(', ');
    log(`${directory}/${name} does not show our sockets of port ${ports}: their buffers are not watched`);
  };
  return {
    sample() {
      for (const [name, table] of tables) {
        table.refresh((error) => fail(name, error));
        if (table.readings > 0 && !looked.has(name)) reportUnknown(name);
      }
      return summed(all);
    },
    close() {
      for (const table of tables.values()) table.close();
      tables.clear();
    },
  };
}

function tableName({ listener }: OwnSocket): ProcTableName {
  const protocol = listener.transport === 'udp' ? 'udp' : 'tcp';
  return listener.family === 4 ? protocol : `${protocol}6`;
}

function watched(own: OwnSocket): Watched {
  // The queue is counted with the kernel's own use, for which it doubles what was asked for (socket(7)).
  const room = own.listener.transport === 'udp' ? 2 * own.receiveRoom : Math.min(own.receiveRoom, mostBacklog());
  return { own, room, inode: inodeOf(own.fd), wasFound: false, ratio: 0, drops: 0, newDrops: 0 };
}

function inodeOf(fd: number | undefined): number | undefined {
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd).ino;
  } catch {
    return undefined;
  }
}

/** The system's limit on connections that wait to be accepted (net.core.somaxconn). */
function mostBacklog(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/somaxconn', 'latin1'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function note(mine: readonly Watched[], bytes: Buffer, row: ProcNetRow): void {
  for (const one of mine) {
    if (one.inode === undefined ? !isAt(one.own, bytes, row) : one.inode !== row.inode) continue;
    one.inode = row.inode;
    one.wasFound = true;
    one.ratio = Math.min(1, row.receiveQueue / one.room);
    one.newDrops += (row.drops - one.drops) >>> 0;
    one.drops = row.drops;
    return;
  }
}

/** By address and port: once for each socket whose inode is not known. */
function isAt({ listener }: OwnSocket, bytes: Buffer, row: ProcNetRow): boolean {
  if (row.localPort !== listener.port) return false;
  const address = rowAddress(bytes, row, isLittleEndian);
  return address !== '' && plain(address) === plain(listener.host);
}

/** One text for each address, without a zone. */
function plain(address: string): string {
  const bare = address.replace(/%.*/, '');
  return new SocketAddress({ address: bare, family: bare.includes(':') ? 'ipv6' : 'ipv4' }).address;
}

function summed(all: readonly Watched[]): ReadonlyMap<InterfaceName, KernelSample> {
  const samples = new Map<InterfaceName, KernelSample>();
  for (const one of all) {
    if (!one.wasFound) continue;
    const { interfaceName } = one.own.listener;
    const before = samples.get(interfaceName);
    samples.set(interfaceName, {
      receiveQueueRatio: Math.max(one.ratio, before?.receiveQueueRatio ?? 0),
      drops: one.newDrops + (before?.drops ?? 0),
    });
    one.newDrops = 0;
  }
  return samples;
}
