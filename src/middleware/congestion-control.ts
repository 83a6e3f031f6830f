// Congestion control inside an application on drachtio-srf: `srf.use('invite', congestionControl({…}))`. The pipeline of the edge, with
// the application for its switch: what it cannot do is answered 503, the rest goes on to `next()`.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';
import { noOperatorControls } from '../control/operator-controls.ts';
import { noOrders } from '../control/orders.ts';
import type { ModeCause } from '../control/running-mode.ts';
import type { RunningMode } from '../control/throttle.ts';
import { newParts } from '../edge/new-parts.ts';
import type { EdgeParts } from '../edge/parts.ts';
import { switchRules } from '../edge/policy.ts';
import { Switches } from '../edge/switches.ts';
import { StackEdge } from '../engine/drachtio/stack-edge.ts';
import { StackListeners } from '../engine/drachtio/stack-listeners.ts';
import { Marks } from '../forward/marks.ts';
import type { Log, LogFields, LogLevel } from '../log.ts';
import { createLogLimit } from '../log-limit.ts';
import { createCounters } from '../metrics/counters.ts';
import { LoopRecord } from '../metrics/loop-record.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { coarseClock } from '../start/coarse-clock.ts';
import { type ControlLoop, startControlLoop } from '../start/control-loop.ts';
import { logThrottle } from '../start/log-throttle.ts';
import { loopSample } from '../start/loop-sample.ts';
import { createPenalties } from '../start/penalties.ts';
import { loadPlan } from '../start/plan.ts';
import { ApplicationCalls } from './application-calls.ts';
import { type CongestionControlKeys, type MiddlewareConfig, middlewareConfig } from './options.ts';
import { ServerWatch } from './server-watch.ts';
import { SrfAsked, type SrfRequestLike, type SrfResponseLike } from './srf-request.ts';

export interface CongestionControlOptions extends CongestionControlKeys {
  /** What has changed, such as the running mode; at most one line of a kind in 10 s. Default: nothing is logged. */
  readonly log?: (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: LogFields) => void;
}

export interface CongestionStatus {
  /** `L0`: nothing is wrong, to `L3`. */
  readonly mode: RunningMode;
  readonly causes: readonly ModeCause[];
  /** New calls per second that the application can do, as configured or learned; undefined while nothing is known. */
  readonly capacityPerSecond: number | undefined;
  /** New calls per second that it is given; undefined: not limited. */
  readonly limitPerSecond: number | undefined;
  readonly isAtCapacity: boolean;
  /** Calls that it has given no response but 100, and all without a final response. */
  readonly outstandingCalls: number;
  readonly openCalls: number;
  /** Calls that wait for their turn. */
  readonly waitingCalls: number;
  /** Called numbers, or their first digits, that are gapped. */
  readonly gapped: readonly string[];
}

