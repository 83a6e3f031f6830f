// The drachtio-server that carries SIP, as GET /v1/status tells of it.
import type { DrachtioView } from '../metrics/drachtio-metrics.ts';
import { type Limit, limit, rounded } from './limit-json.ts';
import { percent } from './text-values.ts';

export interface DrachtioStatus {
  readonly up: boolean;
  readonly version: string;
  /** Requests handed over that are not done with. */
  readonly pending: number;
  /** Of one core; null where its process is not seen. */
  readonly cpuRatio: Limit;
  readonly lagSeconds: number;
  /** Requests per second that it received and did not hand over; null where that is not known. */
  readonly unseenPerSecond: Limit;
  /** Share of the last self-test that never came here; null before the first. */
  readonly missedRatio: Limit;
}

export function drachtioStatus(view: DrachtioView): DrachtioStatus {
  return {
    up: view.isUp,
    version: view.version,
    pending: view.pending,
    cpuRatio: limit(view.cpuRatio),
    lagSeconds: rounded(view.lagSeconds),
    unseenPerSecond: limit(view.unseenPerSecond),
    missedRatio: limit(view.missedRatio),
  };
}

/** One line, for a terminal. */
export function drachtioLine(one: DrachtioStatus): string {
  const parts = [
    `drachtio-server ${one.version} ${one.up ? 'up' : 'DOWN: no requests come'}`,
    `pending ${one.pending}`,
  ];
  if (one.cpuRatio !== null) parts.push(`CPU ${percent(one.cpuRatio)}`);
  parts.push(`late by ${Math.round(one.lagSeconds * 1000)} ms`);
  if (one.unseenPerSecond !== null) parts.push(`${Math.round(one.unseenPerSecond)} requests/s not handed over`);
  if (one.missedRatio !== null && one.missedRatio > 0) parts.push(`SELF-TEST: ${percent(one.missedRatio)} lost`);
  return parts.join('   ');
}
