// Sees to it that the peers of the end-to-end tests are there before any test runs (vitest's globalSetup). Debian as
// root: installed. Elsewhere: their suites are skipped, and why is printed. Under CI=true a missing peer is an error.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Program → Debian package that brings it. */
export const peers = {
  sipp: 'sip-tester',
  kamailio: 'kamailio',
  openssl: 'openssl',
  virsh: 'libvirt-clients',
  baresip: 'baresip-core',
  chromium: 'chromium',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
  sngrep: 'sngrep',
  tshark: 'tshark',
} as const;
export type PeerName = keyof typeof peers;
/** Those of every suite that carries calls; the hypervisor's client and the telephones have suites of their own. */
const sipPeers: readonly PeerName[] = ['sipp', 'kamailio', 'openssl'];

/** Where a program is; undefined where it is not. */
export function pathOf(program: string): string | undefined {
  // Debian puts servers where an ordinary user's PATH does not look.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export const onPath = (program: string): boolean => pathOf(program) !== undefined;

/** Kamailio's TLS module is a package of its own. */
const tlsModule = (): boolean =>
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib64'].some(
    (folder) => existsSync(`${folder}/kamailio/modules/tls.so`),
  );

export function missingPeers(): string[] {
  const missing: string[] = sipPeers.filter((program) => !onPath(program));
  if (!tlsModule()) missing.push('kamailio-tls-modules');
  return missing;
}

/** virsh, with libvirt's test driver in it. */
export const missingHypervisorPeers = (): string[] => (onPath('virsh') ? [] : ['virsh']);

export type ClientName = 'baresip' | 'chromium';
export const missingClients = (clients: readonly ClientName[]): string[] => clients.filter((name) => !onPath(name));

const monitors = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'] as const;
export type MonitorName = (typeof monitors)[number];
export const missingMonitors = (needs: readonly MonitorName[] = monitors): string[] =>
  needs.filter((name) => !onPath(name));

/** A collector of HEP3, and what reads its captures. */
export const missingCollectors = (): string[] => ['sngrep', 'tshark'].filter((name) => !onPath(name));

const allMissing = (): string[] => [
  ...missingPeers(),
  ...missingHypervisorPeers(),
  ...missingClients(['baresip', 'chromium']),
  ...missingMonitors(),
  ...missingCollectors(),
];

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function aptGet(...args: string[]): boolean {
  // RUNLEVEL=1: the packages' services must not be started on the machine that only runs tests.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env, timeout: 300_000 }).status === 0;
}

/** Called once by vitest before the first test; throws only under CI=true. */
export default function setup(): void {
  let missing = allMissing();
  if (missing.length === 0) return;
  let why = 'not Debian';
  if (isDebian()) {
    why = 'not root';
    if (process.getuid?.() === 0) {
      const packages = [...new Set(missing.map((name) => peers[name as PeerName] ?? name))];
      process.stderr.write(`installing ${packages.join(' ')} for the tests with real peers\n`);
      why = 'apt-get failed';
      if (aptGet('update', '-qq')) aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages);
      missing = allMissing();
    }
  }
  if (missing.length === 0) return;
  const text = `missing for the tests with real peers: ${missing.join(', ')} (${why})`;
  if (process.env.CI === 'true') throw new Error(`${text}; under CI=true this is an error`);
  process.stderr.write(`\n*** ${text}: those suites are SKIPPED\n\n`);
}
