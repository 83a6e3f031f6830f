// The metrics of the synthetic caller. Labels are closed sets: class and outcome.
import { Registry } from 'prom-client';
import { counter, type Families, type FamilyDescription, gauge, histogram } from '../metrics/families.ts';
import { HistogramCounts } from '../metrics/histogram-counts.ts';
import type { CallClass } from './call.ts';
import { type CallOutcome, type CallReport, callOutcomes } from './outcome.ts';

/** Seconds: from a call answered at once to one that rings for half a minute. */
const setUpBounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const firstResponseBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

interface ClassCounts {
  readonly outcomes: Record<CallOutcome, number>;
  readonly setUp: HistogramCounts;
  readonly firstResponse: HistogramCounts;
  held: number;
  last: CallReport | undefined;
  lastSuccessSeconds: number;
}

export interface ProbeMetrics {
  readonly registry: Registry;
  readonly described: readonly FamilyDescription[];
  note(report: CallReport, unixMs: number): void;
  noteHeld(callClass: CallClass): void;
}

/** `classes`: those that are called; each has its series from the start. */
export function createProbeMetrics(classes: readonly CallClass[]): ProbeMetrics {
  const counts = new Map<CallClass, ClassCounts>(classes.map((one) => [one, newCounts()]));
  const families: Families = { registry: new Registry(), described: [] };
  addFamilies(families, counts);
  return {
    ...families,
    note(report, unixMs) {
      const own = counts.get(report.class)!;
      const { firstResponseMs, setUpMs } = report.end;
      own.outcomes[report.outcome]++;
      own.last = report;
      if (firstResponseMs !== undefined) own.firstResponse.observe(firstResponseMs / 1000);
      if (report.outcome !== 'completed') return;
      own.lastSuccessSeconds = unixMs / 1000;
      if (setUpMs !== undefined) own.setUp.observe(setUpMs / 1000);
    },
    noteHeld(callClass) {
      counts.get(callClass)!.held++;
    },
  };
}

function newCounts(): ClassCounts {
  return {
    outcomes: { completed: 0, refused: 0, failed: 0, timeout: 0 },
    setUp: new HistogramCounts(setUpBounds),
    firstResponse: new HistogramCounts(firstResponseBounds),
    held: 0,
    last: undefined,
    lastSuccessSeconds: 0,
  };
}

function addFamilies(families: Families, counts: ReadonlyMap<CallClass, ClassCounts>): void {
  counter(
    families,
    'surgegate_probe_calls_total',
    'Calls placed, by how they ended. refused: for want of room, which in a surge is right for ordinary calls; failed, timeout: faults',
    ['class', 'outcome'],
    (say) => {
      for (const [name, { outcomes }] of counts)
        for (const outcome of callOutcomes) say({ class: name, outcome }, outcomes[outcome]);
    },
  );
  counter(
    families,
    'surgegate_probe_held_total',
    'Calls not placed because a Retry-After was not over',
    ['class'],
    (say) => {
      for (const [name, { held }] of counts) say({ class: name }, held);
    },
  );
  histogram(
    families,
    'surgegate_probe_setup_seconds',
    'Time from INVITE to 200 of calls that were completed: ringing included',
    ['class'],
    (say) => {
      for (const [name, { setUp }] of counts) say({ class: name }, setUp);
    },
  );
  histogram(
    families,
    'surgegate_probe_first_response_seconds',
    'Time from INVITE to its first response of any kind, refusals included',
    ['class'],
    (say) => {
      for (const [name, { firstResponse }] of counts) say({ class: name }, firstResponse);
    },
  );
  gauge(
    families,
    'surgegate_probe_success',
    '1 where the last call was completed, else 0; nothing before the first',
    ['class'],
    (say) => {
      for (const [name, { last }] of counts)
        if (last !== undefined) say({ class: name }, last.outcome === 'completed' ? 1 : 0);
    },
  );
  gauge(
    families,
    'surgegate_probe_last_status',
    'Status code of the last response to the last INVITE; 0 where none came',
    ['class'],
    (say) => {
      for (const [name, { last }] of counts) if (last !== undefined) say({ class: name }, last.end.status);
    },
  );
  gauge(
    families,
    'surgegate_probe_last_success_timestamp_seconds',
    'Unix time of the last call that was completed; 0 before the first',
    ['class'],
    (say) => {
      for (const [name, { lastSuccessSeconds }] of counts) say({ class: name }, lastSuccessSeconds);
    },
  );
}
