// The dashboard of the outside: what each interface and its neighbours ask, get and are told.
import type { Board } from './board.ts';
import { lines, states } from './panels.ts';
import * as q from './queries.ts';

const one = `${q.edge},interface=~"$interface"`;
const calls = `${one},method="INVITE",class=~"new-call|priority|emergency"`;
const gauge = (metric: string): string => `surgegate_${metric}{${one}}`;

const traffic = [
  lines({
    title: '$interface: offered, admitted, completed, refused',
    description: 'New calls of all classes that come in there.',
    queries: [
      { expr: q.offered(calls), legend: 'offered' },
      { expr: q.admitted(calls), legend: 'admitted' },
      { expr: q.completed(one), legend: 'completed' },
      { expr: q.refused(calls), legend: 'refused' },
    ],
    unit: 'suffix:calls/s',
    width: 24,
    repeat: 'interface',
    looks: [
      { legend: 'offered', colour: 'blue' },
      { legend: 'admitted', colour: 'yellow' },
      { legend: 'completed', colour: 'green', isFilled: true },
      { legend: 'refused', colour: 'orange' },
    ],
  }),
];

const demand = [
  lines({
    title: 'Arrivals and what is normal',
    description: 'Ordinary new calls over about a second, and what the edge has learned to be normal at this time.',
    queries: [
      { expr: gauge('interface_arrivals_calls_per_second'), legend: '{{interface}}' },
      { expr: gauge('interface_normal_calls_per_second'), legend: '{{interface}}: normal' },
    ],
    unit: 'suffix:calls/s',
    width: 12,
    isLogarithmic: true,
    links: [q.runbook('mass-call-event')],
  }),
  lines({
    title: 'Share of the ordinary calls',
    description: 'What an interface may have while there is not enough for all: max-min fair. No line: no limit.',
    queries: [{ expr: q.limit(gauge('interface_share_calls_per_second')), legend: '{{interface}}' }],
    unit: 'suffix:calls/s',
    width: 12,
  }),
];

const refusals = [
  lines({
    title: 'Refused by reason',
    description: 'All requests, not calls alone: registrations and non-essential ones have reasons of their own.',
    queries: [{ expr: `${q.refused(one, 'interface, reason')} > 0`, legend: '{{interface}}: {{reason}}' }],
    unit: 'suffix:requests/s',
    width: 12,
    isStacked: true,
  }),
  lines({
    title: 'Requests by class',
    description: 'What arrives, repetitions excluded.',
    queries: [{ expr: q.offered(one, 'class'), legend: '{{class}}' }],
    unit: 'suffix:requests/s',
    width: 12,
    isStacked: true,
  }),
];

const lanes = [
  lines({
    title: 'Waiting calls',
    description: 'Ordinary calls that wait for their turn.',
    queries: [{ expr: gauge('lane_waiting_calls'), legend: '{{interface}}' }],
    unit: 'suffix:calls',
    width: 8,
  }),
  lines({
    title: 'Time in the lane',
    description: 'How long calls had waited when their turn came. Above control.waitMs they are refused as expired.',
    queries: [
      { expr: q.quantile(0.95, 'surgegate_lane_wait_seconds', one, 'interface'), legend: '{{interface}}: 95 %' },
      { expr: gauge('lane_oldest_seconds'), legend: '{{interface}}: oldest now' },
    ],
    unit: 's',
    width: 8,
    links: [q.runbook('queue-expiry')],
  }),
  lines({
    title: 'Scans',
    description:
      'In a crisis the lanes are scanned at intervals, in seconds, so many calls each time. 0: served as room comes.',
    queries: [
      { expr: gauge('scan_interval_seconds'), legend: '{{interface}}: interval' },
      {
        expr: `${gauge('scan_batch_calls')} and ${gauge('scan_interval_seconds')} > 0`,
        legend: '{{interface}}: calls a scan',
      },
    ],
    unit: 'short',
    width: 8,
  }),
];

