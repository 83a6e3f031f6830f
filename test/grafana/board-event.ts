// The dashboard for the night of the event: is the edge holding, what is refused and why, does priority pass.
import type { Board } from './board.ts';
import { nowPanels } from './board-now.ts';
import { type Look, lines, states } from './panels.ts';
import * as q from './queries.ts';

const { edge, newCalls, priorityCalls } = q;

const offeredLook: Look = { legend: 'offered', colour: 'blue' };
const completedLook: Look = { legend: 'completed', colour: 'green', isFilled: true };
const refusedLook: Look = { legend: 'refused', colour: 'orange' };
const limitLook = (legend: string, colour: string): Look => ({ legend, colour, isDashed: true });

const workingSwitches = `(surgegate_switch_capacity_calls_per_second{${edge}} and on (instance, switch) surgegate_switch_up{${edge}} == 1)`;
const goodput = q.completed(`${edge},interface!="core"`);
// far above what is carried a limit says nothing, and would press the other lines flat
const near = (limit: string): string => `${limit} < 5 * ${goodput}`;
const capacity = near(`sum(${workingSwitches})`);
const boundary = near(`sum(surgegate_boundary_calls_per_second{${edge}})`);

const load = [
  lines({
    title: 'Goodput against capacity',
    description:
      'What the switches complete against what they can: the two lie on each other for as long as more is offered. Capacity is of the switches that are up; like the boundary of the host it is drawn where it is below five times the goodput. Where several edges stand in front of the same switches, choose one.',
    queries: [
      { expr: goodput, legend: 'completed' },
      { expr: q.completed(`${edge},interface!="core",class=~"priority|emergency"`), legend: 'completed, priority' },
      { expr: capacity, legend: 'capacity of the switches' },
      { expr: boundary, legend: 'boundary of the host' },
    ],
    unit: 'suffix:calls/s',
    width: 12,
    height: 9,
    looks: [
      completedLook,
      { legend: 'completed, priority', colour: 'purple' },
      limitLook('capacity of the switches', 'red'),
      limitLook('boundary of the host', 'yellow'),
    ],
  }),
  lines({
    title: 'Offered, admitted, refused',
    description: 'New calls of all classes, on a logarithmic scale: an event is tens of times the normal.',
    queries: [
      { expr: q.offered(newCalls), legend: 'offered' },
      { expr: q.admitted(newCalls), legend: 'admitted' },
      { expr: q.refused(newCalls), legend: 'refused' },
      { expr: q.limit(`sum(surgegate_ordinary_calls_per_second_limit{${edge}})`), legend: 'limit of ordinary calls' },
    ],
    unit: 'suffix:calls/s',
    width: 12,
    height: 9,
    isLogarithmic: true,
    looks: [
      limitLook('limit of ordinary calls', 'red'),
      offeredLook,
      { legend: 'admitted', colour: 'green' },
      refusedLook,
    ],
  }),
];

const refusals = [
  lines({
    title: 'Refused by reason',
    description:
      'gap: hot numbers alone; share, neighbour-share, switch-capacity: no room in the switches; expired: waited for a turn in vain; mode: non-essential; penalised, pushback-drop: not even answered.',
    queries: [{ expr: `${q.refused(newCalls, 'reason')} > 0`, legend: '{{reason}}' }],
    unit: 'suffix:calls/s',
    width: 12,
    isStacked: true,
    links: [q.runbook('queue-expiry')],
  }),
  lines({
    title: 'Priority and emergency calls',
    description:
      'Every one that is offered is to be admitted. Fewer are completed where the called party is busy or does not answer.',
    queries: [
      { expr: q.offered(priorityCalls), legend: 'offered' },
      { expr: q.admitted(priorityCalls), legend: 'admitted' },
      { expr: q.completed(`${edge},interface!="core",class=~"priority|emergency"`), legend: 'completed' },
      { expr: q.refused(priorityCalls), legend: 'refused' },
      {
        expr: `clamp_max(${q.completed(`${edge},interface!="core",class=~"priority|emergency"`)} / (${q.offered(priorityCalls)} > 0), 1)`,
        legend: 'completed of offered',
      },
    ],
    unit: 'suffix:calls/s',
    width: 12,
    looks: [
      offeredLook,
      { legend: 'admitted', colour: 'yellow' },
      completedLook,
      { legend: 'refused', colour: 'red' },
      { legend: 'completed of offered', colour: 'text', isDashed: true, rightUnit: 'percentunit' },
    ],
    links: [q.runbook('priority-call-refused')],
  }),
];

