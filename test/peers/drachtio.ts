// A drachtio-server for a test: the double, or a real one. DRACHTIO_SERVER names a binary that is started anew for each test;
// DRACHTIO_HOST (with DRACHTIO_PORT, DRACHTIO_SECRET, DRACHTIO_METRICS) one that runs already.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeDrachtio, type FakeDrachtioOptions, startFakeDrachtio } from '../fakes/drachtio-server.ts';
import type { Place } from '../fakes/sip-text.ts';
import { type Child, startChild } from './child.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

export interface Drachtio {
  readonly host: string;
  readonly controlPort: number;
  readonly secret: string;
  readonly metricsUrl: string | undefined;
  readonly locals: readonly Place[];
  /** Where faults can be injected; undefined: a real one. */
  readonly double: FakeDrachtio | undefined;
  /** Of the real one that was started for this test. */
  readonly child: Child | undefined;
  close(): Promise<void>;
}

export interface DrachtioOptions extends FakeDrachtioOptions {
  /** Logs every message, where it is a real one. */
  isVerbose?: boolean;
}

const { DRACHTIO_SERVER, DRACHTIO_HOST, DRACHTIO_PORT, DRACHTIO_SECRET, DRACHTIO_METRICS } = process.env;
/** Whether tests meet a drachtio-server itself. */
export const isRealDrachtio = DRACHTIO_SERVER !== undefined || DRACHTIO_HOST !== undefined;

/** One for all tests: they cannot run side by side, for it would hand the requests of one to the edge of another. */
export const isSharedDrachtio = DRACHTIO_SERVER === undefined && DRACHTIO_HOST !== undefined;

export async function openDrachtio(options: DrachtioOptions = {}): Promise<Drachtio> {
  if (DRACHTIO_SERVER !== undefined) return startReal(DRACHTIO_SERVER, options);
  if (DRACHTIO_HOST !== undefined) return openRunning(DRACHTIO_HOST);
  const double = await startFakeDrachtio(options);
  const { host, controlPort, secret, metricsUrl, locals } = double;
  return { host, controlPort, secret, metricsUrl, locals, double, child: undefined, close: () => double.close() };
}

export interface Stack<Side extends string> {
  readonly drachtio: Drachtio;
  /** Each side's own, for UDP and TCP. */
  readonly ports: Readonly<Record<Side, number>>;
  /** What an edge on it has in its configuration. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * A server with the listeners of an edge, ended with the test; `keys` are further ones of `drachtio:`. One that runs already must have
 * as many ports for both UDP and TCP.
 */
export async function openStack<Side extends string>(
  lab: Lab,
  sides: readonly Side[],
  host: string,
  keys: Readonly<Record<string, unknown>> = {},
): Promise<Stack<Side>> {
  const chosen: number[] = [];
  for (const _ of sides) chosen.push(await freePort(host));
  const printed = host.includes(':') ? `[${host}]` : host;
  const listen = chosen.flatMap((port) => [`udp/${printed}:${port}`, `tcp/${printed}:${port}`]);
  // what a peer has not answered in half a second on a busy machine is not lost
  const drachtio = await openDrachtio({ host, listen, t1Ms: 2_000 });
  lab.onEnd(() => drachtio.close());
  const has = (protocol: string, at: number): boolean =>
    drachtio.locals.some((local) => local.protocol === protocol && local.port === at);
  const own = [...new Set(drachtio.locals.map(({ port }) => port))]
    .filter((at) => has('udp', at) && has('tcp', at))
    .sort();
  if (own.length < sides.length)
    throw new Error(`${sides.length} ports for UDP and TCP are needed, the drachtio-server has ${own.length}`);
  const ports = Object.fromEntries(sides.map((side, i) => [side, own[i]!])) as Record<Side, number>;
  const { controlPort, secret, metricsUrl } = drachtio;
  const link = { host: drachtio.host, port: controlPort, secret, ...(metricsUrl === undefined ? {} : { metricsUrl }) };
  return { drachtio, ports, config: { engine: 'drachtio', drachtio: { ...link, ...keys } } };
}

/** `udp/127.0.0.1:5060,tcp/…`: what a server says it listens on. */
function placesOf(text: string): Place[] {
  return text.split(',').flatMap((one) => {
    const found = /^(udp|tcp)\/(.+):(\d+)$/.exec(one);
    if (found === null) return [];
    const host = found[2]!.replace(/^\[|\]$/g, '');
    return [{ protocol: found[1] as Place['protocol'], host, port: Number(found[3]) }];
  });
}

/** What a server answers to `authenticate`, '' until it does. */
function greeting(host: string, port: number, secret: string): Promise<string> {
  const payload = `00000000-0000-4000-8000-000000000000|authenticate|${secret}|`;
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write(`${payload.length}#${payload}`));
    const end = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(2_000, () => end(''));
    socket.on('error', () => end(''));
    socket.on('data', (bytes) => end(/\|OK\|([^|]*)/.exec(bytes.toString('latin1'))?.[1] ?? ''));
  });
}

