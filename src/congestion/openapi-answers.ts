// What the OpenAPI document says of refusals, and of the paths that need no token.
import type { Problem } from './problem.ts';
import type { Route } from './routes.ts';

const problems = {
  400: 'Not understood: each fault is named with its key and what is allowed there',
  401: 'No token or certificate that is known',
  403: 'Not for this role, or not for this name, whether it exists or not',
  404: 'Not registered, or nothing there to be lifted',
  408: 'The request did not arrive in time',
  409: 'The session is not the current one: register again',
  413: 'The body is too long',
  415: 'The body is not application/json, or is compressed',
  429: 'Requests come faster than they may, or too many wrong tokens came from this address',
  431: 'The header fields are too large',
  500: 'Something failed here',
  503: 'As many wait, or read streams, as may',
} as const;

type Status = keyof typeof problems;

/** Of every route. */
const always: readonly Status[] = [400, 401, 403, 408, 429, 431, 500];

/** The refusals that a route can answer with, by rising status. */
export function statusesOf({ path, method, query, result }: Route): readonly Status[] {
  const isOfApplication = path.startsWith('/v1/applications/');
  const more: Status[] = [];
  if (isOfApplication || path.startsWith('/v1/controls/') || method === 'DELETE') more.push(404);
  if (isOfApplication && method !== 'GET') more.push(409);
  if (method !== 'GET') more.push(413, 415);
  if (query !== undefined || result?.stream === true) more.push(503);
  return [...always, ...more].sort((a, b) => a - b);
}

/** `components.responses`: Problem400 and so on. */
export function problemResponses(example: Problem): Record<string, unknown> {
  const entries = Object.entries(problems).map(([status, description]) => {
    const content = {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        ...(example.status === Number(status) ? { example } : {}),
      },
    };
    const header = headers[status];
    return [`Problem${status}`, { description, ...(header === undefined ? {} : { headers: header }), content }];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

const retryAfter = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } } };
const headers: Readonly<Record<string, unknown>> = {
  401: { 'WWW-Authenticate': { description: 'RFC 6750 §3', schema: { type: 'string' } } },
  429: retryAfter,
  503: retryAfter,
};

const open = (operationId: string, summary: string, type: string, schema: unknown): unknown => ({
  get: {
    ...{ operationId, summary, security: [] },
    responses: {
      200: { description: 'Done', content: { [type]: { schema } } },
      429: { $ref: '#/components/responses/Problem429' },
      500: { $ref: '#/components/responses/Problem500' },
    },
  },
});

const alive = { type: 'object', properties: { status: { const: 'alive' } }, required: ['status'] };

export const openPaths: Readonly<Record<string, unknown>> = {
  '/healthz': open('health', 'Whether the process is alive', 'application/json', alive),
  '/metrics': open('metrics', 'Metrics in the text format of Prometheus', 'text/plain', { type: 'string' }),
  '/openapi.json': open('openapi', 'This document', 'application/json', { type: 'object' }),
};
