// Asks a running edge for the calls that it has refused.
import { type AdminPlace, fetchAdmin } from './fetch-admin.ts';
import { noAnswer } from './fetch-status.ts';
import type { RefusalsJson } from './refusal-json.ts';

/** As GET /v1/refusals has it; it says what is wrong with a value. */
export interface RefusalsQuery {
  readonly limit?: string;
  readonly number?: string;
  readonly callId?: string;
  readonly reason?: string;
  readonly interface?: string;
}

/** Rejects with one line where nobody answers, or with what the edge finds wrong. */
export async function fetchRefusals(place: AdminPlace, query: RefusalsQuery): Promise<RefusalsJson> {
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  const answer = await fetchAdmin(place, `/v1/refusals?${new URLSearchParams(given)}`);
  if (answer.status === 200 && isRefusals(answer.body)) return answer.body;
  throw noAnswer(place, answer, 'which are no refusals of an edge');
}

function isRefusals(value: unknown): value is RefusalsJson {
  return Array.isArray((value as { entries?: unknown } | null | undefined)?.entries);
}