async function openRunning(host: string): Promise<Drachtio> {
  const controlPort = Number(DRACHTIO_PORT ?? 9022);
  const secret = DRACHTIO_SECRET ?? 'cymru';
  const locals = placesOf(await greeting(host, controlPort, secret));
  if (locals.length === 0) throw new Error(`no drachtio-server answers at ${host}:${controlPort}`);
  const close = async (): Promise<void> => {};
  return {
    host,
    controlPort,
    secret,
    metricsUrl: DRACHTIO_METRICS,
    locals,
    double: undefined,
    child: undefined,
    close,
  };
}

async function startReal(binary: string, options: DrachtioOptions): Promise<Drachtio> {
  const { host = '127.0.0.1', secret = 'cymru', isVerbose = false } = options;
  const printed = host.includes(':') ? `[${host}]` : host;
  const port = await freePort(host);
  const listen = options.listen ?? [`udp/${printed}:${port}`, `tcp/${printed}:${port}`];
  const contacts: string[] = [];
  for (const one of listen) {
    const [protocol = 'udp', at = ''] = one.split('/');
    const own = at.endsWith(':0') ? at.replace(/:0$/, `:${await freePort(host)}`) : at;
    contacts.push(`<contact>sip:${own};transport=${protocol}</contact>`);
  }
  const controlPort = options.controlPort || (await freePort(host));
  const metricsPort = await freePort(host);
  const dir = mkdtempSync(join(tmpdir(), 'surgegate-'));
  const file = join(dir, 'drachtio.xml');
  const timers = options.t1Ms === undefined ? '' : `<timers><t1>${options.t1Ms}</t1></timers>`;
  const xml = `<drachtio>
  <admin port="${controlPort}" secret="${secret}">${host}</admin>
  <sip><contacts>${contacts.join('')}</contacts>${timers}</sip>
  <monitoring><prometheus port="${metricsPort}">127.0.0.1</prometheus></monitoring>
  <logging><console/><sofia-loglevel>${isVerbose ? 9 : 3}</sofia-loglevel><loglevel>${isVerbose ? 'debug' : 'info'}</loglevel></logging>
</drachtio>
`;
  writeFileSync(file, xml);
  const child = startChild('drachtio', binary, ['-f', file], { cwd: dir });
  let said = '';
  await waitFor(
    'the drachtio-server to start',
    async () => {
      if (!child.running()) throw new Error(child.log().slice(-2_000));
      said = await greeting(host, controlPort, secret);
      return placesOf(said).length === listen.length;
    },
    20_000,
  );
  return {
    ...{ host, controlPort, secret, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`, locals: placesOf(said) },
    ...{ double: undefined, child },
    async close() {
      await child.end();
      if (process.env.SURGEGATE_KEEP === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}
