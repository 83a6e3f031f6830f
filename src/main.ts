// The composition root of the edge: the only file that builds sockets, timers, the admin server and signal handlers, and
// hands them to each other.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditActions } from './admin/audit-entry.ts';
import { startAdmin } from './admin/server.ts';
import { statusOf } from './admin/status.ts';
import { isLoopback } from './admission/cidr.ts';
import { AuditLog } from './audit-log.ts';
import type { Dialplan } from './classify/plan.ts';
import { adminTokens } from './config/admin-token.ts';
import { loadConfig, startError } from './config/load.ts';
import { compareConfigs, reloadRefusal } from './config/reload.ts';
import type { Config } from './config/schema.ts';
import { loadStateKey } from './config/state.ts';
import { createNames } from './edge/names.ts';
import { changeParts, newParts } from './edge/new-parts.ts';
import { listenerText, switchRules } from './edge/policy.ts';
import { Switches } from './edge/switches.ts';
import { Marks } from './forward/marks.ts';
import { createLog } from './log.ts';
import { createCounters } from './metrics/counters.ts';
import { LoopRecord } from './metrics/loop-record.ts';
import { createMetrics } from './metrics/metrics.ts';
import { notifyService } from './service-notify.ts';
import { banner } from './start/banner.ts';
import { coarseClock } from './start/coarse-clock.ts';
import { startConsole } from './start/console.ts';
import { startControlLoop } from './start/control-loop.ts';
import { openEmbedded, wheelMs } from './start/engine-embedded.ts';
import { createHep } from './start/hep.ts';
import { logThrottle } from './start/log-throttle.ts';
import { loopSample } from './start/loop-sample.ts';
import { OperatorOrders } from './start/operator-orders.ts';
import { noLinks, openLinks } from './start/orchestrator-links.ts';
import { createPenalties } from './start/penalties.ts';
import { loadPlan } from './start/plan.ts';
import { serviceStatus } from './start/service-status.ts';
import { StandingOrders } from './start/standing-orders.ts';
import { createSwitchTargets } from './start/switch-targets.ts';
import { startTracing } from './start/tracing.ts';

