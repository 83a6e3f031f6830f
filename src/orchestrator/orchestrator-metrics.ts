// Every metric of the orchestrator, copied when somebody asks. Resources are labelled by their name in the congestion API, amounts are
// in the unit of that name.
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Amounts, byResource, minus, resourceNames, total } from '../congestion/amounts.ts';
import { runningModes } from '../control/throttle.ts';
import { addCertificateMetrics } from '../metrics/certificate-metrics.ts';
import { counter, type Families, type FamilyDescription, gauge, type Say } from '../metrics/families.ts';
import { emergencyReserve } from './allocation/maximum-settings.ts';
import type { HostAdapters } from './host-adapters.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { Peers } from './peers.ts';
import type { Applications } from './registry/applications.ts';
import { sheddingEventKinds } from './shedding/phase.ts';
import type { OrchestratorCounts } from './step-record.ts';

export interface OrchestratorMetricSources {
  readonly orchestrator: Orchestrator;
  readonly applications: Applications;
  readonly peers: Peers;
  readonly counts: OrchestratorCounts;
  readonly adapters: Pick<HostAdapters, 'counts' | 'stateOf'>;
  readonly reserveRatio: () => number;
  readonly now: () => number;
  /** Unix time when the certificate of the API runs out; undefined: it shows none. */
  readonly certificateEndsUnixSeconds?: number | undefined;
}

export function createOrchestratorMetrics(sources: OrchestratorMetricSources): {
  readonly registry: Registry;
  readonly described: readonly FamilyDescription[];
} {
  const families: Families = { registry: new Registry(), described: [] };
  collectDefaultMetrics({ register: families.registry });
  addMode(families, sources);
  addHost(families, sources);
  addApplications(families, sources);
  addCounts(families, sources);
  addCertificateMetrics(families, () => [{ of: 'api', endsUnixSeconds: sources.certificateEndsUnixSeconds }]);
  return families;
}

function addMode(families: Families, { orchestrator, peers, counts, now }: OrchestratorMetricSources): void {
  gauge(families, 'surgegate_host_mode', 'Running mode of the host: 0 normal to 3 crisis', [], (say) =>
    say({}, runningModes.indexOf(orchestrator.hostMode.mode)),
  );
  gauge(
    families,
    'surgegate_host_mode_proposal',
    'What asks for a running mode now, as the number of the mode; by kind of sign',
    ['kind'],
    (say) => {
      const worst = new Map<string, number>();
      for (const { kind, proposes } of orchestrator.last?.event.proposals ?? [])
        worst.set(kind, Math.max(worst.get(kind) ?? 0, runningModes.indexOf(proposes)));
      for (const [kind, mode] of worst) say({ kind }, mode);
    },
  );
  counter(families, 'surgegate_host_mode_changes_total', 'Changes of the running mode of the host', ['to'], (say) => {
    for (const mode of runningModes) say({ to: mode }, counts.transitions[mode]);
  });
  gauge(
    families,
    'surgegate_host_reduction_ratio',
    'The part of their ordinary work that applications are asked to give up, 0 to 1',
    [],
    (say) => say({}, orchestrator.hostMode.attributes.reductionRatio),
  );
  gauge(
    families,
    'surgegate_peer_mode',
    'Running mode of a peer orchestrator, 0 to 3; nothing while it has said nothing valid',
    ['peer'],
    (say) => {
      for (const { name, mode } of peers.states(now())) say({ peer: name }, runningModes.indexOf(mode));
    },
  );
}

function addHost(families: Families, { orchestrator, reserveRatio }: OrchestratorMetricSources): void {
  const amounts = (name: string, help: string, read: () => Amounts | undefined) =>
    gauge(families, name, help, ['resource'], (say) => sayAmounts(say, {}, read()));
  amounts('surgegate_host_maximum', 'What the host has of a resource', () => orchestrator.hostLoad.maximum);
  amounts('surgegate_host_used', 'What is used of it, smoothed', () => orchestrator.hostLoad.used);
  amounts('surgegate_host_reserve', 'What of it is kept for exempt applications in a crisis', () =>
    emergencyReserve(orchestrator.hostLoad.maximum, reserveRatio()),
  );
  amounts('surgegate_host_allocated', 'What of it is allocated to applications', () =>
    total([...(orchestrator.last?.allocation.allocations.values() ?? [])]),
  );
  amounts(
    'surgegate_host_available',
    'What of it an ordinary application could still get',
    () => orchestrator.last?.allocation.available,
  );
}

