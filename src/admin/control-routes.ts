// /v1/mode, /v1/drain, /v1/shadow, /v1/switches/NAME/drain: what an operator orders by hand besides gaps, and /v1/controls: all that is in force
// of it, until when.
import type { FastifyInstance, FastifyReply } from 'fastify';
import * as z from 'zod';
import { drainControlSchema, overrideSchema } from '../congestion/north-messages.ts';
import type { OperatorControls } from '../control/operator-controls.ts';
import type { RunningMode } from '../control/throttle.ts';
import { problem, sendProblem } from '../http/problem.ts';
import { type AdminAccess, guardOf } from './access.ts';
import type { AuditEntry } from './audit-entry.ts';
import { controlsJson, heldJson, type OrderedControl } from './control-json.ts';
import type { Clocks } from './gap-json.ts';
import { liftReason } from './lift-reason.ts';

export interface Order {
  /** Above 0 to 86,400. */
  readonly seconds: number;
  readonly reason: string;
}

/** Controls as the rest of the process has them; `by`: the operator's name. */
export interface ControlDesk {
  controls(): OperatorControls;
  orderMode(mode: RunningMode, order: Order, by: string): void;
  /** Whether there was one; so are the others that lift. */
  liftMode(by: string, reason?: string): boolean;
  drain(order: Order, by: string): void;
  liftDrain(by: string, reason?: string): boolean;
  /** `on`: nothing is refused for load, whatever configuration says. */
  orderShadow(on: boolean, order: Order, by: string): void;
  liftShadow(by: string, reason?: string): boolean;
  /** `unknown`: no such switch; `last`: the only one of its group that is in service. */
  drainSwitch(name: string, order: Order, by: string): 'unknown' | 'last' | undefined;
  liftSwitchDrain(name: string, by: string, reason?: string): boolean;
  /** The newest first. */
  audit(): readonly AuditEntry[];
  clocks(): Clocks;
}

const note = 'What operators order is kept when the configuration is reloaded and lost when the process ends.';
const mostBodyBytes = 4096;
const shadowSchema = drainControlSchema.extend({ on: z.boolean() });

/** `ordered`: what came with the orders of orchestrators. */
export function addControlRoutes(
  server: FastifyInstance,
  desk: ControlDesk,
  ordered: () => readonly OrderedControl[],
  access: AdminAccess,
): void {
  const guard = guardOf(access);
  const write = { onRequest: guard.onRequest, bodyLimit: mostBodyBytes };
  const lifted = (reply: FastifyReply, was: boolean, what: string) =>
    was
      ? reply.code(204).send()
      : sendProblem(reply, problem(404, `${what} is not ordered by an operator of this edge.`));

  server.get('/v1/controls', async () => ({
    ...controlsJson(desk.controls(), ordered(), desk.clocks()),
    note,
  }));
  server.get('/v1/audit', async () => ({ entries: desk.audit() }));
  // whether a token is one, before anything is changed with it
  server.get('/v1/operator', write, async (request) => ({ by: guard.by(request) }));

  server.put('/v1/mode', write, async (request, reply) => {
    const read = overrideSchema.safeParse(request.body);
    if (!read.success) return sendProblem(reply, problem(400, faultOf(read.error)));
    const { mode, ...order } = read.data;
    desk.orderMode(mode, order, guard.by(request));
    const held = desk.controls().mode;
    return { mode, ...(held && heldJson(held, desk.clocks())), note };
  });
  server.delete('/v1/mode', write, async (request, reply) =>
    lifted(reply, desk.liftMode(guard.by(request), liftReason(request)), 'A running mode'),
  );

  server.put('/v1/drain', write, async (request, reply) => {
    const read = drainControlSchema.safeParse(request.body);
    if (!read.success) return sendProblem(reply, problem(400, faultOf(read.error)));
    desk.drain(read.data, guard.by(request));
    const held = desk.controls().drain;
    return { ...(held && heldJson(held, desk.clocks())), note };
  });
  server.delete('/v1/drain', write, async (request, reply) =>
    lifted(reply, desk.liftDrain(guard.by(request), liftReason(request)), 'A drain'),
  );

  server.put('/v1/shadow', write, async (request, reply) => {
    const read = shadowSchema.safeParse(request.body);
    if (!read.success) return sendProblem(reply, problem(400, faultOf(read.error)));
    const { on, ...order } = read.data;
    desk.orderShadow(on, order, guard.by(request));
    const held = desk.controls().shadow;
    return { on, ...(held && heldJson(held, desk.clocks())), note };
  });
  server.delete('/v1/shadow', write, async (request, reply) =>
    lifted(reply, desk.liftShadow(guard.by(request), liftReason(request)), 'Shadow mode'),
  );

  server.put('/v1/switches/:name/drain', write, async (request, reply) => {
    const { name } = request.params as { name: string };
    const read = drainControlSchema.safeParse(request.body);
    if (!read.success) return sendProblem(reply, problem(400, faultOf(read.error)));
    const refusal = desk.drainSwitch(name, read.data, guard.by(request));
    if (refusal === 'unknown') return sendProblem(reply, problem(404, `There is no switch ${shown(name)}.`));
    if (refusal === 'last') {
      const detail = `${name} is the only switch of its group that is in service: PUT /v1/drain refuses new calls to all.`;
      return sendProblem(reply, problem(409, detail));
    }
    const held = desk.controls().drainedSwitches.get(name);
    return { name, ...(held && heldJson(held, desk.clocks())), note };
  });
  server.delete('/v1/switches/:name/drain', write, async (request, reply) => {
    const { name } = request.params as { name: string };
    return lifted(
      reply,
      desk.liftSwitchDrain(name, guard.by(request), liftReason(request)),
      `A drain of ${shown(name)}`,
    );
  });
}

/** One line: the key and what is wrong with it. */
function faultOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'the body is not what it must be';
  const key = issue.path.join('.');
  return `${key === '' ? 'the body' : key}: ${issue.message}`;
}

const mostShown = 60;
const shown = (text: string): string => (text.length > mostShown ? `${text.slice(0, mostShown)}…` : text);