const mode = [
  states({
    title: 'Running mode',
    description: 'Of each edge, and what each orchestrator asks of it.',
    queries: [
      { expr: `surgegate_running_mode{${edge}}`, legend: '{{instance}}' },
      { expr: `surgegate_orchestrator_mode{${edge}}`, legend: '{{instance}}, host by {{orchestrator}}' },
    ],
    unit: 'none',
    width: 8,
    height: 7,
    names: q.modeNames,
  }),
  states({
    title: 'What asks for the mode',
    description: 'The mode that each indicator of a mass-call event proposes; the highest is in force.',
    queries: [{ expr: `max by (indicator) (surgegate_indicator_mode{${edge}}) > 0`, legend: '{{indicator}}' }],
    unit: 'none',
    width: 8,
    height: 7,
    names: q.modeNames,
    links: [q.runbook('mass-call-event')],
  }),
  lines({
    title: 'How strongly',
    description:
      'What the indicators measured where it is worst: 1 is all of the normal, of the capacity, of a buffer.',
    queries: [{ expr: `max by (indicator) (surgegate_indicator_ratio{${edge}}) > 0`, legend: '{{indicator}}' }],
    unit: 'percentunit',
    width: 8,
    height: 7,
    isLogarithmic: true,
  }),
];

const alerts = [
  states({
    title: 'Alerts',
    description: 'Those of config/prometheus that fire. Each has a runbook under its name.',
    queries: [
      {
        expr: 'max by (alertname, severity) (ALERTS{alertname=~"Surgegate.+",alertstate="firing"})',
        legend: '{{alertname}} ({{severity}})',
      },
    ],
    unit: 'none',
    width: 24,
    names: [
      { text: '', colour: 'green' },
      { text: 'fires', colour: 'red' },
    ],
  }),
];

const gaps = [
  lines({
    title: 'Arrivals in relation to normal',
    description:
      'Ordinary new calls over what the edge has learned to be normal: 1 is an ordinary day, 3 and more an event.',
    queries: [
      {
        expr: `sum by (interface) (surgegate_interface_arrivals_calls_per_second{${edge}}) / sum by (interface) (surgegate_interface_normal_calls_per_second{${edge}} > 0)`,
        legend: '{{interface}}',
      },
    ],
    unit: 'short',
    width: 8,
    steps: [{ from: 3, colour: 'red' }],
  }),
  lines({
    title: 'Concentration',
    description:
      'Share of the new calls of the last 2 s that is for the four hottest called numbers. High: a focused event, which gaps can answer.',
    queries: [{ expr: `surgegate_concentration_ratio{${edge}}`, legend: '{{instance}}' }],
    unit: 'percentunit',
    width: 8,
    max: 1,
  }),
  lines({
    title: 'Gaps',
    description: 'Calls to gapped numbers by what became of them, and how many gaps there are.',
    queries: [
      { expr: q.rate('surgegate_gap_calls_total', edge, 'cause, result'), legend: '{{cause}}: {{result}}' },
      { expr: `sum(surgegate_gaps{${edge}})`, legend: 'gaps in force' },
    ],
    unit: 'suffix:calls/s',
    width: 8,
    looks: [{ legend: 'gaps in force', colour: 'text', isDashed: true, rightUnit: 'none' }],
  }),
];

const health = [
  lines({
    title: 'Set-up time',
    description: 'From the admission of an INVITE to its first final response, ringing included.',
    queries: [
      { expr: q.quantile(0.5, 'surgegate_call_setup_seconds', edge), legend: 'median' },
      { expr: q.quantile(0.95, 'surgegate_call_setup_seconds', edge), legend: '95 %' },
      { expr: q.quantile(0.99, 'surgegate_call_setup_seconds', edge), legend: '99 %' },
    ],
    unit: 's',
    width: 8,
  }),
  lines({
    title: 'Lost before a decision',
    description:
      'Datagrams that the kernel dropped because they came faster than they were read, and calls that waited too long.',
    queries: [
      { expr: q.rate('surgegate_kernel_drops_total', edge, 'interface'), legend: '{{interface}}: kernel drops' },
      {
        expr: q.rate('surgegate_requests_total', `${edge},reason="expired"`, 'interface'),
        legend: '{{interface}}: expired',
      },
    ],
    unit: 'suffix:messages/s',
    width: 8,
    links: [q.runbook('kernel-drops'), q.runbook('queue-expiry')],
  }),
  lines({
    title: 'The edge itself',
    description: 'How busy its event loop is, 1 being the limit of the process, and its memory.',
    queries: [
      { expr: `surgegate_event_loop_utilisation_ratio{${edge}}`, legend: '{{instance}}: event loop' },
      { expr: `surgegate_memory_ratio{${edge}}`, legend: '{{instance}}: memory' },
    ],
    unit: 'percentunit',
    width: 8,
    max: 1,
    steps: [{ from: 0.9, colour: 'red' }],
  }),
];

export const eventBoard: Board = {
  uid: 'surgegate-event',
  title: 'Surgegate: the event',
  description: 'Is the edge holding, what is refused and why, does priority pass. Start here.',
  variables: [q.instanceVariable],
  annotations: [...q.modeAnnotations, ...q.orderAnnotations],
  sections: [
    { title: 'Now', rows: [nowPanels] },
    { title: 'Load', rows: [load, refusals] },
    { title: 'Mode and why', rows: [mode, gaps, alerts] },
    { title: 'Health of the edge', rows: [health] },
  ],
};
