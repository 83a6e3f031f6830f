// What `engine: drachtio` asks of the other keys: what it cannot do is a fault where calls would go wrong, and a warning where a
// setting has no effect; in the configuration in force it has none.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLoopback } from '../admission/cidr.ts';
import { formatSocketAddress } from './addresses.ts';
import { isUnspecified, notAllowed } from './checks.ts';
import type { Report } from './document.ts';
import { type DrachtioConfig, isSecret, secretAllowed } from './drachtio-schema.ts';
import { messageOf, unreadable } from './files.ts';
import { changedKeys } from './reload.ts';
import { configSchema, type FileConfig } from './schema.ts';

const sideNames = ['south', 'east', 'west', 'north', 'core'] as const;

/** Reports what cannot be run. Also of the embedded engine, so that a file is good for both. */
export function drachtioFaults(config: FileConfig, report: Report): void {
  const { host, allowRemote } = config.drachtio;
  const isNear = host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''));
  if (!isNear && !allowRemote)
    report(['drachtio', 'host'], notAllowed(host, 'an address of the loopback, or `allowRemote: true`'));
  if (config.engine !== 'drachtio') return;
  for (const name of sideNames) {
    config.interfaces[name]?.listen.forEach((listen, i) => {
      if (listen.port > 0 && !isUnspecified(listen.host)) return;
      const allowed = 'an address and port of the drachtio-server, as it tells them when it starts';
      report(['interfaces', name, 'listen', i], notAllowed(formatSocketAddress(listen), allowed));
    });
  }
}

/** Warns of settings that mean nothing to a drachtio-server. */
export function drachtioWarnings(config: FileConfig, report: Report): void {
  if (config.engine !== 'drachtio') return;
  for (const name of ['south', 'east', 'west', 'north'] as const) {
    const side = config.interfaces[name];
    if (side?.pushback === 'drop')
      report(
        ['interfaces', name, 'pushback'],
        'a drachtio-server answers all that it receives: refused as by `reject`',
      );
    side?.neighbours.forEach(({ pushback }, i) => {
      if (pushback === 'drop' || pushback === 'oc')
        report(
          ['interfaces', name, 'neighbours', i, 'pushback'],
          `${pushback} has no effect: refused as by \`reject\``,
        );
    });
  }
  for (const name of sideNames) {
    const side = config.interfaces[name];
    if (side?.tls !== undefined)
      report(['interfaces', name, 'tls'], 'certificates are those of the drachtio-server: no effect');
    if (side !== undefined && side.webSocket.origins !== undefined)
      report(['interfaces', name, 'webSocket', 'origins'], 'a drachtio-server does not ask for the origin: no effect');
  }
  config.switches.forEach(({ oc }, i) => {
    if (oc !== 'none') report(['switches', i, 'oc'], 'a drachtio-server writes its own Via: nothing is offered');
  });
  const defaults = configSchema.parse({});
  for (const key of changedKeys(defaults, config))
    if (ownKeys.test(key)) report(key.split('.'), 'belongs to the embedded engine: no effect with a drachtio-server');
}

/** What only transactions and sockets of our own have. */
const ownKeys =
  /^(udp$|penalty\.|capture\.|timers\.(t1Ms|t2Ms|t4Ms|timerCSeconds)$|limits\.(messageBytes|headers|connections|connectionsPerAddress|idleSeconds|messageSeconds|sendQueueBytes|receiveBufferBytes|connectSeconds)$)/;

/** With what has no effect switched off, so that nothing else needs to ask which engine it is. */
export function withoutOwnKeys(config: FileConfig): FileConfig {
  if (config.engine !== 'drachtio') return config;
  const interfaces = { ...config.interfaces };
  for (const name of ['south', 'east', 'west', 'north'] as const) {
    const side = interfaces[name];
    if (side === undefined) continue;
    const neighbours = side.neighbours.map((one) => ({ ...one, pushback: one.pushback && possible(one.pushback) }));
    interfaces[name] = { ...side, pushback: possible(side.pushback), neighbours };
  }
  return {
    ...config,
    interfaces,
    switches: config.switches.map((one) => ({ ...one, oc: 'none' as const })),
    penalty: { ...config.penalty, enabled: false },
  };
}

type Pushback = NonNullable<FileConfig['interfaces']['south']>['pushback'];

/** A server that answers everything, and writes its own Via, can refuse in two ways. */
function possible(pushback: Pushback): Pushback {
  return pushback === 'retry-after' ? pushback : 'reject';
}

/** Makes the path absolute; reports a file that holds no secret, and two secrets for one. */
export function drachtioFiles(drachtio: DrachtioConfig, folder: string, report: Report): DrachtioConfig {
  const ca = drachtio.ca === undefined ? undefined : resolve(folder, drachtio.ca);
  const fault = ca === undefined ? undefined : unreadable(ca);
  if (fault !== undefined) report(['drachtio', 'ca'], notAllowed(drachtio.ca, `a file that can be read (${fault})`));
  const own = { ...drachtio, ca };
  if (drachtio.secretFile === undefined) return own;
  const key = ['drachtio', 'secretFile'] as const;
  if (drachtio.secret !== undefined)
    report(key, notAllowed(drachtio.secretFile, 'one of secret and secretFile, and not both'));
  const secretFile = resolve(folder, drachtio.secretFile);
  try {
    readSecret(secretFile);
  } catch (error) {
    report(key, notAllowed(drachtio.secretFile, `a file with the secret (${messageOf(error)})`));
  }
  return { ...own, secretFile };
}

/** The secret in force. Throws where its file cannot be read. */
export function drachtioSecret({ secret, secretFile }: DrachtioConfig): string {
  return secret ?? (secretFile === undefined ? 'cymru' : readSecret(secretFile));
}

function readSecret(file: string): string {
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  const secret = line.trimEnd();
  if (!isSecret(secret)) throw new Error(`its first line is not ${secretAllowed}`);
  return secret;
}
