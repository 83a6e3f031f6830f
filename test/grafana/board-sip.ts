// The dashboard for those who read SIP: methods, responses, sockets, the process, the synthetic caller, a drachtio-server.
import type { Board } from './board.ts';
import { callerPanels, copyPanels, drachtioPanels, loopPanels, probeVariable, versionPanels } from './board-process.ts';
import { heat, lines } from './panels.ts';
import * as q from './queries.ts';

const { edge } = q;

const messages = [
  lines({
    title: 'Requests by method',
    description: 'All that came in, repetitions and ACKs of refusals included.',
    queries: [{ expr: q.rate('surgegate_requests_total', edge, 'method'), legend: '{{method}}' }],
    unit: 'suffix:requests/s',
    width: 8,
  }),
  lines({
    title: 'Requests by decision',
    description:
      'forward: sent on; answer: by the edge itself; absorb: repeated, or an ACK of a refusal; reject; drop: not answered.',
    queries: [{ expr: q.rate('surgegate_requests_total', edge, 'decision'), legend: '{{decision}}' }],
    unit: 'suffix:requests/s',
    width: 8,
    isStacked: true,
  }),
  lines({
    title: 'Responses',
    description: 'Received from and sent to the interfaces, by hundred of the status code.',
    queries: [{ expr: q.rate('surgegate_responses_total', edge, 'direction, code'), legend: '{{direction}} {{code}}' }],
    unit: 'suffix:messages/s',
    width: 8,
  }),
];

const faults = [
  lines({
    title: 'Requests that are wrong',
    description: 'Refused for what they are, not for load: many from one interface are a broken or a hostile sender.',
    queries: [
      {
        expr: `${q.rate('surgegate_requests_total', `${edge},reason=~"${q.senderFaults}"`, 'interface, reason')} > 0`,
        legend: '{{interface}}: {{reason}}',
      },
    ],
    unit: 'suffix:requests/s',
    width: 8,
  }),
  lines({
    title: 'Repeated requests',
    description: 'Who repeats has not had an answer in time: rising with a constant load, answers are late or lost.',
    queries: [
      {
        expr: q.rate('surgegate_requests_total', `${edge},reason="retransmission"`, 'interface'),
        legend: '{{interface}}',
      },
    ],
    unit: 'suffix:requests/s',
    width: 8,
  }),
  lines({
    title: 'Open transactions',
    description: 'By kind: calls in set-up, and what of them waits for its last retransmission.',
    queries: [{ expr: `sum by (kind) (surgegate_transactions{${edge}})`, legend: '{{kind}}' }],
    unit: 'short',
    width: 8,
  }),
];

const waves = [
  heat({
    title: 'Retry-After that was sent',
    description: 'Rising values: a rising share is refused, and who comes back is spread over more time.',
    queries: [
      { expr: `sum by (le) (increase(surgegate_retry_after_seconds_bucket{${edge}}[${q.window}]))`, legend: '{{le}}' },
    ],
    unit: 's',
    width: 8,
  }),
  lines({
    title: 'Return wave',
    description:
      'Added to Retry-After, so that who is sent away now does not come back together with who was sent away before.',
    queries: [{ expr: `surgegate_retry_after_extra_seconds{${edge}}`, legend: '{{instance}}' }],
    unit: 's',
    width: 8,
  }),
  lines({
    title: 'Registrations',
    description:
      'REGISTERs by what was decided, and the most that are admitted. No dashed line: what configuration says.',
    queries: [
      { expr: q.rate('surgegate_requests_total', `${edge},method="REGISTER"`, 'decision'), legend: '{{decision}}' },
      { expr: q.limit(`sum(surgegate_registrations_per_second_limit{${edge}})`), legend: 'limit' },
    ],
    unit: 'suffix:requests/s',
    width: 8,
    looks: [{ legend: 'limit', colour: 'red', isDashed: true }],
  }),
];

const sockets = [
  lines({
    title: 'Messages',
    description: 'Datagrams and messages of streams: received above the axis, sent below.',
    queries: [
      { expr: q.rate('surgegate_socket_received_messages_total', edge, 'transport'), legend: '{{transport}} received' },
      { expr: `-${q.rate('surgegate_socket_sent_messages_total', edge, 'transport')}`, legend: '{{transport}} sent' },
    ],
    unit: 'suffix:messages/s',
    width: 6,
    isSigned: true,
  }),
  lines({
    title: 'Bytes',
    description: 'Received above the axis, sent below.',
    queries: [
      { expr: q.rate('surgegate_socket_received_bytes_total', edge, 'transport'), legend: '{{transport}} received' },
      { expr: `-${q.rate('surgegate_socket_sent_bytes_total', edge, 'transport')}`, legend: '{{transport}} sent' },
    ],
    unit: 'Bps',
    width: 6,
    isSigned: true,
  }),
  lines({
    title: 'Overload control on the wire',
    description: 'Responses with an oc value (RFC 7339): those of ours to neighbours, those of switches to us.',
    queries: [
      { expr: q.rate('surgegate_oc_sent_total', edge), legend: 'sent' },
      { expr: q.rate('surgegate_oc_received_total', edge), legend: 'received' },
    ],
    unit: 'suffix:messages/s',
    width: 6,
  }),
  lines({
    title: 'Lost at sockets',
    description:
      'kernel: came faster than they were read; send: the kernel, a full queue or a closed connection did not take them.',
    queries: [
      {
        expr: q.rate('surgegate_socket_drops_total', edge, 'interface, cause'),
        legend: '{{interface}}: {{cause}}',
      },
    ],
    unit: 'suffix:messages/s',
    width: 6,
    links: [q.runbook('kernel-drops')],
  }),
];

export const sipBoard: Board = {
  uid: 'surgegate-sip',
  title: 'Surgegate: SIP',
  description: 'Methods, responses, sockets, the process, the synthetic caller, a drachtio-server.',
  variables: [q.instanceVariable, probeVariable],
  annotations: q.modeAnnotations,
  sections: [
    { title: 'Messages', rows: [messages, faults, waves] },
    { title: 'Sockets', rows: [sockets] },
    { title: 'Process', rows: [loopPanels, versionPanels] },
    { title: 'Synthetic caller', rows: [callerPanels] },
    { title: 'Copies and traces', rows: [copyPanels] },
    { title: 'With drachtio', rows: [drachtioPanels] },
  ],
};
