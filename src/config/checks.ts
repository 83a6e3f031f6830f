// Faults that no single key shows: what two keys say together cannot be true.
import { isIP, isIPv4 } from 'node:net';
import { formatSocketAddress, type SocketAddress } from './addresses.ts';
import { cidrKey } from './cidr.ts';
import type { NeighbourConfig, TlsConfig } from './interface-schema.ts';
import type { FileConfig } from './schema.ts';

/** One thing wrong with the file. */
export interface ConfigFault {
  /** The path of the key, as `interfaces.south.listen[0]`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what is allowed, on one line. */
  readonly message: string;
  /** Line in the file, from 1. */
  readonly line?: number;
}

type Path = readonly (string | number)[];
type Bound = { readonly listen: SocketAddress; readonly key: string };
type Report = (path: Path, message: string) => void;

/** Reports every contradiction in the file. Reads no file and no clock. */
export function crossFaults(config: FileConfig, report: Report): void {
  interfaceFaults(config, report);
  switchFaults(config, report);
  operatorFaults(config.admin, report);
  const { timers } = config;
  if (timers.t2Ms < timers.t1Ms) {
    report(['timers', 't2Ms'], notAllowed(timers.t2Ms, `at least timers.t1Ms, ${timers.t1Ms} (ms)`));
  }
}

/** `value X is not allowed; allowed: RANGE`. */
export function notAllowed(value: unknown, allowed: string): string {
  return `value ${JSON.stringify(value)} is not allowed; allowed: ${allowed}`;
}

