// Every metric of the edge, in one place. The data plane counts in plain arrays (counters.ts) and knows nothing of this.
import { collectDefaultMetrics, Registry } from 'prom-client';
import { addControlMetrics } from './control-metrics.ts';
import type { Counters, SwitchCounters } from './counters.ts';
import { callClasses, interfaceNames, penaltyCauses } from './counters.ts';
import { addDrachtioMetrics, type DrachtioView } from './drachtio-metrics.ts';
import { counter, type Families, type FamilyDescription, gauge, histogram } from './families.ts';
import { addHepMetrics, type HepView } from './hep-metrics.ts';
import type { LoopView } from './loop-view.ts';
import { addOrderMetrics, type OrderedView } from './orchestrator-link-metrics.ts';
import { addSocketMetrics, type SocketSample } from './socket-metrics.ts';
import { addTracingMetrics, type TracingView } from './tracing-metrics.ts';

export interface SwitchSample {
  readonly name: string;
  readonly up: boolean;
  readonly counters: SwitchCounters;
}

export interface ReloadSample {
  readonly applied: number;
  readonly refused: number;
  /** Unix time of the start or of the last reload that was applied. */
  readonly lastSuccessSeconds: number;
}

/** Plain getters, called once for each scrape. */
export interface MetricSources {
  readonly version: string;
  readonly counters: Counters;
  readonly sockets: () => readonly SocketSample[];
  readonly switches: () => readonly SwitchSample[];
  /** Open transactions by kind. */
  readonly transactions: () => Readonly<Record<string, number>>;
  readonly penalisedSources: () => number;
  readonly reloads: () => ReloadSample;
  readonly draining: () => boolean;
  /** Nothing is refused for load; left out: never. */
  readonly shadow?: () => boolean;
  /** Undefined before the first throttle. */
  readonly loop: () => LoopView | undefined;
  readonly ordered: () => OrderedView;
  /** Where a drachtio-server carries SIP. */
  readonly drachtio?: () => DrachtioView | undefined;
  /** Where signalling is mirrored. */
  readonly hep?: () => HepView | undefined;
  /** Where calls are traced. */
  readonly tracing?: () => TracingView | undefined;
}

export interface Metrics {
  readonly registry: Registry;
  /** Every family of ours, in the order of /metrics; those of Node and of the process follow. */
  readonly described: readonly FamilyDescription[];
}

/** The longest interval of a timer: 25 days. */
const neverMs = 2 ** 31 - 1;

/** Makes the registry that /metrics shows. Series that were never counted are left out of the big families. */
export function createMetrics(sources: MetricSources): Metrics {
  const families: Families = { registry: new Registry(), described: [] };
  addTraffic(families, sources.counters);
  addSwitches(families, sources);
  addControlMetrics(families, sources);
  addOrderMetrics(families, sources);
  addDrachtioMetrics(families, () => sources.drachtio?.());
  addHepMetrics(families, () => sources.hep?.());
  addTracingMetrics(families, () => sources.tracing?.());
  addSocketMetrics(families, sources.sockets);
  addProcess(families, sources);
  addRuntime(families.registry);
  return families;
}

/**
 * Node's and the process's own, without the lag of the event loop: its histogram wakes the process up a hundred times a second, and
 * the control loop's own figure takes its place.
 */
function addRuntime(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs });
  for (const what of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
    registry.removeSingleMetric(`nodejs_eventloop_lag_${what}_seconds`);
}

