// What one switch was sent and did in the last second, for the parts that learn from it.
import type { SwitchSample } from './load-sample.ts';

export interface Work {
  readonly sent: number;
  /** Got their answer: the first response other than 100 and 503 where its time tells of work, else the first of any kind. */
  readonly done: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly ms: number;
}

/** Newest last, one for each sample. */
export type WorkHistory = readonly Work[];

const historyMs = 1000;

/** The history with one sample more, and what is older than a second left out. */
export function withSample(
  history: WorkHistory,
  sample: SwitchSample,
  done: number,
  timedOut: number,
  intervalMs: number,
): WorkHistory {
  const newest: Work = { sent: sample.sent, done, refused: sample.refused, timedOut, ms: intervalMs };
  return [...history, newest].slice(-Math.max(3, Math.ceil(historyMs / intervalMs)));
}

/** The sum of the newest `samples`. */
export function sumOf(history: WorkHistory, samples: number = history.length): Work {
  let [sent, done, refused, timedOut, ms] = [0, 0, 0, 0, 0];
  for (let i = Math.max(0, history.length - samples); i < history.length; i++) {
    const work = history[i]!;
    sent += work.sent;
    done += work.done;
    refused += work.refused;
    timedOut += work.timedOut;
    ms += work.ms;
  }
  return { sent, done, refused, timedOut, ms };
}

/** Calls per second that were done. */
export function deliveredPerSecond({ done, ms }: Work): number {
  return ms > 0 ? (done * 1000) / ms : 0;
}
