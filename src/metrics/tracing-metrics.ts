// What traces cost and what becomes of them; no series where tracing is off.
import { counter, type Families, gauge } from './families.ts';

export interface TracingView {
  readonly traced: number;
  readonly overLimit: number;
  readonly dialogs: number;
  readonly dialogsSkipped: number;
  readonly exported: number;
  readonly failed: number;
  readonly dropped: number;
  readonly waiting: number;
}

export function addTracingMetrics(families: Families, view: () => TracingView | undefined): void {
  counter(
    families,
    'surgegate_traces_calls_total',
    'Admitted calls that were to be traced. over-limit: not traced, `tracing.callsPerSecond` were; no-dialog: traced up to the answer only, too many dialogs are open',
    ['result'],
    (say) => {
      const seen = view();
      if (seen === undefined) return;
      say({ result: 'traced' }, seen.traced);
      say({ result: 'over-limit' }, seen.overLimit);
      say({ result: 'no-dialog' }, seen.dialogsSkipped);
    },
  );
  counter(
    families,
    'surgegate_traces_spans_total',
    'Spans by what became of them. failed: the collector did not take them; dropped: too many waited for it',
    ['result'],
    (say) => {
      const seen = view();
      if (seen === undefined) return;
      say({ result: 'exported' }, seen.exported);
      say({ result: 'failed' }, seen.failed);
      say({ result: 'dropped' }, seen.dropped);
    },
  );
  gauge(families, 'surgegate_traces_waiting_spans', 'Spans that wait for the collector', [], (say) => {
    const seen = view();
    if (seen !== undefined) say({}, seen.waiting);
  });
  gauge(families, 'surgegate_traces_open_dialogs', 'Dialogs of traced calls that have not ended', [], (say) => {
    const seen = view();
    if (seen !== undefined) say({}, seen.dialogs);
  });
}
