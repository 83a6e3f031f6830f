// What configuration says of traces, as far as a reload can change it.
import type { Neighbour } from '../admission/side.ts';
import type { TracingConfig } from '../config/tracing-schema.ts';

export type TraceRules = Pick<
  TracingConfig,
  'ratio' | 'priorityRatio' | 'callsPerSecond' | 'callId' | 'numberDigits' | 'continueFrom' | 'propagate'
>;

/** Whether what this sender says of a trace is believed; `continueFrom`: `INTERFACE` or `INTERFACE/NEIGHBOUR`. */
export function isContinuedFrom(continueFrom: readonly string[], from: Neighbour): boolean {
  for (const one of continueFrom) {
    const slash = one.indexOf('/');
    if (slash < 0 ? one === from.side.name : one === `${from.side.name}/${from.name}`) return true;
  }
  return false;
}
