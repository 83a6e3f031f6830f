// Errors of our HTTP interfaces as RFC 9457 problem details, for the admin listener and for the orchestrator.
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

export const problemType = 'application/problem+json';

/** RFC 9457 §3.1. */
export interface Problem {
  /** `about:blank`: no more than its status code says (§4.2.1). */
  readonly type: string;
  /** The phrase of the status code, or what the type means. */
  readonly title: string;
  readonly status: number;
  readonly detail?: string | undefined;
}

export function problem(status: number, detail?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }) };
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  return reply.code(body.status).type(problemType).send(body);
}

interface FailedHead {
  readonly 'content-type'?: string | undefined;
}

/** What fastify or a handler threw. What fails inside is for the log and not for the caller: 500 without detail. */
export function problemOf(error: Error & { statusCode?: number }, headers: FailedHead): Problem {
  const status = error.statusCode ?? 500;
  if (status >= 500) return problem(500);
  if (status !== 415) return problem(status, error.message);
  return problem(415, `Content-Type: ${headers['content-type'] ?? 'none'} is not application/json.`);
}