/** Middleware of drachtio-srf, and what belongs to it. */
export interface CongestionControl {
  /** `next` is a function; drachtio-srf's own declarations say no more of it. */
  (request: SrfRequestLike, response: SrfResponseLike, next: object): void;
  /** Undefined before the first sample, a tenth of a second after the start. */
  status(): CongestionStatus | undefined;
  /** Of prom-client: everything that the edge counts. */
  readonly registry: Registry;
  /** Ends its timers; what comes afterwards passes. */
  close(): void;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Decisions remembered: an application is handed a request once, so few are asked for. */
const memoryEntries = 2 ** 14;
const turnMs = 10;
/** Shares of refusals, calls that were forgotten: every 100 ms. */
const turnsOfTick = 10;
/** They belong to something that is there, and have no answer that would help. */
const alwaysPass = new Set(['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE']);

/**
 * Every request that it is used for is admitted, waits at most `control.waitMs`, or is refused; requests in dialogs that the
 * server knows pass. Throws an Error of one line where an option is wrong.
 */
export function congestionControl(options: CongestionControlOptions = {}): CongestionControl {
  const { log: tell, ...keys } = options;
  const settings = middlewareConfig(keys);
  const log = logOf(tell);
  const now = coarseClock();
  const { parts, listeners } = partsOf(settings, log, now);
  const { config } = settings;
  const calls = new ApplicationCalls(parts, config.limits.transactions);
  const listener = listeners.listeners[0]!;
  const stack = new StackEdge(parts, calls, () => listener);
  const watch = new ServerWatch(listener, (level, text) => log[level](text));
  const record = new LoopRecord();
  const loop = startControlLoop(config, {
    parts,
    around: settings.watchServer ? watch.around : (host) => ({ host, kernel: new Map() }),
    orders: () => noOrders,
    directory: settings.stateDirectory,
    warn: (message) => log.warn(message),
  });
  loop.onThrottle = (throttle, before) => {
    if (loop.sample !== undefined) record.note(loop.sample, loop.control.hottest);
    logThrottle(log, throttle, before);
  };
  let turns = 0;
  const timer = setInterval(() => {
    loop.look();
    stack.scan();
    if (++turns % turnsOfTick !== 0) return;
    calls.tick(now());
    for (const side of Object.values(parts.policy.sides)) side.refusedShare.tick(now());
  }, turnMs);
  timer.unref();
  const startedSeconds = Date.now() / 1000;
  const { registry } = createMetrics({
    version,
    counters: parts.counters,
    sockets: () => [],
    switches: () => parts.switches.all.map((one) => ({ name: one.name, up: true, counters: one.counters })),
    transactions: () => ({ invite_server: calls.open }),
    penalisedSources: () => 0,
    reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: startedSeconds }),
    draining: () => false,
    shadow: () => parts.isShadow,
    loop: () => loopSample(loop, record, parts, config),
    ordered: () => ({ links: [], controls: noOperatorControls }),
  });
  let isClosed = false;

  const middleware = (request: SrfRequestLike, response: SrfResponseLike, next: object): void => {
    const go = next as () => void;
    if (isClosed || alwaysPass.has(request.method) || (request.stackDialogId ?? '') !== '') return go();
    if (settings.watchServer) watch.note(request);
    let isNow = true;
    stack.onRequest(new SrfAsked(request, response, () => (isNow ? go() : void setImmediate(go))));
    isNow = false;
  };
  return Object.assign(middleware, {
    registry,
    status: () => statusOf(loop, parts, calls),
    close() {
      if (isClosed) return;
      isClosed = true;
      loop.close();
      watch.close();
      // calls that wait are decided as ever
      setTimeout(() => clearInterval(timer), 2 * config.control.waitMs + turnMs).unref();
    },
  });
}

/** The pipeline, with the application as its only switch. */
function partsOf({ config }: MiddlewareConfig, log: Log, now: () => number) {
  const loaded = loadPlan(config);
  if ('faults' in loaded) throw new Error(`congestionControl: ${loaded.faults[0]}`);
  const switches = new Switches(
    () => config.health,
    () => {},
  );
  const { address } = config.switches[0]!;
  switches.configure(switchRules(config, () => ({ transport: 'udp', address: address!.host, port: address!.port })));
  const listeners = new StackListeners(config);
  const counters = createCounters();
  const parts = newParts({
    config,
    plan: loaded.plan,
    flows: listeners,
    marks: new Marks(randomBytes(32)),
    names: { find: () => 'failed', whenKnown: () => false },
    counters,
    switches,
    penalties: createPenalties(config, counters, log),
    log: (level, text, fields) => log.limited(text, level, text, fields),
    now,
    memoryEntries,
    refusalsKept: 0,
  });
  return { parts, listeners };
}

function statusOf({ sample, throttle, control }: ControlLoop, { lanes }: EdgeParts, calls: ApplicationCalls) {
  const seen = sample?.switches[0];
  const known = seen && control.switchControls.get(seen.name);
  if (seen === undefined || throttle === undefined || known === undefined) return undefined;
  const finite = (perSecond: number) => (Number.isFinite(perSecond) ? perSecond : undefined);
  const status: CongestionStatus = {
    mode: throttle.mode,
    causes: control.mode.causes,
    capacityPerSecond: finite(known.capacity.perSecond),
    limitPerSecond: finite(throttle.ordinaryPerSecond),
    isAtCapacity: known.capacity.isAtCapacity,
    outstandingCalls: seen.outstanding,
    openCalls: calls.open,
    waitingCalls: lanes.length,
    gapped: throttle.gaps.map(({ digits }) => digits),
  };
  return status;
}

function logOf(tell: CongestionControlOptions['log']): Log {
  const limit = createLogLimit({ intervalMs: 10_000, maxCauses: 100 });
  const say =
    (level: Exclude<LogLevel, 'trace'>) =>
    (message: string, fields: LogFields = {}) => {
      const suppressed = tell === undefined ? undefined : limit(message, performance.now());
      if (suppressed !== undefined) tell?.(level, message, suppressed === 0 ? fields : { ...fields, suppressed });
    };
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  return {
    ...log,
    limited: (_cause, level, message, fields) => log[level === 'trace' ? 'debug' : level](message, fields),
    setLevel() {},
  };
}
