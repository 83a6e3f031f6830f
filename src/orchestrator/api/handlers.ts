// What each route of the congestion API asks of the desk.
import type * as z from 'zod';
import type { RouteId, routes } from '../../congestion/routes.ts';
import type { Desk, Refusal } from '../desk.ts';
import type { Callbacks } from './callbacks.ts';
import type { Identity } from './identity.ts';

type RouteOf<Id extends RouteId> = Extract<(typeof routes)[number], { readonly id: Id }>;
type BodyOf<Id extends RouteId> =
  RouteOf<Id> extends { readonly body: infer S extends z.ZodType } ? z.output<S> : undefined;

export interface Call<Body> {
  readonly identity: Identity;
  /** Of the application, of the peer; empty where the path has none. */
  readonly name: string;
  readonly digits: string;
  readonly body: Body;
}

/** An answer, or a refusal; undefined: done, with nothing to say. */
export type Answer = object | Refusal | undefined;

/** Routes that answer at once; the others wait, or go on. */
export type DirectRouteId = Exclude<RouteId, 'orders' | 'events' | 'feed'>;
export type Handlers = { readonly [Id in DirectRouteId]: (call: Call<BodyOf<Id>>) => Answer };

export function createHandlers(desk: Desk, callbacks: Callbacks): Handlers {
  return {
    register({ name, body }) {
      const refused = callbacks.refuse(name, body);
      if (refused !== undefined) return badCallback(refused);
      // its lease may have ended since
      if (isRefusal(desk.orders(name))) callbacks.left(name);
      const answer = desk.register(name, body);
      if (!isRefusal(answer)) callbacks.registered(name, body);
      return answer;
    },
    report: ({ name, body }) => desk.report(name, body),
    request: ({ name, body }) => desk.request(name, body),
    notify: ({ name, body }) => desk.notify(name, body),
    leave({ name }) {
      callbacks.left(name);
      return desk.leave(name) ? undefined : notRegistered(name);
    },
    mode: () => desk.mode(),
    peerReport: ({ name, body }) => desk.peerReport(name, body),
    override: ({ body, identity }) => desk.override(body, identity.name),
    liftOverride: ({ identity }) =>
      desk.liftOverride(identity.name) ? undefined : nothing('No mode is ordered by hand.'),
    transitions: () => desk.transitions(),
    gap: ({ digits, body, identity }) => desk.gap(digits, body, identity.name),
    liftGap: ({ digits, identity }) =>
      desk.liftGap(digits, identity.name) ? undefined : nothing(`There is no gap on ${digits}.`),
    drain: ({ name, body, identity }) => desk.drain(name, body, identity.name),
    liftDrain: ({ name, identity }) =>
      desk.liftDrain(name, identity.name) ? undefined : nothing(`Application ${name} is not being drained.`),
    audit: () => desk.audit(),
  };
}

export const isRefusal = (answer: object): answer is Refusal => 'refused' in answer;

const notRegistered = (name: string): Refusal => ({
  refused: 404,
  type: 'urn:surgegate:problem:not-registered',
  detail: `Application ${name} is not registered.`,
});

const nothing = (detail: string): Refusal => ({ refused: 404, type: 'about:blank', detail });

/** A callback where orders may not be sent. */
export interface BadCallback {
  readonly faults: readonly [{ readonly key: 'callback.url'; readonly message: string }];
}

export const isBadCallback = (answer: object): answer is BadCallback => 'faults' in answer;

const badCallback = (allowed: string): BadCallback => ({
  faults: [{ key: 'callback.url', message: `the value is not allowed; ${allowed}` }],
});
