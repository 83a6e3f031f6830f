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
  readonly table: TableName;
  /** As last read: the table may be read bit by bit, and has several rows that fit. */
  row: Row | undefined;
  /** Of the last reading that has come to its end. */
  wasSeen: boolean;
  inode: number | undefined;
  queuedBytes: number;
  drops: number;
  newDrops: number;
}

interface Row {
  readonly reading: number;
  /** Not bound to all addresses. */
  readonly isOwn: boolean;
  readonly inode: number;
  readonly queuedBytes: number;
  readonly drops: number;
}

type TableName = 'udp' | 'udp6';

const isLittleEndian = endianness() === 'LE';
/** Where a socket is bound to all addresses. */
const anyAddress = new Set(['0.0.0.0', '::']);

/** `log` is told once where none is found, or a table cannot be read. `directory` is /proc/net except in tests. */
export function createServerSockets(log: (text: string) => void, directory = '/proc/net'): ServerSockets {
  const watched = new Map<string, Watched>();
  const tables = new Map<TableName, ProcTable | undefined>();
  let toldMissing = false;

  function table(name: TableName): ProcTable | undefined {
    if (!tables.has(name)) {
      try {
        const opened: ProcTable = new ProcTable(directory, name, (bytes, row) => {
          note(watched, name, opened.readings + 1, bytes, row);
        });
        tables.set(name, opened);
      } catch (error) {
        fail(name, error as Error);
      }
    }
    return tables.get(name);
  }

  function fail(name: TableName, { message }: Error): void {
    tables.get(name)?.close();
    tables.set(name, undefined);
    for (const one of watched.values()) if (one.table === name) one.wasSeen = false;
    log(`${directory}/${name}: ${message}: the kernel's queues of the drachtio-server are not watched`);
  }

  function tellMissing(ours: readonly (Watched | undefined)[]): void {
    const udp = ours.filter((one) => one !== undefined);
    const isRead = udp.every((one) => (tables.get(one.table)?.readings ?? 1) > 0);
    if (toldMissing || udp.length === 0 || !isRead || udp.some(({ wasSeen }) => wasSeen)) return;
    toldMissing = true;
    log(`${directory} shows no socket of the drachtio-server: the kernel's queues of it are not watched`);
  }

  return {
    get inode() {
      for (const { wasSeen, inode } of watched.values()) if (wasSeen) return inode;
      return undefined;
    },
    sample(addresses) {
      const ours = addresses.map((one) => (one.protocol === 'udp' ? watch(watched, one) : undefined));
      for (const name of new Set(ours.flatMap((one) => one?.table ?? []))) {
        const read = table(name);
        read?.refresh((error) => fail(name, error));
        for (const one of watched.values()) if (one.table === name && read !== undefined) take(one, read.readings);
      }
      tellMissing(ours);
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
  const table: TableName = key.includes(':') ? 'udp6' : 'udp';
  const nothing = { row: undefined, wasSeen: false, inode: undefined, queuedBytes: 0, drops: 0, newDrops: 0 };
  const one = { key, port, table, ...nothing };
  watched.set(id, one);
  return one;
}

function note(
  watched: ReadonlyMap<string, Watched>,
  table: TableName,
  reading: number,
  bytes: Buffer,
  socket: ProcNetRow,
): void {
  for (const one of watched.values()) {
    if (one.port !== socket.localPort || one.table !== table) continue;
    const address = plain(rowAddress(bytes, socket, isLittleEndian));
    const isOwn = address === one.key;
    if (!isOwn && (!anyAddress.has(address) || (one.row?.reading === reading && one.row.isOwn))) continue;
    const { inode, receiveQueue: queuedBytes, drops } = socket;
    one.row = { reading, isOwn, inode, queuedBytes, drops };
  }
}

/** `readings`: those that have come to their end. */
function take(one: Watched, readings: number): void {
  const { row } = one;
  // one more has begun: what is known still stands
  if (row !== undefined && row.reading > readings) return;
  one.wasSeen = row !== undefined && row.reading === readings;
  if (row === undefined || !one.wasSeen) return;
  if (one.inode !== row.inode) {
    // Drops of before we looked are nobody's news; those of a server that came anew are.
    one.drops = one.inode === undefined ? row.drops : 0;
    one.inode = row.inode;
  }
  one.queuedBytes = row.queuedBytes;
  one.newDrops += (row.drops - one.drops) >>> 0;
  one.drops = row.drops;
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
