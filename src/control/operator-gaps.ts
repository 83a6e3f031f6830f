// Gaps and code blocks that an operator places by hand (ITU-T E.412 §3.1), each with an end: a value and functions on it. They are
// joined with the automatic ones; where both are on the same digits the stricter of one kind wins.
import type { Gap, GapLimit } from './throttle.ts';

const leastIntervalSeconds = 0.1;
const mostIntervalSeconds = 600;
const mostSeconds = 86_400;
/** Gaps in force at once, so that a faulty script cannot fill the memory of the edge. */
const mostGaps = 1000;

/** What an operator asks for: one of `intervalSeconds` and `passRatio`. */
export interface GapRequest {
  /** A number or its first digits: 1 to 15 digits; `+` in front and visual separators may stand. */
  readonly digits: string;
  /** Seconds between two calls, 0.1 to 600, or `stop`: no call. */
  readonly intervalSeconds?: number | 'stop' | undefined;
  /** Code blocking: the share of calls that passes, 0 to 1. */
  readonly passRatio?: number | undefined;
  /** How long it holds, above 0 to 86,400. */
  readonly seconds: number;
  /** For the audit. */
  readonly reason?: string | undefined;
}

/** The gaps in force, by their digits: one on each. */
export type OperatorGaps = ReadonlyMap<string, Gap>;

export const noOperatorGaps: OperatorGaps = new Map();

/** The gap in force with the new one in place of an older one on the same digits; or one line that says what is wrong. */
export function placeGap(
  gaps: OperatorGaps,
  request: GapRequest,
  nowMs: number,
): { readonly gaps: OperatorGaps; readonly placed: Gap } | { readonly error: string } {
  const digits = gapDigits(request.digits);
  if (digits === undefined) return { error: `digits: '${request.digits}' is not 1 to 15 digits` };
  const limit = limitOf(request);
  if ('error' in limit) return limit;
  const { seconds } = request;
  if (!(seconds > 0 && seconds <= mostSeconds))
    return { error: `seconds: ${seconds} is not above 0 and at most ${mostSeconds}` };
  const inForce = new Map(expireGaps(gaps, nowMs));
  if (!inForce.has(digits) && inForce.size >= mostGaps)
    return { error: `${mostGaps} gaps are in force, no more may be` };
  const placed: Gap = { digits, limit, cause: 'operator', untilMs: nowMs + seconds * 1000 };
  inForce.set(digits, placed);
  return { gaps: inForce, placed };
}

/** Without the gap on these digits; `wasThere` tells whether there was one in force. */
export function removeGap(
  gaps: OperatorGaps,
  digits: string,
  nowMs: number,
): { readonly gaps: OperatorGaps; readonly wasThere: boolean } {
  const left = new Map(expireGaps(gaps, nowMs));
  const wasThere = left.delete(gapDigits(digits) ?? '');
  return { gaps: left, wasThere };
}

/** The gaps whose time is not over; the same value where that is all of them. */
export function expireGaps(gaps: OperatorGaps, nowMs: number): OperatorGaps {
  const left = [...gaps].filter(([, gap]) => gap.untilMs > nowMs);
  return left.length === gaps.size ? gaps : new Map(left);
}

/** In force now, by digits. */
export function listGaps(gaps: OperatorGaps, nowMs: number): Gap[] {
  return [...expireGaps(gaps, nowMs).values()].sort((a, b) => (a.digits < b.digits ? -1 : 1));
}

/**
 * The digits as the called numbers are counted (admission/gaps.ts): without `+` and separators; +1 and the 1 of eleven digits of
 * the North American plan taken away. Undefined where they are not 1 to 15 digits.
 */
export function gapDigits(text: string): string | undefined {
  const bare = text.replace(/[-.() ]/g, '');
  const match = /^(\+?)(\d{1,15})$/.exec(bare);
  if (match === null) return undefined;
  const [, plus, digits = ''] = match;
  const isNorthAmerican = plus === '+' ? /^1\d/.test(digits) : /^1[2-9]\d{9}$/.test(digits);
  return isNorthAmerican ? digits.slice(1) : digits;
}

function limitOf({ intervalSeconds, passRatio }: GapRequest): GapLimit | { readonly error: string } {
  if ((intervalSeconds === undefined) === (passRatio === undefined))
    return { error: 'one of intervalSeconds and passRatio must be given, and not both' };
  if (passRatio !== undefined) {
    if (!(passRatio >= 0 && passRatio <= 1)) return { error: `passRatio: ${passRatio} is not between 0 and 1` };
    return { kind: 'share', passRatio };
  }
  if (intervalSeconds === 'stop') return { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY };
  if (!(intervalSeconds! >= leastIntervalSeconds && intervalSeconds! <= mostIntervalSeconds))
    return {
      error: `intervalSeconds: ${intervalSeconds} is not between ${leastIntervalSeconds} and ${mostIntervalSeconds}, nor stop`,
    };
  return { kind: 'interval', intervalMs: intervalSeconds! * 1000 };
}
