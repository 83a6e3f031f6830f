// The edge as a process of its own, as an operator runs it: configuration file, signals, HTTP. Its log is kept.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child, Exit } from './child.ts';
import { type Drachtio, openStack } from './drachtio.ts';
import type { Lab } from './lab-test.ts';
import { type Metrics, parseMetrics } from './metrics.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Side = 'south' | 'east' | 'west' | 'north' | 'core';

/** A section of the configuration file as it is written there. */
export type Section = Readonly<Record<string, unknown>>;

export type EngineName = 'embedded' | 'drachtio';

export interface EdgeOptions {
  /** `drachtio`: a server of its own has the listeners (see drachtio.ts). */
  engine?: EngineName;
  /** Further keys of `drachtio:`. */
  link?: Section;
  /** Outside interfaces with their keys; `listen` is filled in with UDP and TCP on a free port. */
  sides?: Partial<Record<Exclude<Side, 'core'>, Section>>;
  core?: Section;
  /** `udp:host:port` of each switch, or whole entries. */
  switches: readonly (string | Section)[];
  /** Every other top-level key. */
  rest?: Section;
  /** Address of all listeners; IPv6 without brackets. */
  host?: string;
  /** Adds a TLS listener to every interface; `tls:` must then be given per side. */
  tls?: Section;
  /** Adds a WebSocket listener to every interface, and one with TLS where `tls` is given; what `webSocket:` says there. */
  webSocket?: Section;
}

export interface Edge {
  /** `host:port` of each interface's UDP and TCP listener. */
  readonly address: Readonly<Record<Side, string>>;
  readonly port: Readonly<Record<Side, number>>;
  /** `host:port` of the TLS listeners, where `tls` was given. */
  readonly tlsAddress: Readonly<Record<Side, string>>;
  /** `ws://…` and `wss://…` of the WebSocket listeners, where `webSocket` was given. */
  readonly webSocketUrl: Readonly<Record<Side, string>>;
  readonly secureWebSocketUrl: Readonly<Record<Side, string>>;
  /** What has the listeners, where that is a drachtio-server. */
  readonly drachtio: Drachtio | undefined;
  /** The configuration in the file: change it, then `reload()` or `restart()`. */
  readonly config: Record<string, unknown>;
  child(): Child;
  log(): string;
  metrics(): Promise<Metrics>;
  /** HTTP status and text of an admin page; 0 where nothing answers. */
  page(path: string): Promise<{ status: number; text: string }>;
  kill(signal: NodeJS.Signals): void;
  exited(): Promise<Exit>;
  /** Starts it again with the file as it is now and waits until it is ready. */
  restart(): Promise<void>;
  writeConfig(): void;
  waitReady(): Promise<void>;
}

/** Seconds are long on a busy machine: start-up reads TypeScript when `SURGEGATE_FROM_SOURCE` is set. */
const startLimitMs = 30_000;

function command(file: string): string[] {
  if (process.env.SURGEGATE_FROM_SOURCE === undefined) return [join(root, 'dist/cli.js'), 'run', '--config', file];
  return ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts'), 'run', '--config', file];
}

const mostStarts = 4;

/** On ports that were free a moment ago: where one has been taken since, by whoever asks the kernel for any, on others. */
export async function startEdge(lab: Lab, options: EdgeOptions): Promise<Edge> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(lab, options);
    } catch (error) {
      if (start === mostStarts || !/address (already )?in use/.test((error as Error).message)) throw error;
    }
  }
}

async function startOnce(lab: Lab, options: EdgeOptions): Promise<Edge> {
  const host = options.host ?? '127.0.0.1';
  const printed = host.includes(':') ? `[${host}]` : host;
  const port = {} as Record<Side, number>;
  const address = {} as Record<Side, string>;
  const tlsAddress = {} as Record<Side, string>;
  const webSocketUrl = {} as Record<Side, string>;
  const secureWebSocketUrl = {} as Record<Side, string>;
  const interfaces: Record<string, unknown> = {};
  const sides = { ...(options.sides ?? { south: {} }), core: options.core ?? {} } as Record<Side, Section>;
  const names = Object.keys(sides) as Side[];
  const stack = options.engine === 'drachtio' ? await openStack(lab, names, host, options.link) : undefined;
  for (const side of names) {
    port[side] = stack?.ports[side] ?? (await freePort(host));
    address[side] = `${printed}:${port[side]}`;
    const listen = [`udp:${address[side]}`, `tcp:${address[side]}`];
    if (options.tls !== undefined) {
      tlsAddress[side] = `${printed}:${await freePort(host)}`;
      listen.push(`tls:${tlsAddress[side]}`);
    }
    const free = async (): Promise<string> => `${printed}:${await freePort(host)}`;
    const { tls, webSocket } = options;
    if (webSocket !== undefined) {
      webSocketUrl[side] = `ws://${await free()}`;
      listen.push(webSocketUrl[side].replace('//', ''));
      if (tls !== undefined) {
        secureWebSocketUrl[side] = `wss://${await free()}`;
        listen.push(secureWebSocketUrl[side].replace('//', ''));
      }
    }
    interfaces[side] = { listen, ...(tls && { tls }), ...(webSocket && { webSocket }), ...sides[side] };
  }
  const adminPort = await freePort();
  const name = lab.uniqueName('edge');
  const file = join(lab.dir, `${name}.yaml`);
  const config: Record<string, unknown> = {
    interfaces,
    switches: options.switches.map((entry, i) =>
      typeof entry === 'string' ? { name: `switch${i + 1}`, address: entry } : entry,
    ),
    dialplan: join(root, 'dialplans/default.yaml'),
    state: { directory: join(lab.dir, `${name}-state`) },
    admin: { listen: `127.0.0.1:${adminPort}` },
    ...stack?.config,
    ...options.rest,
  };
  // JSON is YAML 1.2.
  const writeConfig = (): void => writeFileSync(file, JSON.stringify(config, null, 2));
  const logs: string[] = [];
  let child: Child;

  const page = async (path: string): Promise<{ status: number; text: string }> => {
    try {
      const answer = await fetch(`http://127.0.0.1:${adminPort}${path}`, { signal: AbortSignal.timeout(5_000) });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' };
    }
  };
  const waitReady = async (): Promise<void> => {
    const ready = waitFor(
      'the edge to be ready',
      async () => {
        if (!child.running()) return 'ended';
        return (await page('/readyz')).status === 200 ? 'ready' : undefined;
      },
      startLimitMs,
    );
    if ((await ready) === 'ended') throw new Error(`the edge ended at start-up: ${child.log().slice(-2_000)}`);
  };
  const start = async (): Promise<void> => {
    writeConfig();
    child = lab.start(name, process.execPath, command(file), { NODE_ENV: 'production' });
    await waitReady();
  };
  await start();
  return {
    address,
    port,
    tlsAddress,
    drachtio: stack?.drachtio,
    webSocketUrl,
    secureWebSocketUrl,
    config,
    child: () => child,
    log: () => [...logs, child.log()].join(''),
    async metrics() {
      const { status, text } = await page('/metrics');
      if (status !== 200) throw new Error(`/metrics answered ${status}: ${text.slice(0, 200)}`);
      return parseMetrics(text);
    },
    page,
    kill: (signal) => child.kill(signal),
    exited: () => child.exited,
    async restart() {
      logs.push(child.log());
      await child.end();
      await start();
    },
    writeConfig,
    waitReady,
  };
}
