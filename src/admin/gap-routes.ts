// /v1/gaps: what is gapped, and gaps and code blocks of the operator (ITU-T E.412 §3.1).
import type { FastifyInstance } from 'fastify';
import type { GapRequest } from '../control/operator-gaps.ts';
import type { Gap } from '../control/throttle.ts';
import { problem, sendProblem } from '../http/problem.ts';
import { type AdminAccess, guardOf } from './access.ts';
import { type Clocks, type GapInForce, gapJson, gapRequest } from './gap-json.ts';
import { liftReason } from './lift-reason.ts';

/** Gaps as the rest of the process has them; `by`: the operator's name. */
export interface GapDesk {
  /** Of all causes, in force now. */
  list(): readonly GapInForce[];
  place(
    request: GapRequest,
    by: string,
  ): { readonly placed: Gap; readonly isNew: boolean } | { readonly error: string };
  /** Whether the operator had one on these digits. */
  remove(digits: string, by: string, reason?: string): boolean;
  clocks(): Clocks;
}

const note =
  'Gaps of the operator are kept when the configuration is reloaded and lost when the process ends; those of other causes end by themselves.';
const mostBodyBytes = 4096;

export function addGapRoutes(server: FastifyInstance, gaps: GapDesk, access: AdminAccess): void {
  const guard = guardOf(access);
  const write = { onRequest: guard.onRequest, bodyLimit: mostBodyBytes };

  server.get('/v1/gaps', async () => {
    const clocks = gaps.clocks();
    return { gaps: gaps.list().map((one) => gapJson(one, clocks)), note };
  });

  server.post('/v1/gaps', write, async (request, reply) => {
    const wanted = gapRequest(request.body);
    const result = 'error' in wanted ? wanted : gaps.place(wanted, guard.by(request));
    if ('error' in result) return sendProblem(reply, problem(400, result.error));
    const { placed, isNew } = result;
    if (isNew) reply.code(201).header('location', `/v1/gaps/${placed.digits}`);
    const inForce = gaps.list().find(({ gap }) => gap.cause === 'operator' && gap.digits === placed.digits);
    return gapJson(inForce ?? { gap: placed, passed: 0, refused: 0 }, gaps.clocks());
  });

  server.delete('/v1/gaps/:digits', write, async (request, reply) => {
    const { digits } = request.params as { digits: string };
    if (gaps.remove(digits, guard.by(request), liftReason(request))) return reply.code(204).send();
    const detail = `There is no gap of the operator on ${digits}.`;
    return sendProblem(reply, problem(404, detail));
  });
}
