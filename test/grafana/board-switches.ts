// The dashboard of the inside: what each switch can do, is given and answers.
import type { Board } from './board.ts';
import { lines, states } from './panels.ts';
import * as q from './queries.ts';

const one = `${q.edge},switch=~"$switch"`;
const gauge = (metric: string): string => `surgegate_switch_${metric}{${one}}`;

const state = [
  states({
    title: 'Up',
    description: 'Answers, and takes calls. Down: does not answer, or answers OPTIONS with 503.',
    queries: [{ expr: gauge('up'), legend: '{{switch}}' }],
    unit: 'none',
    width: 8,
    names: [
      { text: 'down', colour: 'red' },
      { text: 'up', colour: 'green' },
    ],
    links: [q.runbook('switch-down')],
  }),
  states({
    title: 'At capacity',
    description: 'Gets all that it can do while more is asked for: that is what an edge is for, and no fault.',
    queries: [{ expr: gauge('at_capacity'), legend: '{{switch}}' }],
    unit: 'none',
    width: 8,
    names: [
      { text: 'room', colour: 'green' },
      { text: 'full', colour: 'orange' },
    ],
  }),
  states({
    title: 'Silent or drained',
    description: 'Silent: answers nothing and gets only probes. Drained: taken out of service by an operator.',
    queries: [
      { expr: gauge('silent'), legend: '{{switch}}: silent' },
      { expr: gauge('drained'), legend: '{{switch}}: drained' },
    ],
    unit: 'none',
    width: 8,
    names: q.yesIsBad,
    links: [q.runbook('switch-down')],
  }),
];

const load = [
  lines({
    title: '$switch: demand against capacity',
    description:
      'New calls that wanted to go there, what it can complete, and what it is given: less where it asks for less by oc.',
    queries: [
      { expr: `sum(${gauge('demand_calls_per_second')})`, legend: 'demand' },
      { expr: q.limit(`sum(${gauge('capacity_calls_per_second')})`), legend: 'capacity' },
      { expr: q.limit(`sum(${gauge('limit_calls_per_second')})`), legend: 'given at most' },
    ],
    unit: 'suffix:calls/s',
    width: 24,
    repeat: 'switch',
    looks: [
      { legend: 'demand', colour: 'blue' },
      { legend: 'capacity', colour: 'red', isDashed: true },
      { legend: 'given at most', colour: 'yellow', isDashed: true },
    ],
    links: [q.runbook('switch-shrinking')],
  }),
];

const answers = [
  lines({
    title: 'First response',
    description: 'From sending an INVITE to its first response of any kind: the first sign of congestion in a switch.',
    queries: [
      { expr: q.quantile(0.5, 'surgegate_switch_first_response_seconds', one, 'switch'), legend: '{{switch}}: median' },
      { expr: q.quantile(0.99, 'surgegate_switch_first_response_seconds', one, 'switch'), legend: '{{switch}}: 99 %' },
    ],
    unit: 's',
    width: 12,
    steps: [{ from: 0.5, colour: 'red' }],
  }),
  lines({
    title: 'Responses by status',
    description: 'Responses to INVITEs. 503 says that a switch is asked for more than it can do.',
    queries: [
      { expr: q.rate('surgegate_switch_responses_total', one, 'switch, code'), legend: '{{switch}}: {{code}}' },
    ],
    unit: 'suffix:messages/s',
    width: 12,
  }),
];

const room = [
  lines({
    title: 'Without an answer',
    description:
      'INVITEs that it has given no response but 100 to, and the most that it may have. No dashed line: not limited.',
    queries: [
      { expr: gauge('outstanding_calls'), legend: '{{switch}}' },
      { expr: q.limit(gauge('outstanding_limit_calls')), legend: '{{switch}}: limit' },
    ],
    unit: 'suffix:calls',
    width: 8,
  }),
  lines({
    title: 'Queue in the switch',
    description:
      'Calls that it was sent and, by its limit, has not worked off, as the edge counts them. With a limit: more is asked for than it can do.',
    queries: [
      { expr: gauge('backlog_calls'), legend: '{{switch}}' },
      { expr: q.limit(gauge('backlog_limit_calls')), legend: '{{switch}}: limit' },
    ],
    unit: 'suffix:calls',
    width: 8,
  }),
  lines({
    title: 'Sent',
    description: 'Requests of all methods sent to a switch, and INVITEs sent on to another one.',
    queries: [
      { expr: q.rate('surgegate_switch_requests_total', one, 'switch'), legend: '{{switch}}' },
      { expr: q.rate('surgegate_failovers_total', q.edge), legend: 'failed over' },
    ],
    unit: 'suffix:requests/s',
    width: 8,
  }),
];

const asked = [
  lines({
    title: 'Pushback of a switch',
    description:
      'What a switch asks of the edge: the share to hold back (RFC 7339) or the most to send (RFC 7415). No line: nothing.',
    queries: [
      { expr: `surgegate_oc_received_loss_ratio{${one}}`, legend: '{{switch}}: hold back' },
      { expr: `surgegate_oc_received_requests_per_second{${one}}`, legend: '{{switch}}: at most' },
    ],
    unit: 'short',
    width: 12,
  }),
  lines({
    title: 'Demand in relation to capacity',
    description: 'Above 1 more is asked for than it can do, and the edge refuses the difference.',
    queries: [
      {
        expr: `${gauge('demand_calls_per_second')} / (${gauge('capacity_calls_per_second')} > 0)`,
        legend: '{{switch}}',
      },
    ],
    unit: 'percentunit',
    width: 12,
    steps: [{ from: 1, colour: 'red' }],
  }),
];

export const switchesBoard: Board = {
  uid: 'surgegate-switches',
  title: 'Surgegate: switches',
  description: 'What each switch can do, is given and answers.',
  variables: [q.instanceVariable, q.switchVariable],
  annotations: q.modeAnnotations,
  sections: [
    { title: 'State', rows: [state] },
    { title: 'Load', rows: [load, answers] },
    { title: 'Room', rows: [room, asked] },
  ],
};
