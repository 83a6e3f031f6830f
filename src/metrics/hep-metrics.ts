// What is mirrored to a HOMER collector.
import { counter, type Families, gauge } from './families.ts';

export interface HepView {
  /** As written: `udp:192.0.2.60:9060`. */
  readonly collector: string;
  readonly isUp: boolean;
  readonly queuedBytes: number;
  readonly sent: number;
  readonly sentBytes: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, { readonly kept: number; readonly leftOut: number }>>;
}

export function addHepMetrics(families: Families, view: () => HepView | undefined): void {
  const simple = (kind: typeof counter, name: string, help: string, read: (one: HepView) => number) =>
    kind(families, name, help, [], (say) => {
      const seen = view();
      if (seen !== undefined) say({}, read(seen));
    });
  gauge(
    families,
    'surgegate_hep_up',
    '1 while the collector takes packets. Over UDP it is 0 only where the system says that nobody listens there',
    ['collector'],
    (say) => {
      const seen = view();
      if (seen !== undefined) say({ collector: seen.collector }, seen.isUp ? 1 : 0);
    },
  );
  simple(counter, 'surgegate_hep_sent_total', 'Messages mirrored to the collector', (one) => one.sent);
  simple(counter, 'surgegate_hep_sent_bytes_total', 'Bytes of these packets', (one) => one.sentBytes);
  simple(gauge, 'surgegate_hep_queue_bytes', 'Bytes that wait for the collector', (one) => one.queuedBytes);
  counter(
    families,
    'surgegate_hep_dropped_total',
    'Messages of mirrored calls that did not go out. rate: more than `messagesPerSecond`; queue: more than `queueBytes` wait; unreachable: no collector; size: too long for a packet',
    ['reason'],
    (say) => {
      for (const [reason, count] of Object.entries(view()?.dropped ?? {})) say({ reason }, count);
    },
  );
  counter(
    families,
    'surgegate_hep_calls_total',
    'Calls, and requests outside of any, that were to be mirrored by `ratio`. left-out: wholly, because of a limit',
    ['kind', 'decision'],
    (say) => {
      for (const [kind, { kept, leftOut }] of Object.entries(view()?.calls ?? {})) {
        say({ kind, decision: 'kept' }, kept);
        say({ kind, decision: 'left-out' }, leftOut);
      }
    },
  );
}
