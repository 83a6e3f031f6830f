// What one switch was sent and did in the last second, for the parts that learn from it.
import type { SwitchSample } from './load-sample.ts';

export interface Work {
  readonly sent: number;
  readonly progressed: number;
  readonly refused: number;
  readonly ms: number;
}

/** Newest last, one for each sample. */
export type WorkHistory = readonly Work[];

const historyMs = 1000;

/** The history with one sample more, and what is older than a second left out. */
export function withSample(history: WorkHistory, sample: SwitchSample, intervalMs: number): WorkHistory {
  const { sent, progressed } = sample;
  const newest: Work = { sent, progressed, refused: sample.refused, ms: intervalMs };
  return [...history, newest].slice(-Math.max(3, Math.ceil(historyMs / intervalMs)));
}

/** The sum of the newest `samples`. */
export function sumOf(history: WorkHistory, samples: number = history.length): Work {
  let [sent, progressed, refused, ms] = [0, 0, 0, 0];
  for (let i = Math.max(0, history.length - samples); i < history.length; i++) {
    const work = history[i]!;
    sent += work.sent;
    progressed += work.progressed;
    refused += work.refused;
    ms += work.ms;
  }
  return { sent, progressed, refused, ms };
}

/** Calls per second that made progress. */
export function deliveredPerSecond({ progressed, ms }: Work): number {
  return ms > 0 ? (progressed * 1000) / ms : 0;
}
