// Asks a running edge what `surgegate status` shows: its status, the calls of the last minute and what has happened last.
import { runningModes } from '../control/throttle.ts';
import { type AdminAnswer, type AdminPlace, fetchAdmin } from './fetch-admin.ts';
import type { HistoryJson } from './history-json.ts';
import type { Status } from './status.ts';
import type { TimelineEntry } from './timeline-entry.ts';

export interface Sight {
  readonly status: Status;
  /** Undefined where the edge does not tell; so is the next. */
  readonly history: HistoryJson | undefined;
  readonly events: readonly TimelineEntry[] | undefined;
}

/** Rejects with one line where nobody answers, or what answers is no edge. */
export async function fetchStatus(place: AdminPlace): Promise<Status> {
  const answer = await fetchAdmin(place, '/v1/status');
  if (answer.status === 200 && isStatus(answer.body)) return answer.body;
  throw noAnswer(place, answer, 'which is no status of an edge');
}

/** The same; what of it an edge does not have is left out. */
export async function fetchSight(place: AdminPlace, events: number): Promise<Sight> {
  const [status, history, entries] = await Promise.all([
    fetchStatus(place),
    fetchAdmin(place, '/v1/history?seconds=60'),
    fetchAdmin(place, `/v1/events?limit=${events}`),
  ]);
  return {
    status,
    history: history.status === 200 ? (history.body as HistoryJson) : undefined,
    events: entries.status === 200 ? (entries.body as { entries: TimelineEntry[] }).entries : undefined,
  };
}

export function noAnswer({ address }: AdminPlace, { status, detail }: AdminAnswer, missing: string): Error {
  return new Error(`${address} answered ${status}${detail === undefined ? `, ${missing}` : `: ${detail}`}`);
}

function isStatus(value: unknown): value is Status {
  const mode = (value as { mode?: unknown } | null | undefined)?.mode;
  return runningModes.some((one) => one === mode);
}
