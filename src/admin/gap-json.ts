// Gaps as the HTTP interface says them, and what it takes for a request to place one.
import type { GapRequest } from '../control/operator-gaps.ts';
import type { Gap, GapCause } from '../control/throttle.ts';

/** A gap, and how many ordinary calls it has let pass and refused. */
export interface GapInForce {
  readonly gap: Gap;
  readonly passed: number;
  readonly refused: number;
  /** Of the operator's: who placed it. */
  readonly by?: string | undefined;
}

/** The clock of the samples and that of the wall, both in ms, at one moment. */
export interface Clocks {
  readonly nowMs: number;
  readonly unixMs: number;
}

/** One of `intervalSeconds` (`stop`: no call) and `passRatio`. */
export interface GapJson {
  readonly digits: string;
  readonly cause: GapCause;
  readonly intervalSeconds?: number | 'stop';
  readonly passRatio?: number;
  /** RFC 3339. */
  readonly endsAt: string;
  readonly remainingSeconds: number;
  readonly passed: number;
  readonly refused: number;
  /** Of the operator's: who placed it. */
  readonly by?: string;
}

export function gapJson({ gap, passed, refused, by }: GapInForce, { nowMs, unixMs }: Clocks): GapJson {
  const { digits, cause, limit, untilMs } = gap;
  const leftMs = Math.max(0, untilMs - nowMs);
  const much =
    limit.kind === 'share'
      ? { passRatio: limit.passRatio }
      : {
          intervalSeconds: limit.intervalMs === Number.POSITIVE_INFINITY ? ('stop' as const) : limit.intervalMs / 1000,
        };
  const endsAt = new Date(unixMs + leftMs).toISOString();
  const who = by === undefined ? {} : { by };
  return { digits, cause, ...much, endsAt, remainingSeconds: Math.ceil(leftMs / 1000), passed, refused, ...who };
}

const keys = ['digits', 'intervalSeconds', 'passRatio', 'seconds', 'reason'];

/** The request in a body, or one line that names the key, its value and what is allowed. Ranges are placeGap's to check. */
export function gapRequest(body: unknown): GapRequest | { readonly error: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { error: `the body must be an object of ${keys.join(', ')}` };
  const given = body as Readonly<Record<string, unknown>>;
  const unknownKey = Object.keys(given).find((key) => !keys.includes(key));
  if (unknownKey !== undefined) return { error: `${shown(unknownKey)}: no such key; allowed: ${keys.join(', ')}` };
  const { digits, intervalSeconds, passRatio, seconds, reason } = given;
  const fault = (key: string, allowed: string) => ({
    error: key in given ? `${key}: ${shown(given[key])} is not ${allowed}` : `${key}: is missing; allowed: ${allowed}`,
  });
  if (typeof digits !== 'string') return fault('digits', 'a string of 1 to 15 digits');
  if (intervalSeconds !== undefined && typeof intervalSeconds !== 'number' && intervalSeconds !== 'stop')
    return fault('intervalSeconds', 'a number from 0.1 to 600 (seconds), nor "stop"');
  if (passRatio !== undefined && typeof passRatio !== 'number') return fault('passRatio', 'a number from 0 to 1');
  if (typeof seconds !== 'number') return fault('seconds', 'a number above 0 and at most 86400 (seconds)');
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > mostReason))
    return fault('reason', `a string of at most ${mostReason} characters`);
  return { digits: shortened(digits), intervalSeconds, passRatio, seconds, reason };
}

/** A value in an answer: never longer than what it answers deserves. */
function shown(value: unknown): string {
  return shortened(JSON.stringify(value) ?? 'undefined');
}

const mostReason = 200;
const mostShown = 60;
const shortened = (text: string): string => (text.length > mostShown ? `${text.slice(0, mostShown)}…` : text);
