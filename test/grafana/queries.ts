// The PromQL that several dashboards share: what is offered, admitted, refused and completed, as README's metrics define it.
import type { Annotation, Variable } from './board.ts';
import type { Named, PanelLink } from './panels.ts';

export const window = '$__rate_interval';
/** The edges that are chosen. */
export const edge = 'instance=~"$instance"';
/** New calls from outside: what switches send out is not throttled. */
export const newCalls = `${edge},interface!="core",method="INVITE",class=~"new-call|priority|emergency"`;
export const priorityCalls = `${edge},interface!="core",method="INVITE",class=~"priority|emergency"`;

/** Reasons that lie in the request and not in the load: anybody can send such requests. */
export const senderFaults =
  'malformed|bad-version|too-many-hops|loop|unsupported-extension|unknown-priority|unsupported-scheme|dialplan|flow-failed|no-route|unanswerable';

/** Per second, of the counters that the selector picks. */
export const rate = (metric: string, selector: string, by = ''): string =>
  `sum${by === '' ? '' : ` by (${by})`} (rate(${metric}{${selector}}[${window}]))`;

/** A repeated request is the same request: it is no load. */
export const offered = (selector: string, by = ''): string =>
  rate('surgegate_requests_total', `${selector},decision!="absorb"`, by);
export const admitted = (selector: string, by = ''): string =>
  rate('surgegate_requests_total', `${selector},decision="forward"`, by);
export const refused = (selector: string, by = ''): string =>
  rate('surgegate_requests_total', `${selector},decision=~"reject|drop"`, by);
/** Answered with 2xx. */
export const completed = (selector: string, by = ''): string => rate('surgegate_calls_completed_total', selector, by);

/**
 * How much counters rose in the time range, 0 where nothing was counted. A series is born with its first count, which `increase()`
 * alone does not see: what was not there at the start of the range counts as it stands.
 */
export function risen(metric: string, selector: string): string {
  const series = `${metric}{${selector}}`;
  const born = `sum(${series} unless ${series} offset $__range)`;
  const grown = `sum(increase(${series}[$__range]) and ${series} offset $__range)`;
  return `(${born} or vector(0)) + (${grown} or vector(0))`;
}

/** `ratio` 0 to 1 of a histogram, in seconds. */
export const quantile = (ratio: number, metric: string, selector: string, by = ''): string => {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${ratio}, sum by (${labels}) (rate(${metric}_bucket{${selector}}[${window}])))`;
};

/** What is limited: `+Inf` says that nothing limits it, and is no line. */
export const limit = (expr: string): string => `${expr} < +Inf`;

export const instanceVariable: Variable = {
  name: 'instance',
  label: 'Edge',
  description: 'Edges, as Prometheus scrapes them',
  query: 'label_values(surgegate_running_mode, instance)',
};
export const interfaceVariable: Variable = {
  name: 'interface',
  label: 'Interface',
  description: 'Interfaces of the edge to the outside',
  query: 'label_values(surgegate_interface_arrivals_calls_per_second{instance=~"$instance"}, interface)',
};
export const switchVariable: Variable = {
  name: 'switch',
  label: 'Switch',
  description: 'Switches that the edge protects',
  query: 'label_values(surgegate_switch_up{instance=~"$instance"}, switch)',
};

export const modeNames: readonly Named[] = [
  { text: 'L0 normal', colour: 'green' },
  { text: 'L1', colour: 'yellow' },
  { text: 'L2', colour: 'orange' },
  { text: 'L3 crisis', colour: 'red' },
];
export const yesIsBad: readonly Named[] = [
  { text: 'no', colour: 'green' },
  { text: 'yes', colour: 'red' },
];

/** While an edge is not in L0: where one ends and the next begins, the mode changed. */
export const modeAnnotations: readonly Annotation[] = modeNames.slice(1).map(({ text, colour }, i) => ({
  name: `Mode ${text}`,
  colour,
  expr: `surgegate_running_mode{${edge}} == ${i + 1}`,
  text: `Running mode ${text} on {{instance}}`,
}));

/** What somebody has ordered or configured, and who looks at a plot should know. */
export const orderAnnotations: readonly Annotation[] = [
  {
    name: 'Ordered by hand',
    colour: 'purple',
    expr: `surgegate_operator_override{${edge}} == 1`,
    text: 'Running mode {{mode}} ordered by hand on {{instance}}',
  },
  {
    name: 'Draining',
    colour: 'blue',
    expr: `surgegate_draining{${edge}} == 1`,
    text: '{{instance}} refuses ordinary new calls: it is to end, or an operator has ordered it',
  },
  {
    name: 'Shadow mode',
    colour: 'dark-red',
    expr: `surgegate_shadow{${edge}} == 1`,
    text: '{{instance}} refuses nothing for load: the switches are not protected',
  },
  {
    name: 'Control off',
    colour: 'dark-red',
    expr: `1 - surgegate_control_enabled{${edge}} > 0`,
    text: 'What {{instance}} sees limits nothing: control.enabled is false',
  },
];

/** To the runbook in README that the alerts lead to as well. */
export const runbook = (name: string): PanelLink => ({
  title: `Runbook: ${name.replaceAll('-', ' ')}`,
  url: `$runbooks#runbook-${name}`,
});
