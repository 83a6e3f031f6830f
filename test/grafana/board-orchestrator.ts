// The dashboard of the host: what the orchestrator sees, gives and takes, and how the edges obey it.
import type { Board, Variable } from './board.ts';
import { lines, type Panel, states, type Unit } from './panels.ts';
import * as q from './queries.ts';

const host = 'instance=~"$orchestrator"';
const one = `${host},application=~"$application"`;

const orchestratorVariable: Variable = {
  name: 'orchestrator',
  label: 'Orchestrator',
  description: 'Orchestrators, as Prometheus scrapes them',
  query: 'label_values(surgegate_host_mode, instance)',
};
const applicationVariable: Variable = {
  name: 'application',
  label: 'Application',
  description: 'Applications that the orchestrator rations the host among',
  query: 'label_values(surgegate_application_leased{instance=~"$orchestrator"}, application)',
};

const mode = [
  states({
    title: 'Running mode of the host',
    description: 'Of each orchestrator and of its peers.',
    queries: [
      { expr: `surgegate_host_mode{${host}}`, legend: '{{instance}}' },
      { expr: `surgegate_peer_mode{${host}}`, legend: 'peer {{peer}}' },
    ],
    unit: 'none',
    width: 8,
    names: q.modeNames,
  }),
  states({
    title: 'What asks for it',
    description: 'By kind of sign: thresholds of a resource, arrivals, the reserve in use, orders.',
    queries: [{ expr: `surgegate_host_mode_proposal{${host}}`, legend: '{{kind}}' }],
    unit: 'none',
    width: 8,
    names: q.modeNames,
  }),
  lines({
    title: 'To be given up',
    description: 'The part of their ordinary work that applications are asked to give up.',
    queries: [{ expr: `surgegate_host_reduction_ratio{${host}}`, legend: '{{instance}}' }],
    unit: 'percentunit',
    width: 8,
    height: 6,
    max: 1,
  }),
];

function hostPanel(title: string, resource: string, unit: Unit, width: number): Panel {
  const of = (what: string): string => `surgegate_host_${what}{${host},resource="${resource}"}`;
  return lines({
    title: `Host: ${title}`,
    description: 'What there is, what is used of it, what is allocated, what an ordinary application could still get.',
    queries: [
      { expr: of('maximum'), legend: 'maximum' },
      { expr: of('used'), legend: 'used' },
      { expr: of('allocated'), legend: 'allocated' },
      { expr: of('available'), legend: 'available' },
      { expr: of('reserve'), legend: 'reserve for a crisis' },
    ],
    unit,
    width,
    looks: [
      { legend: 'maximum', colour: 'red', isDashed: true },
      { legend: 'used', colour: 'blue', isFilled: true },
      { legend: 'reserve for a crisis', colour: 'purple', isDashed: true },
    ],
  });
}

function applicationPanel(title: string, resource: string, unit: Unit): Panel {
  const of = (what: string): string => `surgegate_application_${what}{${one},resource="${resource}"}`;
  return lines({
    title: `Applications: ${title}`,
    description:
      'What each uses and may use. Forced: held to a limit by the hypervisor, because it did not shed when it was asked.',
    queries: [
      { expr: of('used'), legend: '{{application}}: used' },
      { expr: of('allocated'), legend: '{{application}}: may use' },
      { expr: of('forced'), legend: '{{application}}: FORCED to' },
      { expr: of('boundary'), legend: '{{application}}: boundary' },
    ],
    unit,
    width: 12,
    height: 10,
    links: [q.runbook('allocation-forced')],
  });
}

const shedding = [
  states({
    title: 'Applications',
    description: 'Dumped: taken out of service because it is not essential.',
    queries: [
      {
        expr: `surgegate_application_suspended{${one}} + 2 * (1 - surgegate_application_leased{${one}})`,
        legend: '{{application}}',
      },
    ],
    unit: 'none',
    width: 8,
    height: 8,
    names: [
      { text: 'runs', colour: 'green' },
      { text: 'dumped', colour: 'red' },
      { text: 'silent', colour: 'yellow' },
      { text: 'dumped, silent', colour: 'red' },
    ],
  }),
  lines({
    title: 'What was done to shed load',
    description:
      'Applications asked, that complied, forced, suspended, resumed, and limits lifted, in the last minute.',
    queries: [
      {
        expr: `sum by (application, what) (increase(surgegate_shedding_events_total{${one}}[1m])) > 0`,
        legend: '{{application}}: {{what}}',
      },
    ],
    unit: 'short',
    width: 8,
    links: [q.runbook('allocation-forced')],
  }),
  lines({
    title: 'Adapters and allocation',
    description:
      'Passes of the adapters to hypervisors by result, and changes of an allocation by the rule that made them.',
    queries: [
      {
        expr: q.rate('surgegate_adapter_passes_total', host, 'application, result'),
        legend: '{{application}}: {{result}}',
      },
      { expr: q.rate('surgegate_allocation_changes_total', host, 'rule'), legend: 'rule: {{rule}}' },
    ],
    unit: 'short',
    width: 8,
  }),
];

