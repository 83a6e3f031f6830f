// The kernel's queues of a drachtio-server's UDP sockets, found by address and port where it runs on this host: what has come and it has
// not looked at yet. It shows this to nobody.
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import { type ProcNetRow, rowAddress } from '../../monitor/proc-net.ts';
import { ProcTable } from '../../monitor/proc-table.ts';
import type { StackAddress, StackLoad } from './link.ts';

export interface ServerSockets {
  /** In the order of `addresses`; undefined for what is no UDP, or was not found. Costs some 20 µs for each IP version. */
  sample(addresses: readonly StackAddress[]): StackLoad['kernel'];
  /** Of one of those found; undefined while none is. */
  readonly inode: number | undefined;
  close(): void;
}

interface Watched {
  readonly key: string;
  readonly port: number;
  inode: number | undefined;
  wasSeen: boolean;
  queuedBytes: number;
  drops: number;
  newDrops: number;
}

const isLittleEndian = endianness() === 'LE';
/** Where a socket is bound to all addresses. */
const anyAddress = new Set(['0.0.0.0', '::']);

/** `log` is told once where none is found, or a table cannot be read. `directory` is /proc/net except in tests. */
export function createServerSockets(log: (text: string) => void, directory = '/proc/net'): ServerSockets {
  const watched = new Map<string, Watched>();
  const tables = new Map<'udp' | 'udp6', ProcTable | undefined>();
  let toldMissing = false;

  function table(name: 'udp' | 'udp6'): ProcTable | undefined {
    if (!tables.has(name)) {
      try {
        tables.set(name, new ProcTable(directory, name, (bytes, row) => note(watched, bytes, row)));
      } catch (error) {
        fail(name, error as Error);
      }
    }
    return tables.get(name);
  }

  function fail(name: 'udp' | 'udp6', { message }: Error): void {
    tables.get(name)?.close();
    tables.set(name, undefined);
    log(`${directory}/${name}: ${message}: the kernel's queues of the drachtio-server are not watched`);
  }

  return {
    get inode() {
      for (const { wasSeen, inode } of watched.values()) if (wasSeen) return inode;
      return undefined;
    },
    sample(addresses) {
      const ours = addresses.map((one) => (one.protocol === 'udp' ? watch(watched, one) : undefined));
      for (const one of watched.values()) one.wasSeen = false;
      for (const name of ['udp', 'udp6'] as const) {
        if (ours.some((one) => one?.key.includes(':') === (name === 'udp6'))) {
          table(name)?.refresh((error) => fail(name, error));
        }
      }
      const isMissing = ours.some((one) => one !== undefined) && ours.every((one) => !one?.wasSeen);
      if (isMissing && !toldMissing) {
        log(`${directory} shows no socket of the drachtio-server: the kernel's queues of it are not watched`);
      }
      toldMissing ||= isMissing;
      return ours.map((one) => {
        if (one === undefined || !one.wasSeen) return undefined;
        const { queuedBytes, newDrops: drops } = one;
        one.newDrops = 0;
        return { queuedBytes, drops };
      });
    },
    close() {
      for (const one of tables.values()) one?.close();
      tables.clear();
    },
  };
}

function watch(watched: Map<string, Watched>, { host, port }: StackAddress): Watched {
  const key = plain(host);
  const id = `${key} ${port}`;
  const known = watched.get(id);
  if (known !== undefined) return known;
  const one = { key, port, inode: undefined, wasSeen: false, queuedBytes: 0, drops: 0, newDrops: 0 };
  watched.set(id, one);
  return one;
}

function note(watched: ReadonlyMap<string, Watched>, bytes: Buffer, row: ProcNetRow): void {
  for (const one of watched.values()) {
    if (one.port !== row.localPort) continue;
    const address = plain(rowAddress(bytes, row, isLittleEndian));
    // a socket of its own goes before one that is bound to all addresses
    if (address !== one.key && (one.wasSeen || !anyAddress.has(address))) continue;
    if (one.inode !== row.inode) {
      // Drops of before we looked are nobody's news; those of a server that came anew are.
      one.drops = one.inode === undefined ? row.drops : 0;
      one.inode = row.inode;
    }
    one.wasSeen = true;
    one.queuedBytes = row.receiveQueue;
    one.newDrops += (row.drops - one.drops) >>> 0;
    one.drops = row.drops;
    return;
  }
}

/** One text for each address, without a zone. */
function plain(address: string): string {
  const bare = address.replace(/%.*/, '');
  try {
    return new SocketAddress({ address: bare, family: bare.includes(':') ? 'ipv6' : 'ipv4' }).address;
  } catch {
    return bare;
  }
}
