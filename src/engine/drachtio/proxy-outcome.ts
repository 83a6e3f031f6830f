// What became of a request that was handed to the server's proxy, from what it tells: each final answer, and the end.
import type { ProxyOutcome } from './link.ts';

export type ProxyFinal = ProxyOutcome['finals'][number];

/** Of the answer that the server has sent upstream, once it says that it is done: 408 of its own where no switch gave one. */
export function upstreamStatus(finals: readonly ProxyFinal[]): number {
  const success = finals.find(({ status }) => status < 300);
  if (success !== undefined) return success.status;
  let best = 0;
  // of those of one rank its sort puts the last in front
  for (const { status } of finals) if (best === 0 || rank(status) <= rank(best)) best = status;
  return best === 0 ? 408 : best;
}

/** RFC 3261 §16.7 step 6, as the server has it: 3xx comes last. */
function rank(status: number): number {
  if (status >= 600) return 0;
  if ([401, 407, 415, 420, 484].includes(status)) return 1;
  if (status >= 500) return 3;
  return status >= 400 ? 2 : 4;
}

/** 0 for what is no answer. */
export function statusOf(raw: string | undefined): number {
  const match = /^SIP\/2\.0 (\d{3})/.exec(raw ?? '');
  return match === null ? 0 : Number(match[1]);
}