function addApplications(families: Families, sources: OrchestratorMetricSources): void {
  const { orchestrator, applications, adapters, now } = sources;
  const each = (name: string, help: string, read: (application: string) => Amounts | undefined) =>
    gauge(families, name, help, ['application', 'resource'], (say) => {
      for (const { name: application } of applications.list(now())) sayAmounts(say, { application }, read(application));
    });
  gauge(
    families,
    'surgegate_application_leased',
    '1 while the lease of an application holds, 0 while it is silent',
    ['application'],
    (say) => {
      for (const { name, state } of applications.list(now())) say({ application: name }, state === 'leased' ? 1 : 0);
    },
  );
  each('surgegate_application_maximum', 'The most that an application may get', (name) =>
    orchestrator.last?.allocation.maximums.get(name),
  );
  each('surgegate_application_allocated', 'What an application may use now', (name) =>
    orchestrator.last?.allocation.allocations.get(name),
  );
  each(
    'surgegate_application_reserved',
    'What is kept for it in L0: its minimum, a part of it in a crisis',
    (name) => applications.find(name, now())?.settings.minimum,
  );
  each('surgegate_application_available', 'What of its allocation it does not use', (name) => {
    const allocated = orchestrator.last?.allocation.allocations.get(name);
    return allocated && minus(allocated, applications.find(name, now())?.used ?? {});
  });
  each(
    'surgegate_application_virtual_maximum',
    'The size of its virtual machine or group, as its adapter sees it',
    (name) => adapters.stateOf(name)?.maximum,
  );
  each('surgegate_application_boundary', 'Its preset congestion boundary, while one is in force', (name) =>
    orchestrator.last?.allocation.boundaries.get(name),
  );
  each(
    'surgegate_application_used',
    'What it uses: the greater of what it reports and its adapter sees',
    (name) => applications.find(name, now())?.used,
  );
  each('surgegate_application_forced', 'The limit that it is held to by force', (name) => {
    const forced = orchestrator.last?.orders.get(name)?.forced ?? [];
    return byResource((resource) => forced.find((one) => one.resource === resource)?.limit);
  });
  gauge(families, 'surgegate_application_suspended', '1 while it is dumped', ['application'], (say) => {
    for (const { name } of applications.list(now()))
      say({ application: name }, orchestrator.last?.orders.get(name)?.isSuspended === true ? 1 : 0);
  });
}

function addCounts(families: Families, sources: OrchestratorMetricSources): void {
  const { applications, counts, adapters, now } = sources;
  counter(
    families,
    'surgegate_shedding_events_total',
    'What was done to shed load: applications asked, that complied, forced, suspended, resumed, and limits lifted',
    ['application', 'what'],
    (say) => {
      // from 0 on: a series that begins with the first event shows no rise
      const known = applications.list(now()).map(({ name }) => name);
      for (const application of new Set([...known, ...counts.shedding.keys()]))
        for (const what of sheddingEventKinds)
          say({ application, what }, counts.shedding.get(application)?.get(what) ?? 0);
    },
  );
  counter(
    families,
    'surgegate_allocation_changes_total',
    'Changes of an allocation, by the rule that made them',
    ['rule'],
    (say) => {
      for (const [rule, count] of counts.allocation) say({ rule }, count);
    },
  );
  counter(
    families,
    'surgegate_adapter_passes_total',
    'Passes of an adapter that set something, and those that failed: alarm on the latter',
    ['application', 'result'],
    (say) => {
      for (const [application, { set, failed }] of adapters.counts) {
        say({ application, result: 'set' }, set);
        say({ application, result: 'failed' }, failed);
      }
    },
  );
  counter(families, 'surgegate_api_answers_total', 'Answers of the congestion API', ['route', 'status'], (say) => {
    for (const [key, count] of counts.answers) {
      const [route = '', status = ''] = key.split(' ');
      say({ route, status }, count);
    }
  });
  counter(families, 'surgegate_api_callbacks_total', 'Orders brought to callbacks', ['result'], (say) => {
    for (const [result, count] of counts.callbacks) say({ result }, count);
  });
}

function sayAmounts(say: Say, labels: Readonly<Record<string, string>>, amounts: Amounts | undefined): void {
  if (amounts === undefined) return;
  for (const resource of resourceNames) {
    const amount = amounts[resource];
    if (amount !== undefined) say({ ...labels, resource }, amount);
  }
}
