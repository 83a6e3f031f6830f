// What the scenario "engines" measures: the edge on its own sockets, on a drachtio-server, in front of one, and a drachtio-server with
// an application without any control. All on core 0.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppOrder } from './drachtio-app.ts';
import { tsx } from './measure.ts';
import { startPinned } from './pinned-process.ts';
import type { Context } from './scenarios.ts';
import { type EdgeFile, freePorts, startServer } from './servers.ts';

export const engineNames = ['embedded', 'drachtio', 'in-front', 'application'] as const;
/** `application`: a drachtio-server whose application proxies or refuses all; `in-front`: an embedded edge before that. */
export type EngineName = (typeof engineNames)[number];

export interface EngineServer {
  /** `udp:HOST:PORT`. */
  readonly south: string;
  stop(): Promise<void>;
}

export interface EngineNeeds {
  readonly name: EngineName;
  /** New calls admitted per second by the edge, if there is one. */
  readonly newCallsPerSecond: number;
  /** The edge decides and counts, and refuses nothing for load. */
  readonly shadow?: boolean;
  /** The application of a drachtio-server without an edge in it refuses all calls. */
  readonly isRefusing: boolean;
}

const serverBinary = process.env.DRACHTIO_SERVER;
/** Whether there is a drachtio-server to measure. */
export const hasDrachtio = serverBinary !== undefined;

interface Stoppable {
  stop(): Promise<void>;
}

/** A drachtio-server on these addresses, `HOST:PORT` for UDP; resolves when it takes applications. */
async function startDrachtio(addresses: readonly string[], control: number, favoured: boolean): Promise<Stoppable> {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-bench-'));
  const file = join(folder, 'drachtio.xml');
  const contacts = addresses.map((address) => `<contact>sip:${address};transport=udp</contact>`).join('');
  writeFileSync(
    file,
    `<drachtio><admin port="${control}" secret="cymru">127.0.0.1</admin><sip><contacts>${contacts}</contacts></sip>
<logging><console/><sofia-loglevel>0</sofia-loglevel><loglevel>error</loglevel></logging></drachtio>\n`,
  );
  const server = startPinned(0, [serverBinary ?? '', '-f', file], { favoured });
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const untilMs = performance.now() + 15_000;
  while (!(await connects(control))) {
    if (performance.now() > untilMs || server.child.exitCode !== null) {
      await stop();
      throw new Error(`the drachtio-server does not take applications:\n${server.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { stop };
}

const connects = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Its application on the same core; resolves when it is connected. */
async function startApplication(order: AppOrder, favoured: boolean): Promise<Stoppable> {
  let connected: () => void = () => {};
  const isConnected = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const file = new URL('drachtio-app.ts', import.meta.url).pathname;
  const app = startPinned(0, [...tsx, file, JSON.stringify(order)], { favoured, onLine: () => connected() });
  const ended = new Promise<never>((_, reject) => {
    app.child.once('exit', () => reject(new Error(`the application ended:\n${app.output()}`)));
  });
  ended.catch(() => {});
  await Promise.race([isConnected, ended]);
  // its routes are asked for after that
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { stop: () => app.stop() };
}

const uriOf = (address: string): string => `sip:${address}`;

/** Starts them one after the other, and ends them in the opposite order. */
export async function startEngine(context: Context, needs: EngineNeeds): Promise<EngineServer> {
  const { name, newCallsPerSecond, isRefusing, shadow = false } = needs;
  const { settings, uas } = context;
  const started: Stoppable[] = [];
  const stop = async (): Promise<void> => {
    for (const one of started.reverse()) await one.stop();
  };
  try {
    if (name === 'embedded') {
      const server = await startServer({ name: 'surgegate', newCallsPerSecond, shadow, uas }, settings);
      return server;
    }
    const [control, sip] = await freePorts(2);
    const behind = `127.0.0.1:${sip}`;
    if (name === 'drachtio') {
      let admin = '';
      const adapt = (usual: EdgeFile) => {
        admin = usual.admin.listen;
        // each further <contact> costs the server half of what a call costs it with one: only those that are needed
        const sides = { south: usual.interfaces.south, core: usual.interfaces.core };
        const addresses = Object.values(sides).map(({ listen }) => listen[0]!.slice(4));
        const listening = startDrachtio(addresses, control!, settings.favoured);
        started.push({ stop: async () => (await listening).stop() });
        const interfaces = Object.fromEntries(
          Object.entries(sides).map(([side, one]) => [side, { ...one, listen: [one.listen[0]!] }]),
        );
        const { penalty: _, udp: __, ...rest } = usual;
        return { ...rest, interfaces, engine: 'drachtio', drachtio: { port: control, retryMaxDelayMs: 250 } };
      };
      const edge = await startServer({ name: 'surgegate', newCallsPerSecond, shadow, uas, adapt }, settings);
      started.push(edge);
      await untilReady(admin);
      return { south: edge.south, stop };
    }
    started.push(await startDrachtio([behind], control!, settings.favoured));
    const to = isRefusing && name === 'application' ? '' : uriOf(uas);
    started.push(await startApplication({ port: control!, to }, settings.favoured));
    if (name === 'application') return { south: `udp:${behind}`, stop };
    const edge = await startServer({ name: 'surgegate', newCallsPerSecond, shadow, uas: behind }, settings);
    started.push(edge);
    return { south: edge.south, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An edge on a drachtio-server answers OPTIONS through it before it takes calls. */
async function untilReady(admin: string): Promise<void> {
  const untilMs = performance.now() + 15_000;
  for (;;) {
    const isReady = await fetch(`http://${admin}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > untilMs) throw new Error('the edge on the drachtio-server is not ready');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