/** What the end takes besides the drain, at most. */
const farewellSeconds = 10;
/** Health checks, penalties and shares of refusals: every 100 ms. */
const turnsOfTick = 10;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Runs the edge with a configuration file until SIGTERM or SIGINT. Rejects with one line where it cannot start. */
export async function run(configFile: string): Promise<void> {
  let config = readConfig(configFile);
  let plan = readPlan(config);
  const log = createLog({ level: config.log.level });
  const now = coarseClock();
  const marks = new Marks(loadStateKey(config.state.directory, (message) => log.warn(message)));
  const counters = createCounters();
  const names = createNames(now);
  const reloads = { applied: 0, refused: 0, lastSuccessSeconds: Date.now() / 1000 };

  const switches = new Switches(
    () => config.health,
    (one, from) =>
      log[one.health.name === 'up' ? 'info' : 'warn']('switch changed', {
        switch: one.name,
        from,
        to: one.health.name,
      }),
  );
  const targets = createSwitchTargets(log, () => switches.configure(switchRules(config, targets.targetOf)));
  await targets.follow(config);
  switches.configure(switchRules(config, targets.targetOf));

  // drachtio-srf is loaded only where it is used
  const open = config.engine === 'drachtio' ? (await import('./start/engine-drachtio.ts')).openDrachtio : openEmbedded;
  const hep = createHep(log);
  const engine = await open({ config: () => config, switches, log, now, hep });

  const tracing = await startTracing(config, version, log, now);
  const policyInput = () => ({ config, plan, flows: engine.flows, marks, names });
  const parts = newParts({
    ...policyInput(),
    counters,
    switches,
    penalties: createPenalties(config, counters, log),
    tracing: tracing.calls,
    log: (level, text, fields) =>
      level === 'debug' ? log.debug(text, fields) : log.limited(text, level, text, fields),
    now,
  });
  const sip = await engine.begin(parts);
  hep.follow(config);

  const stateOf = (name: string) => switches.find(name)?.health.name ?? 'down';
  const board = startConsole({
    ...{ config: config.admin, version, counters, now, warn: (message) => log.warn(message), stateOf },
    isDraining: () => parts.isDraining,
    controls: () => operator.controls(),
    links: () => links.views(),
    view: () => loopView(),
    status: () => status(),
  });
  const audit = new AuditLog({
    directory: config.state.directory,
    actions: auditActions,
    warn: (message) => log.warn(message),
    unixMs: Date.now,
    onEntry: (entry) => board.ordered(entry),
  });
  const operator = new OperatorOrders({
    table: parts.gaps,
    now,
    audit,
    switches: () => switches.all,
    onChange: () => void standing.orders(),
  });
  let links = noLinks;
  const standing = new StandingOrders(
    parts,
    operator,
    () => links,
    () => config.mode === 'shadow',
  );
  const record = new LoopRecord();
  const orders = () => {
    record.noteGaps(parts.gaps); // before the throttle that follows takes some away
    return standing.orders();
  };
  const loop = startControlLoop(config, {
    parts,
    around: sip.sample,
    orders,
    directory: config.state.directory,
    warn: (message) => log.warn(message),
  });
  loop.onThrottle = (throttle, before) => {
    if (loop.sample !== undefined) record.note(loop.sample, loop.control.hottest);
    logThrottle(log, throttle, before);
    const view = loopView();
    if (view === undefined) return;
    links.step(view);
    board.look(view, before);
  };
  const loopView = () => loopSample(loop, record, parts, config);

  const tick = (nowMs: number) => {
    sip.tick(nowMs);
    parts.penalties.tick(nowMs);
    for (const side of Object.values(parts.policy.sides)) side.refusedShare.tick(nowMs);
  };
  // one timer for all: each would wake the process up by itself
  let turns = 0;
  const wheelTimer = setInterval(() => {
    loop.look();
    sip.turn(now());
    if (++turns % turnsOfTick === 0) tick(now());
  }, wheelMs);

  const { registry } = createMetrics({
    version,
    counters,
    sockets: sip.sockets,
    switches: () =>
      switches.all.map((one) => ({ name: one.name, up: one.health.name === 'up', counters: one.counters })),
    transactions: sip.transactions,
    penalisedSources: () => parts.penalties.size,
    reloads: () => reloads,
    draining: () => parts.isDraining,
    shadow: () => parts.isShadow,
    loop: loopView,
    ordered: () => ({ links: links.views(), controls: operator.controls() }),
    drachtio: sip.drachtio,
    hep: hep.view,
    tracing: tracing.view,
  });
  const ready = () => [
    ...(parts.isDraining ? ['draining'] : []),
    ...(switches.isAnyUp() ? [] : ['no switch is up']),
    ...sip.ready(),
  ];
  const access = board.access({
    isLoopback: isLoopback(config.admin.listen.host),
    tokens: adminTokens(config.admin),
  });
  const status = () => {
    const view = loopView();
    const more = { version, shadow: parts.isShadow, draining: parts.isDraining, gaps: operator.list() };
    const outside = {
      controls: operator.controls(),
      ordered: links.ordered(),
      links: links.views(),
      drachtio: sip.drachtio(),
    };
    return view === undefined ? undefined : statusOf(view, { ...more, ...outside, stateOf }, operator.clocks());
  };
  const ordered = () => links.ordered();
  const refusals = { last: parts.refusals, numbers: config.admin.refusals.numbers, clocks: () => operator.clocks() };
  const admin = await startAdmin(
    { registry, ready, status, gaps: operator, controls: operator, refusals, ordered, access, console: board.addTo },
    config.admin.listen,
  );
  links = await openLinks({ config: () => config, log, now, audit, view: loopView });

  process.stdout.write(banner(version, config, engine.flows.listeners, admin.address, board.address(admin.address)));
  log.info('listening', {
    listeners: engine.flows.listeners.map((one) => `${one.interfaceName} ${listenerText(one)}`),
    ...sip.described,
    admin: admin.address,
  });

  const serviceLine = () =>
    serviceStatus({
      mode: loop.throttle?.mode ?? 'L0',
      shadow: parts.isShadow,
      draining: parts.isDraining,
      switches: switches.all.map(({ name, health, isDrained }) => ({ name, isUp: health.name === 'up', isDrained })),
    });
  const service = await notifyService({ status: serviceLine, warn: (message) => log.warn(message) });
  service.ready();

  const reload = async () => {
    service.reloading();
    try {
      const next = readConfig(configFile);
      const nextPlan = readPlan(next);
      const refusal = reloadRefusal(compareConfigs(config, next));
      if (refusal !== undefined) throw new Error(refusal);
      config = next;
      plan = nextPlan;
      await targets.follow(config);
      switches.configure(switchRules(config, targets.targetOf));
      changeParts(parts, { ...policyInput(), penalties: createPenalties(config, counters, log) });
      standing.orders(); // an operator's order of shadow mode holds on
      loop.change(config);
      tracing.change(config);
      hep.follow(config);
      log.setLevel(config.log.level);
      reloads.applied++;
      reloads.lastSuccessSeconds = Date.now() / 1000;
      log.info('configuration reloaded', { file: configFile });
      board.reloaded();
    } catch (error) {
      reloads.refused++;
      const reason = error instanceof Error ? error.message : String(error);
      log.error('configuration not reloaded; the old one stays in force', { file: configFile, reason });
      board.reloaded(reason);
    } finally {
      service.ready();
    }
  };
  process.on('SIGHUP', () => void reload());

  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    service.stopping(config.drain.timeoutSeconds + farewellSeconds);
    standing.end();
    sip.stopAccepting();
    log.info('draining: new calls are refused, calls in set-up are finished', { signal, calls: sip.unfinished });
    const untilMs = now() + config.drain.timeoutSeconds * 1000;
    while (sip.unfinished > 0 && now() < untilMs) await sleep(50);
    const unfinished = sip.unfinished;
    // the ACK of the last answer is still on its way: without it the switch would repeat its 200 to nobody
    if (sip.isLingering) await sleep(Math.max(0, Math.min(4 * config.timers.t1Ms, untilMs - now())));
    clearInterval(wheelTimer);
    loop.close();
    board.close();
    await Promise.all([sip.close(), targets.close(), admin.close(), links.close(), audit.close()]);
    await Promise.all([tracing.close(), hep.close()]);
    log.info('ended', { unfinished });
    process.exitCode = 0;
    setTimeout(() => process.exit(0), 200).unref();
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
}

function readConfig(file: string): Config {
  const loaded = loadConfig(file);
  if ('faults' in loaded) throw startError(file, loaded.faults);
  return loaded.config;
}

function readPlan(config: Config): Dialplan {
  const loaded = loadPlan(config);
  if ('faults' in loaded) throw new Error(loaded.faults[0]);
  return loaded.plan;
}
