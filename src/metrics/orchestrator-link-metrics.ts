// Metrics of what is ordered of the edge from outside: the links to orchestrators, and what operators hold in force by hand.
import { resourceNames } from '../congestion/amounts.ts';
import { failureKinds } from '../congestion/client-options.ts';
import type { OperatorControls } from '../control/operator-controls.ts';
import { runningModes } from '../control/throttle.ts';
import { counter, type Families, gauge } from './families.ts';
import type { LinkView } from './link-view.ts';
import type { MetricSources } from './metrics.ts';

export interface OrderedView {
  readonly links: readonly LinkView[];
  readonly controls: OperatorControls;
}

export function addOrderMetrics(families: Families, sources: MetricSources): void {
  addOperator(families, sources);
  gauge(
    families,
    'surgegate_boundary_calls_per_second',
    'New calls of all classes that the host allows, the least of what all orchestrators say; +Inf: none sets a limit',
    [],
    (say) =>
      say({}, Math.min(Number.POSITIVE_INFINITY, ...sources.ordered().links.map((one) => one.boundaryPerSecond))),
  );
  const link = (name: string, help: string, read: (one: LinkView) => number | undefined) =>
    gauge(families, name, help, ['orchestrator'], (say) => {
      for (const one of sources.ordered().links) {
        const value = read(one);
        if (value !== undefined) say({ orchestrator: one.name }, value);
      }
    });
  link('surgegate_orchestrator_up', '1 while the edge is registered with an orchestrator and it answers', ({ isUp }) =>
    isUp ? 1 : 0,
  );
  link(
    'surgegate_orchestrator_orders_age_seconds',
    'Time since an orchestrator last confirmed its orders',
    ({ answeredSecondsAgo }) => answeredSecondsAgo,
  );
  link(
    'surgegate_orchestrator_mode',
    "Running mode of the host, 0 to 3; nothing while there are no valid orders. The edge's own is surgegate_running_mode",
    ({ mode }) => (mode === undefined ? undefined : runningModes.indexOf(mode)),
  );
  link(
    'surgegate_orchestrator_reduction_ratio',
    'The part of its work that each application gives up because the host is short of something; in the boundary already where there is one',
    ({ reductionRatio }) => reductionRatio,
  );
  link(
    'surgegate_orchestrator_notices',
    'Requests to shed load that are in force: alarm where they stay',
    ({ notices }) => notices,
  );
  addAllocation(families, sources);
  addMessages(families, sources);
}

function addAllocation(families: Families, sources: MetricSources): void {
  gauge(
    families,
    'surgegate_orchestrator_allocation',
    'What the edge may use of the host, by resource: cores, bytes, bytes per second. kind allocation: what it was given; allowed: the least of that and of what it was asked and forced to keep to',
    ['orchestrator', 'resource', 'kind'],
    (say) => {
      for (const { name: orchestrator, allocation, allowed } of sources.ordered().links) {
        for (const resource of resourceNames) {
          const given = { allocation: allocation[resource], allowed: allowed[resource] };
          for (const [kind, amount] of Object.entries(given)) {
            if (amount !== undefined) say({ orchestrator, resource, kind }, amount);
          }
        }
      }
    },
  );
}

function addMessages(families: Families, sources: MetricSources): void {
  counter(
    families,
    'surgegate_orchestrator_messages_total',
    'Messages to an orchestrator by kind; failed: it has not taken a notification or request',
    ['orchestrator', 'kind', 'result'],
    (say) => {
      for (const { name: orchestrator, messages } of sources.ordered().links) {
        for (const [kind, { sent, failed }] of Object.entries(messages)) {
          say({ orchestrator, kind, result: 'sent' }, sent);
          if (failed !== undefined) say({ orchestrator, kind, result: 'failed' }, failed);
        }
      }
    },
  );
  counter(
    families,
    'surgegate_orchestrator_failures_total',
    'Exchanges with an orchestrator that failed, by what went wrong',
    ['orchestrator', 'kind'],
    (say) => {
      for (const { name: orchestrator, failures } of sources.ordered().links) {
        for (const kind of failureKinds) say({ orchestrator, kind }, failures[kind]);
      }
    },
  );
}

function addOperator(families: Families, sources: MetricSources): void {
  gauge(
    families,
    'surgegate_operator_override',
    '1 for the running mode that an operator has ordered by hand: it holds whatever the indicators say',
    ['mode'],
    (say) => {
      const ordered = sources.ordered().controls.mode?.mode;
      for (const mode of runningModes) say({ mode }, mode === ordered ? 1 : 0);
    },
  );
  gauge(
    families,
    'surgegate_switch_drained',
    '1 while an operator has taken a switch out of service: it gets no new calls',
    ['switch'],
    (say) => {
      const { drainedSwitches } = sources.ordered().controls;
      for (const { name } of sources.switches()) say({ switch: name }, drainedSwitches.has(name) ? 1 : 0);
    },
  );
}
