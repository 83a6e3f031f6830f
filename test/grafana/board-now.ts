// Of the dashboard of the event: the numbers that are read first.
import { type Step, stat } from './panels.ts';
import * as q from './queries.ts';

const { edge, newCalls, priorityCalls } = q;

const anyIsBad: readonly Step[] = [{ from: 1, colour: 'red' }];
const forLackOfRoom = `decision=~"reject|drop",reason!~"priority-cap|cancelled|${q.senderFaults}"`;

export const nowPanels = [
  stat({
    title: 'Running mode',
    description:
      'The highest of the chosen edges. L1: non-essential requests are refused and hot numbers gapped; L2: ordinary calls are reduced; L3: crisis, only priority calls flow freely.',
    queries: [{ expr: `max(surgegate_running_mode{${edge}})`, legend: 'mode' }],
    unit: 'none',
    width: 3,
    names: q.modeNames,
    links: [q.runbook('crisis-mode')],
  }),
  stat({
    title: 'Offered',
    description: 'New calls of all classes that arrive from outside, each once however often it is repeated.',
    queries: [{ expr: q.offered(newCalls), legend: 'offered' }],
    unit: 'suffix:calls/s',
    width: 3,
    decimals: 0,
    isSparkline: true,
  }),
  stat({
    title: 'Goodput',
    description: 'New calls that were answered with 2xx: in a surge this is to be the capacity of the switches.',
    queries: [{ expr: q.completed(`${edge},interface!="core"`), legend: 'completed' }],
    unit: 'suffix:calls/s',
    width: 3,
    decimals: 0,
    isSparkline: true,
  }),
  stat({
    title: 'Refused',
    description: 'Share of the new calls that is refused or dropped. In a surge of n times the capacity it is 1 − 1/n.',
    queries: [{ expr: `(${q.refused(newCalls)} or vector(0)) / (${q.offered(newCalls)} > 0)`, legend: 'refused' }],
    unit: 'percentunit',
    width: 3,
    decimals: 0,
    noValue: 'no calls',
    isSparkline: true,
    steps: [
      { from: 0.01, colour: 'yellow' },
      { from: 0.5, colour: 'orange' },
    ],
  }),
  stat({
    title: 'Priority calls refused',
    description:
      'For want of room, in the time range shown; the anti-forgery cap is counted beside it. Must be 0: whatever the load, priority passes.',
    queries: [
      {
        expr: q.risen('surgegate_requests_total', `${priorityCalls},${forLackOfRoom}`),
        legend: 'refused',
        isInstant: true,
      },
    ],
    unit: 'suffix:calls',
    width: 3,
    decimals: 0,
    steps: anyIsBad,
    links: [q.runbook('priority-call-refused')],
  }),
  stat({
    title: 'Anti-forgery cap',
    description:
      'Priority and emergency calls in the time range that were refused because there were more than can be real.',
    queries: [
      { expr: `sum(increase(surgegate_priority_cap_total{${edge}}[$__range]))`, legend: 'refused', isInstant: true },
    ],
    unit: 'suffix:calls',
    width: 3,
    decimals: 0,
    steps: anyIsBad,
    links: [q.runbook('anti-forgery-cap')],
  }),
  stat({
    title: 'Gaps in force',
    description: 'Called numbers and prefixes that are gapped or blocked. Which ones: GET /v1/gaps, or the console.',
    queries: [{ expr: `sum(surgegate_gaps{${edge}})`, legend: 'gaps' }],
    unit: 'none',
    width: 3,
    steps: [{ from: 1, colour: 'yellow' }],
  }),
  stat({
    title: 'Switches down',
    description: 'Switches that do not answer or refuse calls, of those that the chosen edges protect.',
    queries: [{ expr: `count(min by (switch) (surgegate_switch_up{${edge}}) == 0) or vector(0)`, legend: 'down' }],
    unit: 'none',
    width: 3,
    steps: anyIsBad,
    links: [q.runbook('switch-down')],
  }),
];
