// What `surgegate probe` prints of a call: a line for people, or a JSON object on a line.
import type { CallEnd } from './call.ts';
import { type CallReport, edgeReason } from './outcome.ts';

export function callLine({ class: callClass, outcome, end }: CallReport): string {
  const parts = [statusText(end)];
  if (end.setUpMs !== undefined) parts.push(`set-up ${Math.round(end.setUpMs)} ms`);
  else if (end.firstResponseMs !== undefined) parts.push(`first response ${Math.round(end.firstResponseMs)} ms`);
  if (end.retryAfterSeconds !== undefined) parts.push(`Retry-After ${end.retryAfterSeconds} s`);
  const refusedBy = refusedByText(end);
  if (refusedBy !== undefined) parts.push(refusedBy);
  if (end.fault !== '') parts.push(end.fault);
  return `${callClass.padEnd(8)}  ${outcome.padEnd(9)}  ${parts.join(', ')}`;
}

export function heldLine(callClass: string, seconds: number): string {
  return `${callClass.padEnd(8)}  ${'held'.padEnd(9)}  Retry-After has ${Math.ceil(seconds)} s to go`;
}

/** Units stand in the names; what is not known is left out. */
export function callJson({ class: callClass, outcome, end }: CallReport, time: Date): string {
  const { status, phrase, setUpMs, firstResponseMs, retryAfterSeconds, reason, fault } = end;
  return JSON.stringify({
    ...{ time: time.toISOString(), class: callClass, outcome, status, phrase },
    ...{ setUpMs: rounded(setUpMs), firstResponseMs: rounded(firstResponseMs), retryAfterSeconds },
    edgeReason: edgeReason(reason),
    reason: reason === '' ? undefined : reason,
    fault: fault === '' ? undefined : fault,
  });
}

export function heldJson(callClass: string, seconds: number, time: Date): string {
  return JSON.stringify({
    time: time.toISOString(),
    class: callClass,
    outcome: 'held',
    retryAfterSeconds: Math.ceil(seconds),
  });
}

function statusText({ how, status, phrase, fault }: CallEnd): string {
  const last = `${status} ${phrase}`.trim();
  if (how === 'silent') return status === 0 ? 'no response' : `${last} and no answer, cancelled`;
  if (how === 'lost' && fault !== '') return status === 0 ? 'no response' : last;
  return last;
}

function refusedByText({ how, reason }: CallEnd): string | undefined {
  if (how !== 'rejected' || reason === '') return undefined;
  const own = edgeReason(reason);
  return own === undefined ? `Reason ${reason}` : `by Surgegate: ${own}`;
}

/** To a tenth of a millisecond. */
function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
