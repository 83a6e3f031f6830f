// Of the dashboard of SIP: the process, the synthetic caller, a drachtio-server.
import type { Variable } from './board.ts';
import { lines, stat, states, table } from './panels.ts';
import * as q from './queries.ts';

const { edge } = q;
const probe = 'instance=~"$probe"';

export const probeVariable: Variable = {
  name: 'probe',
  label: 'Synthetic caller',
  description: 'surgegate probe --every, as Prometheus scrapes it',
  query: 'label_values(surgegate_probe_held_total, instance)',
};

export const loopPanels = [
  lines({
    title: 'What shadow mode would refuse',
    description: 'In mode: shadow all pass, and this is what mode: active would have refused.',
    queries: [
      { expr: q.rate('surgegate_shadow_refusals_total', edge, 'class, reason'), legend: '{{class}}: {{reason}}' },
    ],
    unit: 'suffix:requests/s',
    width: 8,
  }),
  lines({
    title: 'Processor',
    description: 'Of each edge, in cores: one is the limit of its event loop, and the socket threads add a little.',
    queries: [{ expr: `rate(process_cpu_seconds_total{${edge}}[${q.window}])`, legend: '{{instance}}' }],
    unit: 'suffix:cores',
    width: 8,
  }),
  lines({
    title: 'Delay of the event loop',
    description:
      'The greatest in the last sample interval. From 500 ms on callers repeat their requests because of it.',
    queries: [{ expr: `surgegate_event_loop_delay_seconds{${edge}}`, legend: '{{instance}}' }],
    unit: 's',
    width: 8,
    steps: [{ from: 0.5, colour: 'red' }],
  }),
];

export const versionPanels = [
  table({
    title: 'What runs',
    description: 'Version of each edge and of Node.',
    queries: [{ expr: `surgegate_build_info{${edge}}`, legend: '', isInstant: true }],
    unit: 'none',
    width: 6,
    height: 6,
    hidden: ['Value'],
  }),
  table({
    title: 'Configuration',
    description: 'When the configuration in force was read.',
    queries: [
      { expr: `1000 * surgegate_config_last_reload_success_timestamp_seconds{${edge}}`, legend: '', isInstant: true },
    ],
    unit: 'dateTimeFromNow',
    width: 6,
    height: 6,
    renamed: { Value: 'read' },
  }),
  lines({
    title: 'Reloads',
    description: 'Of the configuration in the last five minutes. Refused: the file was bad and the old one stays.',
    queries: [
      { expr: `sum by (result) (increase(surgegate_config_reloads_total{${edge}}[5m]))`, legend: '{{result}}' },
    ],
    unit: 'short',
    width: 6,
    height: 6,
  }),
  lines({
    title: 'Certificates run out in',
    description: 'Of the listeners with TLS. A new file is in use after a restart.',
    queries: [
      {
        expr: `min by (instance, interface) (surgegate_tls_certificate_expiry_timestamp_seconds{${edge}} - time())`,
        legend: '{{instance}} {{interface}}',
      },
    ],
    unit: 's',
    width: 6,
    height: 6,
    links: [q.runbook('certificate')],
  }),
];

export const callerPanels = [
  states({
    title: 'Synthetic caller',
    description:
      'Whether its last call was completed. An ordinary one that is refused in a surge is right; a priority one never is.',
    queries: [{ expr: `surgegate_probe_success{${probe}}`, legend: '{{class}}' }],
    unit: 'none',
    width: 8,
    height: 8,
    names: [
      { text: 'not completed', colour: 'red' },
      { text: 'completed', colour: 'green' },
    ],
    links: [q.runbook('probe-failing')],
  }),
  lines({
    title: 'Its calls by outcome',
    description: 'In the last minute. refused: for want of room; failed and timeout: faults.',
    queries: [
      {
        expr: `sum by (class, outcome) (increase(surgegate_probe_calls_total{${probe}}[1m])) > 0`,
        legend: '{{class}}: {{outcome}}',
      },
    ],
    unit: 'suffix:calls',
    width: 8,
    links: [q.runbook('probe-failing')],
  }),
  lines({
    title: 'Its first response and set-up',
    description: 'As a caller sees them: 95 of 100 are quicker.',
    queries: [
      {
        expr: q.quantile(0.95, 'surgegate_probe_first_response_seconds', probe, 'class'),
        legend: '{{class}}: first response',
      },
      { expr: q.quantile(0.95, 'surgegate_probe_setup_seconds', probe, 'class'), legend: '{{class}}: set-up' },
    ],
    unit: 's',
    width: 8,
  }),
];

