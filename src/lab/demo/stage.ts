// Starts everything that the demo is about, each as a process of its own on ports of the kernel's choice: switch, orchestrator, edge,
// two web applications (one that sheds when it is asked, one that does not), a batch job, and who visits them.
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SwitchTick } from '../ticks.ts';
import {
  type ApplicationName,
  applications,
  type Credentials,
  edgeFile,
  normalsFile,
  type OrchestratorPlace,
  orchestratorFile,
} from './configuration.ts';
import { applicationEvent, type DemoEvent, edgeEvent, orchestratorEvent } from './events.ts';
import type { Keeper } from './keeping.ts';
import { capacityPerSecond, type DemoPlan } from './plan.ts';
import { type Program, type ProgramOptions, startProgram } from './processes.ts';
import type { VisitorsOrder } from './visitors.ts';
import { isSettled, look, type Places } from './watch.ts';

export interface Stage {
  readonly places: Places;
  /** `udp:host:port` of the edge. */
  readonly south: string;
  readonly east: string;
  readonly pids: Readonly<Record<ApplicationName, number>>;
  readonly switchTicks: readonly SwitchTick[];
  /** Why nobody can be forced here; undefined: they can. */
  readonly cannotForce: string | undefined;
}

export interface StageOptions {
  readonly plan: DemoPlan;
  readonly folder: string;
  readonly keeper: Keeper;
  readonly onEvent: (event: DemoEvent) => void;
  /** Told of every process as it is started; the orchestrator is the first. */
  readonly onProgram: (program: Program) => void;
  readonly signal: AbortSignal;
}

/** What visitors ask of each web application: 90 requests a second of 5 ms, some 0.5 cores. */
const visitsPerSecond = 90;
const visitMs = 5;
/** The batch job would take a whole core; where that can be, its control group keeps it to this. */
const batchCores = 0.3;
const withGroups = ['web', 'shop', 'batch'] as const;
const readyMs = 30_000;

export async function setStage({ plan, folder, keeper, onEvent, onProgram, signal }: StageOptions): Promise<Stage> {
  const { groups, cannotForce } = await makeGroups(keeper);
  const tokens = newTokens();
  const start = (options: ProgramOptions): Program => {
    signal.throwIfAborted();
    const program = startProgram(options);
    keeper.process(program);
    onProgram(program);
    return program;
  };
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const tell = (event: DemoEvent | undefined): void => {
    if (event !== undefined) onEvent(event);
  };

  const orchestratorConfig = file('orchestrator.yaml', orchestratorFile(plan, { folder, tokens, groups }));
  const orchestratorProgram = start({
    name: 'orchestrator',
    file: '../../cli',
    args: ['orchestrator', '--config', orchestratorConfig],
    onLine: (line) => tell(orchestratorEvent(line)),
  });
  const switchTicks: SwitchTick[] = [];
  const switchProgram = start({
    name: 'switch',
    file: '../switch-process',
    args: [JSON.stringify({ capacityPerSecond, ringMs: 10, answerMs: 100 })],
    onLine: (line) => {
      if (line.startsWith('{"atMs"')) switchTicks.push(JSON.parse(line) as SwitchTick);
    },
  });
  const [orchestrator, switchAddress] = await Promise.all([
    orchestratorProgram.told((line) => /"address":"([^"]+)".*"msg":"listening"/.exec(line)?.[1]),
    switchProgram.told((line) => /"address":"([^"]+)"/.exec(line)?.[1]),
  ]);
  const url = `http://${orchestrator}`;

  const own = (name: ApplicationName, program: string, args: readonly string[] = []): Program =>
    start({
      name,
      file: `../${program}`,
      args: ['--orchestrator', url, '--name', name, '--token-file', file(name, tokens.applications[name])]
        .concat('--events')
        .concat(args),
      onLine: (line) => tell(applicationEvent(name, line)),
    });
  const work = String(roundsOf(visitMs));
  const web = own('web', 'web-application', ['--work', work]);
  const shop = own('shop', 'web-application', ['--work', work, '--stubborn']);
  const batch = own('batch', 'batch-job');
  mkdirSync(join(folder, 'edge'), { mode: 0o700 });
  file('edge/normals.json', normalsFile(plan));
  const token = tokens.applications.surgegate;
  const edgeConfig = file('edge.yaml', edgeFile({ folder, switchAddress, orchestrator: url, token }));
  const edge = start({
    name: 'edge',
    file: '../../cli',
    args: ['run', '--config', edgeConfig],
    onLine: (line) => tell(edgeEvent(line)),
  });
  const [{ south, east, admin }, ...urls] = await Promise.all([
    edge.told(edgeListening),
    web.told(readyAt),
    shop.told(readyAt),
  ]);
  // Where it has no control group it takes what nobody else wants.
  setPriority(batch.pid, 10);
  const pids = { surgegate: edge.pid, web: web.pid, shop: shop.pid, batch: batch.pid };
  for (const name of withGroups) {
    const path = groups[name]?.path;
    const reason = path === undefined ? undefined : await keeper.enter(path, pids[name]);
    if (reason !== undefined) throw new Error(`${name} cannot be moved into its control group: ${reason}`);
  }
  const visits: VisitorsOrder = { urls, requestsPerSecond: visitsPerSecond };
  start({ name: 'visitors', file: './visitors', args: [JSON.stringify(visits)] });

  const places: Places = { orchestrator: url, edge: `http://${admin}`, operatorToken: tokens.operator };
  await allTogether(places, signal);
  return { places, south, east, pids, switchTicks, cannotForce };
}

