// GET /v1/refusals: the last calls that were refused, and why. They tell who called whom, so on a listener that others reach they are
// for those with a token.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { reasons } from '../admission/reasons.ts';
import type { Refused } from '../admission/refusal-ring.ts';
import type { Refusals, RefusalsRead } from '../admission/refusals.ts';
import { problem, sendProblem } from '../http/problem.ts';
import { type AdminAccess, readerRefusal, sendRefusal } from './access.ts';
import type { Clocks } from './gap-json.ts';
import { type RefusalsJson, refusalFilter, refusalJson, type ShownNumbers } from './refusal-json.ts';

/** Refusals as the rest of the process has them. */
export interface RefusalDesk {
  readonly last: {
    /** Held now, and seen since the process began. */
    readonly length: number;
    readonly seen: number;
    /** One in so many is kept now. */
    readonly oneIn: number;
    read: Refusals['read'];
  };
  readonly numbers: ShownNumbers;
  readonly clocks: () => Clocks;
}

const most = 1000;
const text = z.string().min(1).max(256).optional();

const querySchema = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(most)).default(100),
  number: text,
  callId: text,
  reason: z.enum(reasons).optional(),
  interface: z.enum(['south', 'east', 'west', 'north', 'core']).optional(),
});

/** Rows looked at in one turn of the event loop: a search of all that is kept must not keep calls waiting. */
const rowsInTurn = 200;

async function findRefusals(
  last: RefusalDesk['last'],
  limit: number,
  matches: (one: Refused) => boolean,
): Promise<Refused[]> {
  const found: Refused[] = [];
  let before: number | undefined = Number.POSITIVE_INFINITY;
  while (before !== undefined && found.length < limit) {
    if (before !== Number.POSITIVE_INFINITY) await nextTurn();
    const part: RefusalsRead = last.read(limit - found.length, matches, before, rowsInTurn);
    found.push(...part.found);
    before = part.before;
  }
  return found;
}

export function addRefusalRoutes(server: FastifyInstance, desk: RefusalDesk, access: AdminAccess): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const refusal = readerRefusal(access, request.headers);
    return refusal && sendRefusal(reply, refusal);
  };
  server.get('/v1/refusals', { onRequest }, async (request, reply) => {
    const read = querySchema.safeParse(request.query);
    if (!read.success) {
      const [issue] = read.error.issues;
      return sendProblem(reply, problem(400, `${issue?.path.join('.') || 'the query'}: ${issue?.message}`));
    }
    const { limit, ...query } = read.data;
    const { last, numbers, clocks } = desk;
    if (query.number !== undefined && numbers === 'none') {
      const detail = 'number: called numbers are not shown here (admin.refusals.numbers).';
      return sendProblem(reply, problem(400, detail));
    }
    const now = clocks();
    const found = await findRefusals(last, limit, refusalFilter(query, numbers));
    const answer: RefusalsJson = {
      kept: last.length,
      seen: last.seen,
      sampledRatio: 1 / last.oneIn,
      entries: found.map((one) => refusalJson(one, numbers, now)),
    };
    return answer;
  });
}