export const copyPanels = [
  lines({
    title: 'Mirrored to HOMER',
    description: 'Messages that went to the collector, and those that did not, by why. No line: nothing is mirrored.',
    queries: [
      { expr: q.rate('surgegate_hep_sent_total', edge), legend: 'sent' },
      { expr: q.rate('surgegate_hep_dropped_total', edge, 'reason'), legend: 'dropped: {{reason}}' },
    ],
    unit: 'suffix:messages/s',
    width: 6,
  }),
  lines({
    title: 'Calls mirrored',
    description: 'Those that were to be mirrored: kept whole, or left out wholly because of a limit.',
    queries: [
      { expr: q.rate('surgegate_hep_calls_total', edge, 'kind, decision'), legend: '{{kind}}: {{decision}}' },
      { expr: `min(surgegate_hep_up{${edge}})`, legend: 'collector is there' },
    ],
    unit: 'suffix:calls/s',
    width: 6,
    looks: [{ legend: 'collector is there', colour: 'text', isDashed: true, rightUnit: 'none' }],
  }),
  lines({
    title: 'Calls traced',
    description: 'Admitted calls that were to be traced, by result. No line: tracing is off.',
    queries: [{ expr: q.rate('surgegate_traces_calls_total', edge, 'result'), legend: '{{result}}' }],
    unit: 'suffix:calls/s',
    width: 6,
  }),
  lines({
    title: 'Spans',
    description: 'By what became of them. failed: the collector did not take them; dropped: too many waited for it.',
    queries: [
      { expr: q.rate('surgegate_traces_spans_total', edge, 'result'), legend: '{{result}}/s' },
      { expr: `sum(surgegate_traces_waiting_spans{${edge}})`, legend: 'waiting' },
    ],
    unit: 'short',
    width: 6,
  }),
];

export const drachtioPanels = [
  stat({
    title: 'Link to drachtio',
    description: 'Only where a drachtio-server carries SIP. Down: all its requests are refused.',
    queries: [{ expr: `min(surgegate_drachtio_up{${edge}})`, legend: 'link' }],
    unit: 'none',
    width: 4,
    names: [
      { text: 'down', colour: 'red' },
      { text: 'up', colour: 'green' },
    ],
    noValue: 'not used',
  }),
  stat({
    title: 'Links lost',
    description: 'Times in the time range that the link to the drachtio-server was lost.',
    queries: [
      { expr: `sum(increase(surgegate_drachtio_losses_total{${edge}}[$__range]))`, legend: 'lost', isInstant: true },
    ],
    unit: 'none',
    width: 4,
    noValue: 'not used',
    steps: [{ from: 1, colour: 'red' }],
  }),
  stat({
    title: 'Requests in hand',
    description: 'Handed over by the drachtio-server and not done with: calls that ring, and what waits for an answer.',
    queries: [{ expr: `sum(surgegate_drachtio_pending{${edge}})`, legend: 'in hand' }],
    unit: 'none',
    width: 4,
    noValue: 'not used',
  }),
  stat({
    title: 'Its processor',
    description:
      'It handles SIP on one thread: from about 0.65 on it falls behind, and the edge in it sees fewer calls, not more.',
    queries: [{ expr: `max(surgegate_drachtio_cpu_ratio{${edge}})`, legend: 'busy' }],
    unit: 'percentunit',
    width: 3,
    noValue: 'not used',
    steps: [
      { from: 0.65, colour: 'orange' },
      { from: 0.85, colour: 'red' },
    ],
  }),
  stat({
    title: 'Its delay',
    description: 'The longest that a request took from the drachtio-server to the edge.',
    queries: [{ expr: `max(surgegate_drachtio_lag_seconds{${edge}})`, legend: 'delay' }],
    unit: 's',
    width: 3,
    noValue: 'not used',
    steps: [{ from: 0.5, colour: 'red' }],
  }),
  stat({
    title: 'Not handed over',
    description:
      'Requests that it received and did not hand over: retransmissions, and what it answers or drops itself.',
    queries: [{ expr: `sum(surgegate_drachtio_unseen_per_second{${edge}})`, legend: 'unseen' }],
    unit: 'suffix:requests/s',
    width: 3,
    noValue: 'not used',
  }),
  stat({
    title: 'Given to others',
    description: 'Share of the last self-test that it did not hand to the edge. Above 0: restart it.',
    queries: [{ expr: `max(surgegate_drachtio_missed_ratio{${edge}})`, legend: 'missed' }],
    unit: 'percentunit',
    width: 3,
    noValue: 'not used',
    steps: [{ from: 0.001, colour: 'red' }],
  }),
];
