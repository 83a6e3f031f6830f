// The composition root of the orchestrator, which runs as a program of its own or inside the edge: builds what samples, decides, limits
// and answers, and steps it once an interval.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLog } from '../audit-log.ts';
import { compareOrchestratorConfigs } from '../config/orchestrator-reload.ts';
import type { OrchestratorConfig } from '../config/orchestrator-schema.ts';
import { loadCallers, peerTokenOf } from '../config/orchestrator-tokens.ts';
import { reloadRefusal } from '../config/reload.ts';
import { auditEntrySchema } from '../congestion/north-messages.ts';
import type { Log } from '../log.ts';
import { certificateEnd } from '../transport/tls-files.ts';
import { createAdapter } from './adapters/create-adapter.ts';
import { startApi } from './api/api.ts';
import { configuredAllocationRules, configuredEventRules, configuredSheddingRules } from './configured-rules.ts';
import { createHostUsage } from './host/host-usage.ts';
import { HostAdapters } from './host-adapters.ts';
import type { HostRules } from './host-step.ts';
import { Journal } from './journal.ts';
import { journalContent } from './journal-of.ts';
import { NorthControls } from './north/north-controls.ts';
import { NorthDesk } from './north/north-desk.ts';
import { Orchestrator } from './orchestrator.ts';
import { createDesk } from './orchestrator-desk.ts';
import { createOrchestratorMetrics } from './orchestrator-metrics.ts';
import { startPeerExchange } from './peer-exchange.ts';
import { Peers } from './peers.ts';
import { settingsOf } from './registry/application-settings.ts';
import { Applications } from './registry/applications.ts';
import { OrdersBuilder } from './registry/orders-builder.ts';
import { rise, StepRecord } from './step-record.ts';

/** Orders hold for so many intervals unless they are told again, and never less than so many seconds. */
const validIntervals = 5;
const leastValiditySeconds = 5;
/** Sequence numbers of orders that one process may use up. */
const sequencesPerEpoch = 1e9;
/** How long the end of the process waits until limits are lifted, ms. */
const farewellMs = 5000;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export interface RunningOrchestrator {
  /** `127.0.0.1:9465`, with the port that is bound. */
  readonly address: string;
  /** One line for people: `mode L1 because of …, 2 of 3 applications registered`. */
  summary(): string;
  /** Applies a new configuration. Throws one line where only a restart can. */
  change(config: OrchestratorConfig): void;
  /** Lifts all limits, ends what is open. */
  close(): Promise<void>;
}

