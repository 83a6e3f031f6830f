// The servers under test: how each is configured, started and known to be ready.
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { BenchArguments } from './arguments.ts';
import { type PinnedProcess, startPinned } from './pinned-process.ts';

/** `kamailio`: tells calls apart before it refuses, as the edge does; `kamailio-bare`: nothing but the limit. */
export type ServerName = 'surgegate' | 'surgegate-plain' | 'kamailio' | 'kamailio-bare';

export function isKamailio(name: ServerName): boolean {
  return name === 'kamailio' || name === 'kamailio-bare';
}

export interface ServerUnderTest {
  readonly name: ServerName;
  readonly process: PinnedProcess;
  /** Where ordinary calls go: the south interface. `udp:HOST:PORT`. */
  readonly south: string;
  /** A trusted peer's side; the same as south where there are no interfaces. */
  readonly east: string;
  stop(): Promise<void>;
}

export interface ServerNeeds {
  readonly name: ServerName;
  /** New calls admitted per second. */
  readonly newCallsPerSecond: number;
  /** The edge decides and counts, and refuses nothing for load: what is measured is the cost of calls. */
  readonly shadow?: boolean;
  /** `HOST:PORT` of the callee. */
  readonly uas: string;
  /** Makes another configuration file of the edge's usual one. */
  readonly adapt?: (usual: EdgeFile) => Readonly<Record<string, unknown>>;
}

export type EdgeFile = ReturnType<typeof usualEdgeFile>;

const kamailioModules = ['/usr/lib/x86_64-linux-gnu/kamailio/modules/', '/usr/lib/aarch64-linux-gnu/kamailio/modules/'];

/**
 * Kamailio keeps two transactions of a call for 5 s after their end, of some 10 kB each. With 256 MB it runs out at 2,000 calls/s
 * and drops what comes then, without a word: its callers retransmit. Pages that are not used cost nothing.
 */
const kamailioSharedMegabytes = 2048;

/** Starts a server on core 0; resolves when it answers. Rejects with its output when it does not. */
export async function startServer(needs: ServerNeeds, settings: BenchArguments): Promise<ServerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-bench-'));
  const [south, east, core, admin] = await freePorts(4);
  let command: string[];
  if (isKamailio(needs.name)) {
    const file = join(folder, 'kamailio.cfg');
    const switches = join(folder, 'dispatcher.list');
    writeFileSync(switches, `1 sip:${needs.uas}\n`);
    writeFileSync(file, kamailioConfig(needs, { port: south!, core: core!, switches }));
    const define = needs.name === 'kamailio-bare' ? ['-A', 'BARE'] : [];
    command = [
      'kamailio',
      ...define,
      '-f',
      file,
      '-DD',
      '-E',
      '-m',
      String(kamailioSharedMegabytes),
      '-M',
      '16',
      '-Y',
      folder,
      '-P',
      join(folder, 'pid'),
    ];
  } else {
    const file = join(folder, 'surgegate.yaml');
    const usual = usualEdgeFile(needs, { south: south!, east: east!, core: core!, admin: admin!, folder });
    writeFileSync(file, stringify(needs.adapt?.(usual) ?? usual));
    command = [...settings.edge.split(' '), 'run', '--config', file];
  }
  const server = startPinned(0, command, { favoured: settings.favoured });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswering(server, south!);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: needs.name,
    process: server,
    south: `udp:127.0.0.1:${south}`,
    east: `udp:127.0.0.1:${isKamailio(needs.name) ? south : east}`,
    stop,
  };
}

function kamailioConfig(needs: ServerNeeds, place: { port: number; core: number; switches: string }): string {
  const modules = kamailioModules.find((path) => existsSync(path)) ?? kamailioModules[0]!;
  return readFileSync(new URL('kamailio.cfg', import.meta.url), 'utf8')
    .replace('PORT', String(place.port))
    .replaceAll('CORE', String(place.core))
    .replace('DISPATCHER', place.switches)
    .replace('MODULES', modules)
    .replaceAll('LIMIT', String(needs.newCallsPerSecond))
    .replace('UAS', needs.uas);
}

function usualEdgeFile(
  needs: ServerNeeds,
  place: { south: number; east: number; core: number; admin: number; folder: string },
) {
  const { south, east, core, admin, folder } = place;
  return {
    interfaces: {
      south: { listen: [`udp:127.0.0.1:${south}`, `tcp:127.0.0.1:${south}`], pushback: 'retry-after' },
      east: { listen: [`udp:127.0.0.1:${east}`], pushback: 'reject', trust: { resourcePriority: true } },
      core: { listen: [`udp:127.0.0.1:${core}`] },
    },
    switches: [{ name: 'uas', address: `udp:${needs.uas}` }],
    admission: {
      newCallsPerSecond: needs.newCallsPerSecond,
      burst: Math.max(20, Math.ceil(needs.newCallsPerSecond / 5)),
      // Calls on trusted neighbours are priority calls here and must pass whole.
      priorityCapPerSecond: Math.max(1000, needs.newCallsPerSecond),
    },
    mode: needs.shadow === true ? 'shadow' : 'active',
    // Everything switched on, and nobody exempt, as 127.0.0.0/8 otherwise is.
    penalty: { enabled: true, exempt: [] },
    state: { directory: folder },
    admin: { listen: `127.0.0.1:${admin}` },
    udp: needs.name === 'surgegate-plain' ? 'plain' : 'batched',
    log: { level: 'warn' },
  };
}

/** Ports that are free for UDP and TCP, below those that the kernel gives out by itself. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const udp = createSocket('udp4');
  const tcp = createServer();
  const bound = await Promise.all([
    new Promise<boolean>((resolve) =>
      udp.once('error', () => resolve(false)).bind(port, '127.0.0.1', () => resolve(true)),
    ),
    new Promise<boolean>((resolve) =>
      tcp.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    ),
  ]);
  await new Promise<void>((resolve) => udp.close(() => resolve()));
  await new Promise<void>((resolve) => tcp.close(() => resolve()));
  return bound.every((ok) => ok);
}

/** Sends OPTIONS until something comes back: every server answers it somehow. */
async function untilAnswering(server: PinnedProcess, port: number): Promise<void> {
  const socket = createSocket('udp4');
  let answered = false;
  socket.on('message', () => {
    answered = true;
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const own = socket.address().port;
  const untilMs = performance.now() + 15_000;
  for (let i = 0; !answered && performance.now() < untilMs && server.child.exitCode === null; i++) {
    const text =
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bK-ready${i};rport\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:bench@127.0.0.1>;tag=${i}\r\nTo: <sip:127.0.0.1>\r\n` +
      `Call-ID: ready-${i}-${own}@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;
    socket.send(text, port, '127.0.0.1', () => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  socket.close();
  if (!answered) throw new Error(`the server does not answer on port ${port}:\n${server.output()}`);
}
