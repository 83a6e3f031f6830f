// Errors of the HTTP interface as RFC 9457 problem details.

export const problemType = 'application/problem+json';

/** RFC 9457 §3.1: members of a problem whose type is no more than its status code (§4.2.1 about:blank). */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
}

/** `title` is the phrase of the status code. */
export function problem(status: number, title: string, detail?: string): Problem {
  return { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }) };
}