const links = [
  states({
    title: 'Edge registered',
    description: 'An edge without an orchestrator protects itself on what it sees alone.',
    queries: [{ expr: `surgegate_orchestrator_up{${q.edge}}`, legend: '{{instance}} at {{orchestrator}}' }],
    unit: 'none',
    width: 8,
    height: 8,
    names: [
      { text: 'unreachable', colour: 'red' },
      { text: 'registered', colour: 'green' },
    ],
    links: [q.runbook('orchestrator-unreachable')],
  }),
  lines({
    title: 'Age of the orders',
    description: 'Since an orchestrator last confirmed its orders. They are leased: what is too old is not obeyed.',
    queries: [
      { expr: `surgegate_orchestrator_orders_age_seconds{${q.edge}}`, legend: '{{instance}} from {{orchestrator}}' },
    ],
    unit: 's',
    width: 8,
    links: [q.runbook('orchestrator-unreachable')],
  }),
  lines({
    title: 'Boundary and requests to shed',
    description: 'New calls that the host allows an edge, and requests to shed load that are in force.',
    queries: [
      { expr: q.limit(`surgegate_boundary_calls_per_second{${q.edge}}`), legend: '{{instance}}: boundary' },
      {
        expr: `sum by (instance) (surgegate_orchestrator_notices{${q.edge}})`,
        legend: '{{instance}}: requests to shed',
      },
    ],
    unit: 'short',
    width: 8,
  }),
];

const messages = [
  lines({
    title: 'Given to the edges',
    description:
      'Processor cores that an edge was given, and what it may use after all that it was asked and forced to.',
    queries: [
      { expr: `surgegate_orchestrator_allocation{${q.edge},resource="cpuCores"}`, legend: '{{instance}}: {{kind}}' },
      { expr: `surgegate_orchestrator_reduction_ratio{${q.edge}}`, legend: '{{instance}}: to give up' },
    ],
    unit: 'short',
    width: 8,
  }),
  lines({
    title: 'Messages of the edges',
    description: 'To their orchestrators by kind and result, and exchanges that failed.',
    queries: [
      { expr: q.rate('surgegate_orchestrator_messages_total', q.edge, 'kind, result'), legend: '{{kind}}: {{result}}' },
      { expr: q.rate('surgegate_orchestrator_failures_total', q.edge, 'kind'), legend: 'failed: {{kind}}' },
    ],
    unit: 'suffix:messages/s',
    width: 8,
  }),
  lines({
    title: 'Answers of the API',
    description: 'By status, and orders brought to callbacks.',
    queries: [
      { expr: q.rate('surgegate_api_answers_total', host, 'status'), legend: '{{status}}' },
      { expr: q.rate('surgegate_api_callbacks_total', host, 'result'), legend: 'callback: {{result}}' },
    ],
    unit: 'suffix:answers/s',
    width: 8,
  }),
];

export const orchestratorBoard: Board = {
  uid: 'surgegate-orchestrator',
  title: 'Surgegate: orchestrator',
  description: 'What the orchestrator sees, gives and takes, and how the edges obey it.',
  variables: [orchestratorVariable, applicationVariable, q.instanceVariable],
  annotations: q.modeNames.slice(1).map(({ text, colour }, i) => ({
    name: `Host ${text}`,
    colour,
    expr: `surgegate_host_mode{${host}} == ${i + 1}`,
    text: `The host of {{instance}} is in ${text}`,
  })),
  sections: [
    { title: 'Mode of the host', rows: [mode] },
    {
      title: 'Resources',
      rows: [
        [hostPanel('processor', 'cpuCores', 'suffix:cores', 12), hostPanel('memory', 'memoryBytes', 'bytes', 12)],
        [
          hostPanel('disk space', 'diskBytes', 'bytes', 8),
          hostPanel('disk traffic', 'diskBytesPerSecond', 'Bps', 8),
          hostPanel('network traffic', 'networkBytesPerSecond', 'Bps', 8),
        ],
      ],
    },
    {
      title: 'Applications',
      rows: [
        [applicationPanel('processor', 'cpuCores', 'suffix:cores'), applicationPanel('memory', 'memoryBytes', 'bytes')],
        shedding,
      ],
    },
    { title: 'Edges and the API', rows: [links, messages] },
  ],
};