function addTraffic(families: Families, counters: Counters): void {
  counter(
    families,
    'surgegate_requests_total',
    'Requests by what was decided and why. Every request is counted exactly once, so the sum is all that came in',
    ['interface', 'method', 'class', 'decision', 'reason'],
    (say) => counters.requests.each((labels, count) => say({ ...labels }, count)),
  );
  counter(
    families,
    'surgegate_responses_total',
    'Responses received from and sent to an interface, by hundred of the status code',
    ['interface', 'direction', 'code'],
    (say) => counters.responses.each(say),
  );
  counter(
    families,
    'surgegate_calls_completed_total',
    'Calls answered with 2xx, by the interface that they came from: goodput',
    ['interface', 'class'],
    (say) => {
      for (const [i, name] of interfaceNames.entries())
        for (const one of callClasses) say({ interface: name, class: one }, counters.completed.of(i, one));
    },
  );
  histogram(
    families,
    'surgegate_call_setup_seconds',
    'Time from the admission of an INVITE to its first final response: ringing included',
    [],
    (say) => say({}, counters.callSetupSeconds),
  );
  histogram(
    families,
    'surgegate_retry_after_seconds',
    'Values of Retry-After in refusals: rising values mean that a rising share is refused',
    [],
    (say) => say({}, counters.retryAfterSeconds),
  );
  counter(
    families,
    'surgegate_stripped_priority_total',
    'Requests from which a Resource-Priority was taken because its sender is not trusted: a forged priority, or a neighbour that should be trusted',
    ['interface'],
    (say) => {
      for (const [i, name] of interfaceNames.entries()) say({ interface: name }, counters.strippedPriority[i]!);
    },
  );
  counter(
    families,
    'surgegate_priority_cap_total',
    'Priority and emergency calls refused because there were more than can be real: alarm on any increase',
    [],
    (say) => say({}, counters.priorityCap),
  );
  counter(
    families,
    'surgegate_penalties_total',
    'Times that a source address was penalised, by what it sent too much of',
    ['cause'],
    (say) => {
      for (const cause of penaltyCauses) say({ cause }, counters.penalties[cause]);
    },
  );
}

function addSwitches(families: Families, { switches, counters }: MetricSources): void {
  gauge(
    families,
    'surgegate_switch_up',
    '1 while a switch answers and takes calls, 0 while it is down or answers OPTIONS with 503',
    ['switch'],
    (say) => {
      for (const entry of switches()) say({ switch: entry.name }, entry.up ? 1 : 0);
    },
  );
  counter(
    families,
    'surgegate_switch_requests_total',
    'Requests sent to a switch; those that pass without state count each time they come',
    ['switch'],
    (say) => {
      for (const entry of switches()) say({ switch: entry.name }, entry.counters.requests);
    },
  );
  counter(
    families,
    'surgegate_switch_responses_total',
    'Responses of a switch by status code: 503 means that it is asked for more than it can do',
    ['switch', 'code'],
    (say) => {
      for (const entry of switches()) {
        entry.counters.eachResponse((status, count) => say({ switch: entry.name, code: String(status) }, count));
      }
    },
  );
  histogram(
    families,
    'surgegate_switch_first_response_seconds',
    'Time from sending an INVITE to a switch to its first response of any kind: the first sign of congestion',
    ['switch'],
    (say) => {
      for (const entry of switches()) say({ switch: entry.name }, entry.counters.firstResponseSeconds);
    },
  );
  counter(
    families,
    'surgegate_failovers_total',
    'INVITEs sent on to another switch because the first refused with 503 or did not answer',
    [],
    (say) => say({}, counters.failovers),
  );
}

function addProcess(families: Families, sources: MetricSources): void {
  gauge(families, 'surgegate_transactions', 'Open transactions by kind', ['kind'], (say) => {
    for (const [kind, count] of Object.entries(sources.transactions())) say({ kind }, count);
  });
  gauge(families, 'surgegate_penalised_sources', 'Source addresses whose requests are dropped now', [], (say) =>
    say({}, sources.penalisedSources()),
  );
  counter(
    families,
    'surgegate_config_reloads_total',
    'Reloads of the configuration. refused: the file was bad and the old one stays',
    ['result'],
    (say) => {
      const reloads = sources.reloads();
      say({ result: 'applied' }, reloads.applied);
      say({ result: 'refused' }, reloads.refused);
    },
  );
  gauge(
    families,
    'surgegate_config_last_reload_success_timestamp_seconds',
    'Unix time when the configuration in force was read',
    [],
    (say) => say({}, sources.reloads().lastSuccessSeconds),
  );
  gauge(
    families,
    'surgegate_draining',
    '1 while ordinary new calls are refused because the process is to end, or an operator has ordered it',
    [],
    (say) => say({}, sources.draining() ? 1 : 0),
  );
  gauge(
    families,
    'surgegate_shadow',
    '1 while nothing is refused for load, by configuration or because an operator has ordered it: the switches are not protected',
    [],
    (say) => say({}, sources.shadow?.() ? 1 : 0),
  );
  gauge(families, 'surgegate_build_info', 'Always 1; the labels say what runs', ['version', 'node'], (say) =>
    say({ version: sources.version, node: process.version }, 1),
  );
}