/** Rejects with one line where it cannot start. */
export async function startOrchestrator(config: OrchestratorConfig, log: Log): Promise<RunningOrchestrator> {
  const { directory } = config.state;
  const warn = (message: string) => log.warn(message);
  const now = () => performance.now();
  const unixNow = () => Date.now();
  const callers = loadCallers(config, {
    made: (name, file) => log.info('a token was made', { name, file }),
    warn,
  });
  const adapters = new HostAdapters(
    new Map(config.applications.map(({ name, adapter }) => [name, createAdapter(adapter)])),
    log,
    (name, used) => applications.observe(name, used, now()),
  );
  const journal = new Journal({ directory, warn, clocks: () => ({ nowMs: now(), unixMs: unixNow() }) });
  const applications = new Applications(config.applications.map(settingsOf), { newSession: randomUUID });
  const controls = new NorthControls((name) => config.applications.some((one) => one.name === name));
  const audit = new AuditLog({ directory, actions: auditEntrySchema.shape.action.options, warn, unixMs: unixNow });
  const north = new NorthDesk(controls, audit);
  const peers = new Peers(config.peers);
  const record = new StepRecord(log);
  const builder = new OrdersBuilder({
    orchestrator: config.name,
    validitySeconds: Math.max(leastValiditySeconds, (validIntervals * config.intervalMs) / 1000),
    firstSequence: journal.epoch * sequencesPerEpoch,
  });
  const orchestrator = new Orchestrator(rulesOf(config), {
    applications,
    controls,
    north,
    peers,
    builder,
    canLimit: (name) => adapters.canLimit(name),
    now,
    unixNow,
    onStep: (step) => record.note(step),
    onInterval: (interval) => record.noteInterval(interval),
  });
  const { found } = journal;
  if (found !== undefined) {
    applications.restore(found.applications, now());
    controls.restore(found.north);
    orchestrator.restore(found.mode, new Map(found.allocated.map(({ name, amounts }) => [name, amounts])));
    log.info('went on from the journal', { mode: found.mode.mode, applications: found.applications.length });
  }
  const desk = createDesk({ name: config.name, orchestrator, applications, north, audit, peers, now });
  const { registry } = createOrchestratorMetrics({
    orchestrator,
    applications,
    peers,
    counts: record,
    adapters,
    reserveRatio: () => current.reserveRatio,
    now,
    certificateEndsUnixSeconds: config.tls && certificateEnd(readFileSync(config.tls.certificate)),
  });
  const api = await startApi(
    {
      desk,
      credentials: callers,
      registry,
      version,
      log,
      tls: config.tls,
      limits: config.limits,
      onAnswer: (route, status) => rise(record.answers, `${route} ${status}`),
      onCallback: (result) => rise(record.callbacks, result),
    },
    config.listen,
  );
  const exchange = startPeerExchange({
    name: config.name,
    peers: config.peers.flatMap((peer) =>
      peer.url === undefined
        ? []
        : [{ ...peer, url: peer.url, token: peerTokenOf(peer), authority: pemOf(peer.authority) }],
    ),
    mode: () => desk.mode(),
    onAnswer: (peer, { mode, causes }, validityMs) => peers.answered(peer, mode, causes, validityMs, now()),
    log,
  });
  orchestrator.onTransition(() => exchange.hurry());

  const { maximum, diskPaths, disks, networkInterfaces } = config.host;
  const usage = createHostUsage({
    maximum,
    diskPaths,
    ...(disks === undefined ? {} : { disks }),
    ...(networkInterfaces === undefined ? {} : { interfaces: networkInterfaces }),
    say: warn,
  });
  let current = config;
  const tick = () => {
    const { orders } = orchestrator.step(usage.sample(now()));
    void adapters.enforce(orders, now());
    journal.note(journalContent(orchestrator, applications, controls));
  };
  tick();
  const timer = setInterval(tick, config.intervalMs);

  return {
    address: api.address,
    summary() {
      const { mode, causes } = orchestrator.hostMode;
      const there = applications.list(now()).filter(({ state }) => state === 'leased').length;
      const why = causes.length === 0 ? '' : ` because of ${causes.join(', ')}`;
      return `mode ${mode}${why}, ${there} of ${current.applications.length} applications registered`;
    },
    change(next) {
      const refusal = reloadRefusal(compareOrchestratorConfigs(current, next));
      if (refusal !== undefined) throw new Error(refusal);
      applications.configure(next.applications.map(settingsOf));
      orchestrator.configure(rulesOf(next));
      log.setLevel(next.log.level);
      current = next;
    },
    async close() {
      clearInterval(timer);
      await Promise.all([api.close(), exchange.stop()]);
      const late = sleep(
        farewellMs,
        config.applications.map(({ name }) => name),
        { ref: false },
      );
      const stuck = await Promise.race([adapters.liftAll(), late]);
      if (stuck.length > 0) log.warn('limits could not be lifted', { applications: stuck });
      await Promise.all([adapters.close(), audit.close(), journal.close()]);
    },
  };
}

function rulesOf(config: OrchestratorConfig): HostRules {
  return {
    event: configuredEventRules(config),
    allocation: configuredAllocationRules(config),
    shedding: configuredSheddingRules(config),
  };
}

const pemOf = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : readFileSync(file, 'utf8');
