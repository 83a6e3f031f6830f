// A real Prometheus and a real Alertmanager with our rules and routes beside a real edge, orchestrator and synthetic caller. Every span
// of time in rules and routes is divided by `speed`, and so is the time between two scrapes: what is two minutes there is four seconds here.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownBaseline } from '../../src/control/baseline.ts';
import { collectorSections } from '../grafana/collectors.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import type { Lab } from '../peers/lab-test.ts';
import { startLimitedSwitch } from '../peers/limited-switch.ts';
import { type OrchestratorProcess, prepareOrchestrator } from '../peers/orchestrator.ts';
import { freePort } from '../peers/ports.ts';
import { type Prometheus, startAlertmanager, startPrometheus } from '../peers/prometheus.ts';
import { waitFor } from '../peers/wait.ts';
import { alertmanagerFile, fasterRules, ruleText } from '../prometheus/rule-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The rules are made for a scrape every 15 s; here there are two in a second. */
export const speed = 30;
export const scrapeMs = 15_000 / speed;
/** Calls a second: what the switch can do, and what the edge was taught to be normal. */
export const capacityPerSecond = 60;
export const normalPerSecond = 20;

/** One alert as Alertmanager brings it to a receiver. */
export interface Notice {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Watched {
  readonly edge: Edge;
  readonly orchestrator: OrchestratorProcess;
  readonly prometheus: Prometheus;
  /** What has come to the webhooks, oldest first. */
  readonly notices: readonly Notice[];
}

/** `host:port` of its admin listener. */
export const adminOf = (edge: Edge): string => (edge.config.admin as { listen: string }).listen;

export async function watchAnEdge(lab: Lab): Promise<Watched> {
  const limited = await startLimitedSwitch(lab, { capacityPerSecond });
  const orchestrator = await prepareOrchestrator(lab);
  await orchestrator.start();
  const edge = await startEdge(lab, {
    sides: { south: { weight: 1 }, east: { trust: { resourcePriority: true } } },
    switches: [{ name: 'switch', address: `udp:${limited.address}` }],
    rest: {
      ...(await collectorSections(lab)),
      state: { directory: taughtState(lab) },
      orchestrator: { url: orchestrator.url, token: orchestrator.token, minimumCallsPerSecond: capacityPerSecond },
    },
  });
  const probe = await startProbe(lab, edge);
  const { address, notices } = await startWebhook(lab);
  const routes = fasterRules(readFileSync(alertmanagerFile, 'utf8'), speed).replaceAll('127.0.0.1:9099', address);
  const alertmanager = await startAlertmanager(lab, routes);
  const prometheus = await startPrometheus(lab, {
    intervalMs: scrapeMs,
    jobs: [
      { job: 'surgegate', targets: [adminOf(edge)] },
      { job: 'surgegate-orchestrator', targets: [new URL(orchestrator.url).host] },
      { job: 'surgegate-probe', targets: [probe] },
    ],
    rules: Object.fromEntries(
      (['recording.yml', 'alerts.yml'] as const).map((name) => [name, fasterRules(ruleText(name), speed)]),
    ),
    alertmanagers: [alertmanager.address],
  });
  await waitFor(
    'all three to be scraped',
    async () => (await prometheus.query('sum(up)'))[0]?.value === 3,
    20_000,
    100,
  );
  return { edge, orchestrator, prometheus, notices };
}

/** A state directory from an earlier life: otherwise it would take half a minute to learn what is normal. */
function taughtState(lab: Lab): string {
  const directory = join(lab.dir, 'taught-state');
  mkdirSync(directory, { mode: 0o700 });
  const calls = knownBaseline({ normalFloorPerSecond: 10 }, normalPerSecond);
  writeFileSync(join(directory, 'normals.json'), JSON.stringify({ south: { calls } }), { mode: 0o600 });
  return directory;
}

/** A pair of calls each second. Resolves with `host:port` of its metrics, once a priority call was completed. */
async function startProbe(lab: Lab, edge: Edge): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  const command =
    process.env.SURGEGATE_FROM_SOURCE === undefined
      ? [join(root, 'dist/cli.js')]
      : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts')];
  const options = ['--every', '1', '--hold', '0', '--metrics', address];
  const child = lab.start('probe', process.execPath, [...command, 'probe', `udp:${edge.address.east}`, ...options]);
  await waitFor('a test call', () => /priority +completed/.test(child.log()), 20_000);
  return address;
}

interface Delivery {
  readonly receiver: string;
  readonly alerts: readonly Omit<Notice, 'receiver'>[];
}

async function startWebhook(lab: Lab): Promise<{ readonly address: string; readonly notices: Notice[] }> {
  const notices: Notice[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { receiver, alerts } = JSON.parse(text) as Delivery;
      notices.push(...alerts.map(({ status, labels, annotations }) => ({ receiver, status, labels, annotations })));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lab.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, notices };
}
