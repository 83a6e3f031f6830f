// What compose.yaml starts, with the same files and commands as processes on the loopback: no container engine is needed for that.
// Only addresses are others.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { answersOptions } from '../peers/datagram.ts';
import type { Lab } from '../peers/lab-test.ts';
import { labTest } from '../peers/lab-test.ts';
import { parseMetrics } from '../peers/metrics.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { freePort } from '../peers/ports.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { services } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { merge: true });
const textOf = (name: string): string => readFileSync(join(root, 'config/compose', name), 'utf8');
const startLimitMs = 30_000;
/** More than any machine has: a busy one is not what this is about. */
const plenty = 'host: { maximum: { cpuCores: 100000, memoryBytes: 1000T, diskBytes: 8000T } }';

/** Ours as in the image: its ENTRYPOINT and the command of the service, with files and addresses of this test. */
function start(lab: Lab, service: string, changes: Record<string, string>) {
  const command = services[service].command ?? ['run', '--config', '/etc/surgegate/surgegate.yaml'];
  const args = (command as string[]).map((word) => changes[word] ?? word);
  const env = { STATE_DIRECTORY: join(lab.dir, `${service}-state`) };
  return lab.start(service, process.execPath, [join(root, 'dist/cli.js'), ...args], env);
}

function written(lab: Lab, name: string, changes: readonly (readonly [string, string])[]): string {
  let text = textOf(name);
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  const file = join(lab.dir, name);
  writeFileSync(file, text);
  return file;
}

async function page(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });
}

peerSuite('compose.yaml', () => {
  labTest(
    'edge, orchestrator, Kamailio and the synthetic caller: calls are answered, the host is rationed',
    async ({ lab }) => {
      const kamailioPort = await freePort();
      const control = join(lab.dir, 'ctl');
      const kamailioFile = written(lab, 'kamailio.cfg', [
        ['eth0:5060', `lo:${kamailioPort}`],
        ['/tmp/kamailio_ctl', control],
      ]);
      const kamailioFolder = join(lab.dir, 'kamailio');
      mkdirSync(kamailioFolder);
      const moved: Record<string, string> = { '/etc/kamailio/kamailio.cfg': kamailioFile, '/tmp': kamailioFolder };
      const { entrypoint, command, healthcheck } = services.kamailio;
      const sbin = { PATH: `${process.env.PATH ?? ''}:/usr/sbin` };
      lab.start(
        'kamailio',
        entrypoint[0],
        command.map((word: string) => moved[word] ?? word),
        sbin,
      );
      await waitFor('Kamailio', () => answersOptions('127.0.0.1', kamailioPort, 200), startLimitMs);
      const [, kamcmd, ...words] = healthcheck.test as string[];
      const health = lab.start(
        'kamcmd',
        kamcmd!,
        words.map((word) => word.replace('/tmp/kamailio_ctl', control)),
        sbin,
      );
      expect(await health.exited, health.log()).toMatchObject({ code: 0 });

      const orchestratorPort = await freePort();
      const listen: [string, string] = ['listen: "0.0.0.0:9465"', `listen: "127.0.0.1:${orchestratorPort}"\n${plenty}`];
      start(lab, 'orchestrator', {
        '/etc/surgegate/orchestrator.yaml': written(lab, 'orchestrator.yaml', [listen]),
      });
      await waitFor('the orchestrator', async () => (await page(orchestratorPort, '/healthz')).ok, startLimitMs);

      const ports = new Map<number, number>();
      for (const port of [5050, 5060, 5066, 5074, 9464]) ports.set(port, await freePort());
      const edge = start(lab, 'edge', {
        '/etc/surgegate/surgegate.yaml': written(lab, 'surgegate.yaml', [
          ...[...ports].map(([from, to]): [string, string] => [`0.0.0.0:${from}`, `127.0.0.1:${to}`]),
          ['udp:kamailio:5060', `udp:127.0.0.1:${kamailioPort}`],
          ['http://orchestrator:9465', `http://127.0.0.1:${orchestratorPort}`],
          ['/run/state', join(lab.dir, 'orchestrator-state')],
        ]),
      });
      const admin = ports.get(9464)!;
      await waitFor('the edge', async () => edge.running() && (await page(admin, '/readyz')).ok, startLimitMs);

      const to = `127.0.0.1:${ports.get(5060)}`;
      const caller = await startSipp(lab, 'uac-call', { to, calls: 5, callsPerSecond: 5, limitSeconds: 30 });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 5 });

      const probePort = await freePort();
      start(lab, 'probe', {
        'udp:edge:5074': `udp:127.0.0.1:${ports.get(5074)}`,
        '0.0.0.0:9466': `127.0.0.1:${probePort}`,
      });
      await waitFor(
        'the synthetic caller to have completed both calls',
        async () => {
          const metrics = parseMetrics(await (await page(probePort, '/metrics')).text());
          return metrics.sum('surgegate_probe_calls_total', { outcome: 'completed' }) >= 2;
        },
        startLimitMs,
      );
      expect(parseMetrics(await (await page(admin, '/metrics')).text()).sum('surgegate_stripped_priority_total')).toBe(
        0,
      );
      await waitFor('the orchestrator to know the edge', async () => {
        const status = (await (await page(admin, '/v1/status')).json()) as { orchestrators: { up: boolean }[] };
        return status.orchestrators[0]?.up;
      });
    },
  );
});