async function makeGroups(keeper: Keeper): Promise<Pick<OrchestratorPlace, 'groups'> & Pick<Stage, 'cannotForce'>> {
  const groups: Partial<Record<ApplicationName, { path: string; cores?: number }>> = {};
  for (const name of withGroups) {
    const path = `surgegate-demo-${process.pid}-${name}`;
    const cores = name === 'batch' ? batchCores : undefined;
    const cannotForce = await keeper.group(path, cores);
    if (cannotForce !== undefined) return { groups: {}, cannotForce };
    groups[name] = cores === undefined ? { path } : { path, cores };
  }
  return { groups, cannotForce: undefined };
}

function newTokens(): Credentials {
  const token = (): string => randomBytes(24).toString('base64url');
  const each = applications.map((name) => [name, token()]);
  return { applications: Object.fromEntries(each) as Credentials['applications'], operator: token() };
}

/** Rounds of hashing that take this machine so long. */
function roundsOf(ms: number): number {
  const rounds = 10_000;
  const tries = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    pbkdf2Sync('password', 'salt', rounds, 32, 'sha256');
    return performance.now() - startMs;
  });
  return Math.round((rounds * ms) / Math.min(...tries));
}

function edgeListening(line: string): { south: string; east: string; admin: string } | undefined {
  const admin = /"admin":"([^"]+)","msg":"listening"/.exec(line)?.[1];
  const listener = (name: string): string | undefined => new RegExp(`"${name} (udp:[^"]+)"`).exec(line)?.[1];
  const [south, east] = [listener('south'), listener('east')];
  return admin === undefined || south === undefined || east === undefined ? undefined : { south, east, admin };
}

const readyAt = (line: string): string | undefined => /"event":"ready","url":"([^"]+)"/.exec(line)?.[1];

/** Everyone has registered, and nothing is wrong. */
async function allTogether(places: Places, signal: AbortSignal): Promise<void> {
  for (const untilMs = Date.now() + readyMs; Date.now() < untilMs; await sleep(200, undefined, { signal })) {
    const sight = await look(places, applications);
    if (sight?.edge.orchestrators.every(({ up }) => up) && isSettled(sight, applications)) return;
  }
  throw new Error(`not everyone has registered with the orchestrator within ${readyMs / 1000} s`);
}
