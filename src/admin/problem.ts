// Errors of the HTTP interface as RFC 9457 problem details.
import { STATUS_CODES } from 'node:http';

export const problemType = 'application/problem+json';

/** RFC 9457 §3.1: members of a problem whose type is no more than its status code (§4.2.1 about:blank). */
export interface Problem {
  readonly type: 'about:blank';
  /** The phrase of the status code. */
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
}

export function problem(status: number, detail?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }) };
}