const kernel = [
  lines({
    title: 'Kernel queue',
    description: 'How full the fullest receive queue of the kernel is: full means that datagrams are lost unseen.',
    queries: [{ expr: gauge('kernel_queue_ratio'), legend: '{{interface}}' }],
    unit: 'percentunit',
    width: 8,
    max: 1,
    steps: [{ from: 0.8, colour: 'red' }],
    links: [q.runbook('kernel-drops')],
  }),
  lines({
    title: 'Drops and faults',
    description:
      'kernel: came faster than they were read; send: could not be sent; fault: a read that failed, or not SIP.',
    queries: [
      {
        expr: q.rate('surgegate_socket_drops_total', one, 'interface, transport, cause'),
        legend: '{{interface}} {{transport}}: {{cause}}',
      },
      {
        expr: q.rate('surgegate_socket_faults_total', one, 'interface, transport'),
        legend: '{{interface}} {{transport}}: fault',
      },
    ],
    unit: 'suffix:messages/s',
    width: 8,
    links: [q.runbook('kernel-drops')],
  }),
  lines({
    title: 'Connections',
    description: 'Open connections of TCP, TLS and WebSocket, and those closed before their time, by cause.',
    queries: [
      { expr: `sum by (interface, transport) (${gauge('socket_connections')})`, legend: '{{interface}} {{transport}}' },
      {
        expr: q.rate('surgegate_socket_closed_total', one, 'interface, cause'),
        legend: '{{interface}} closed/s: {{cause}}',
      },
    ],
    unit: 'short',
    width: 8,
  }),
];

const neighbours = [
  lines({
    title: 'Asked and admitted by neighbour',
    description: 'Ordinary new calls; * stands for all sources without a name of their own.',
    queries: [
      {
        expr: q.rate('surgegate_neighbour_calls_asked_total', one, 'interface, neighbour'),
        legend: '{{interface}} {{neighbour}}: asked',
      },
      {
        expr: q.rate('surgegate_neighbour_calls_admitted_total', one, 'interface, neighbour'),
        legend: '{{interface}} {{neighbour}}: admitted',
      },
      {
        expr: q.rate('surgegate_neighbour_calls_gapped_total', one, 'interface, neighbour'),
        legend: '{{interface}} {{neighbour}}: gapped',
      },
    ],
    unit: 'suffix:calls/s',
    width: 12,
  }),
  lines({
    title: 'Share of a neighbour',
    description: 'Its part of the share of its interface. No line: as much as the interface may.',
    queries: [{ expr: q.limit(gauge('neighbour_share_calls_per_second')), legend: '{{interface}} {{neighbour}}' }],
    unit: 'suffix:calls/s',
    width: 12,
  }),
];

const pushback = [
  lines({
    title: 'Pushback told',
    description:
      'What neighbours that take part in overload control are told: the share to hold back (RFC 7339) or the most to send (RFC 7415).',
    queries: [
      { expr: gauge('oc_sent_loss_ratio'), legend: '{{interface}} {{neighbour}}: hold back' },
      { expr: gauge('oc_sent_requests_per_second'), legend: '{{interface}} {{neighbour}}: at most' },
    ],
    unit: 'short',
    width: 8,
  }),
  states({
    title: 'Pushback ignored',
    description: 'A neighbour that claims overload control and sends more than it is told.',
    queries: [{ expr: gauge('oc_not_complying'), legend: '{{interface}} {{neighbour}}' }],
    unit: 'none',
    width: 8,
    height: 8,
    names: q.yesIsBad,
    links: [q.runbook('pushback-ignored')],
  }),
  lines({
    title: 'Suspicious senders',
    description:
      'Resource-Priority taken from senders that are not trusted; sources penalised, whose requests are dropped.',
    queries: [
      {
        expr: q.rate('surgegate_stripped_priority_total', one, 'interface'),
        legend: '{{interface}}: stripped priority/s',
      },
      { expr: `sum(surgegate_penalised_sources{${q.edge}})`, legend: 'penalised sources, all interfaces' },
      { expr: q.rate('surgegate_penalties_total', q.edge, 'cause'), legend: 'penalties/s: {{cause}}' },
    ],
    unit: 'short',
    width: 8,
  }),
];

export const interfacesBoard: Board = {
  uid: 'surgegate-interfaces',
  title: 'Surgegate: interfaces',
  description: 'What each interface and its neighbours ask, get and are told.',
  variables: [q.instanceVariable, q.interfaceVariable],
  annotations: q.modeAnnotations,
  sections: [
    { title: 'Calls', rows: [traffic, demand, refusals] },
    { title: 'Neighbours', rows: [neighbours, pushback] },
    { title: 'Lanes', rows: [lanes] },
    { title: 'Sockets', rows: [kernel] },
  ],
};