/** `interfaces.south.listen[0]`. */
export function keyOf(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

function interfaceFaults(config: FileConfig, report: Report): void {
  const { core, ...outside } = config.interfaces;
  const listeners: Bound[] = [];
  for (const [name, settings] of Object.entries({ ...outside, core })) {
    if (settings === undefined) continue;
    const path: Path = ['interfaces', name];
    settings.listen.forEach((listen, i) => {
      listenFaults(listen, [...path, 'listen', i], listeners, report);
    });
    const isOurs = config.engine === 'embedded';
    const secure = isOurs
      ? settings.listen.find(({ transport }) => transport === 'tls' || transport === 'wss')
      : undefined;
    if (settings.tls === undefined && secure !== undefined) {
      const why = `as \`listen\` has a ${secure.transport}: address`;
      report([...path, 'tls'], `is missing; allowed: certificate and key, ${why}`);
    }
    if (settings.tls !== undefined) tlsFaults(settings.tls, [...path, 'tls'], report);
  }
  if (Object.values(outside).every((settings) => settings === undefined)) {
    report(['interfaces'], 'no outside interface; allowed: at least one of south, east, west, north');
  }
  for (const [name, settings] of Object.entries(outside)) {
    if (settings === undefined) continue;
    const { minSeconds, maxSeconds } = settings.retryAfter;
    if (minSeconds > maxSeconds) {
      const allowed = `at most maxSeconds, ${maxSeconds} (seconds)`;
      report(['interfaces', name, 'retryAfter', 'minSeconds'], notAllowed(minSeconds, allowed));
    }
    burstFaults(settings.admission, ['interfaces', name, 'admission'], report);
    neighbourFaults(settings.neighbours, ['interfaces', name, 'neighbours'], report);
  }
}

function listenFaults(listen: SocketAddress, path: Path, seen: Bound[], report: Report): void {
  if (listen.port === 0) return;
  const other = seen.find((bound) => collide(bound.listen, listen));
  seen.push({ listen, key: keyOf(path) });
  if (other === undefined) return;
  report(path, notAllowed(formatSocketAddress(listen), `an address and port that ${other.key} does not take`));
}

// all but udp are TCP to the kernel; 0.0.0.0 and :: take a port of every address of their family.
function collide(a: SocketAddress, b: SocketAddress): boolean {
  if (a.port !== b.port || (a.transport === 'udp') !== (b.transport === 'udp')) return false;
  if (isIPv4(a.host) !== isIPv4(b.host)) return false;
  return a.host === b.host || isUnspecified(a.host) || isUnspecified(b.host);
}

/** 0.0.0.0 and ::. */
export const isUnspecified = (host: string): boolean => /^(0\.0\.0\.0|[0:]+)$/.test(host);

function tlsFaults(tls: TlsConfig, path: Path, report: Report): void {
  if (tls.requestClientCertificate && tls.ca === undefined) {
    report([...path, 'ca'], 'is missing; allowed: a file of authorities, as requestClientCertificate is true');
  }
}

const burstOf = {
  burst: 'newCallsPerSecond',
  registrationBurst: 'registrationsPerSecond',
  nonEssentialBurst: 'nonEssentialPerSecond',
} as const;

function burstFaults(admission: { [key: string]: number | undefined }, path: Path, report: Report): void {
  for (const [burst, rate] of Object.entries(burstOf)) {
    if (admission[burst] !== undefined && admission[rate] === undefined) {
      report([...path, burst], notAllowed(admission[burst], `only together with ${rate}`));
    }
  }
}

function neighbourFaults(neighbours: readonly NeighbourConfig[], path: Path, report: Report): void {
  const names = new Set<string>();
  const blocks = new Map<string, string>();
  neighbours.forEach((neighbour, i) => {
    duplicateName(neighbour.name, names, [...path, i, 'name'], report);
    neighbour.addresses.forEach((block, j) => {
      const other = blocks.get(cidrKey(block));
      const allowed = `an address that neighbour ${other} does not have`;
      if (other !== undefined) report([...path, i, 'addresses', j], notAllowed(block.text, allowed));
      else blocks.set(cidrKey(block), neighbour.name);
    });
    burstFaults(neighbour.admission, [...path, i, 'admission'], report);
  });
}

function switchFaults({ switches, interfaces }: FileConfig, report: Report): void {
  const names = new Set<string>();
  const weights = new Map<string, number>();
  let embedded = 0;
  switches.forEach((entry, i) => {
    duplicateName(entry.name, names, ['switches', i, 'name'], report);
    weights.set(entry.group, (weights.get(entry.group) ?? 0) + entry.weight);
    if (entry.embedded && ++embedded > 1) {
      report(['switches', i, 'embedded'], notAllowed(true, 'one embedded switch in all'));
    }
    if (entry.embedded && entry.address !== undefined) {
      const allowed = 'either `embedded: true` or `address`';
      report(['switches', i, 'address'], notAllowed(formatSocketAddress(entry.address), allowed));
    }
    if (!entry.embedded && entry.address === undefined) {
      report(['switches', i, 'address'], 'is missing; allowed: an address as udp:HOST:PORT, or `embedded: true`');
    }
    if (entry.address !== undefined && !interfaces.core.listen.some((listen) => reaches(listen, entry.address!))) {
      const allowed = 'a transport and address family that interfaces.core.listen has too';
      report(['switches', i, 'address'], notAllowed(formatSocketAddress(entry.address), allowed));
    }
  });
  for (const [group, weight] of weights) {
    if (weight > 0) continue;
    const first = switches.findIndex((entry) => entry.group === group);
    report(['switches', first, 'weight'], notAllowed(0, `a switch of weight 1 or more in group ${group}`));
  }
}

// What goes to a switch leaves from a listener of `core`, which its Via names (RFC 3261 §18.1.1).
function reaches(listen: SocketAddress, target: SocketAddress): boolean {
  if (listen.transport !== target.transport) return false;
  return isIP(target.host) === 0 || isIPv4(listen.host) === isIPv4(target.host);
}

/** Who has the token of another would be taken for the other in the audit. */
function operatorFaults({ token, operators }: FileConfig['admin'], report: Report): void {
  const names = new Set(['token', 'local']);
  const tokens = new Set([token]);
  operators.forEach((one, i) => {
    const path: Path = ['admin', 'operators', i];
    duplicateName(one.name, names, [...path, 'name'], report);
    if (one.token !== undefined && tokens.has(one.token)) {
      const message = 'the value (a secret, so not shown) is not allowed; allowed: a token that nobody else has';
      report([...path, 'token'], message);
    }
    tokens.add(one.token);
  });
}

function duplicateName(name: string, names: Set<string>, path: Path, report: Report): void {
  if (names.has(name)) report(path, notAllowed(name, 'a name that is not used twice'));
  names.add(name);
}
