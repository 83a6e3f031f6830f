// Why an operator lifts what was ordered, for the audit: `DELETE …?reason=TEXT`. Scripts may leave it out; the console never does.
import type { FastifyRequest } from 'fastify';

const mostCharacters = 200;

/** '' where none is given; what is longer is cut. */
export function liftReason(request: FastifyRequest): string {
  const { reason } = request.query as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason.trim().slice(0, mostCharacters) : '';
}
