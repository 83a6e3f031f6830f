// Every route of the congestion API: who may call it, what it takes and gives. The server is built from this table, the client calls
// by it, and the OpenAPI document is written from it.
import * as z from 'zod';
import { notificationSchema, registrationSchema, reportSchema, resourceRequestSchema } from './application-messages.ts';
import { digits, nameField } from './fields.ts';
import {
  auditEntrySchema,
  drainControlSchema,
  gapControlSchema,
  overrideSchema,
  peerReportSchema,
  transitionSchema,
} from './north-messages.ts';
import { modeReportSchema, ordersSchema, requestAnswerSchema } from './orders.ts';

/** Whom a token or a certificate may belong to. */
export const roles = ['application', 'peer', 'operator'] as const;
export type Role = (typeof roles)[number];

/** What stands in braces in a path. */
export const pathParameters = { name: nameField, digits } as const;

/** Of `orders`; numbers stand in the query as decimal digits. */
const ordersQuery = z.strictObject({
  after: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional().meta({
    description: 'Sequence number of the orders that are known',
  }),
  waitSeconds: z.number().min(0).max(30).default(0).meta({
    description: 'How long to wait for newer ones; only together with `after`',
  }),
});

export interface Route {
  readonly id: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** As OpenAPI writes it; `{name}` of an application or peer must be the caller's own, except for operators. */
  readonly path: string;
  readonly roles: readonly Role[];
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of the success; absent: 204. `list`: an object with one array under that key. `stream`: server-sent events of it. */
  readonly result?: { readonly schema: z.ZodType; readonly list?: string; readonly stream?: true };
}

export const routes = [
  {
    id: 'register',
    method: 'PUT',
    path: '/v1/applications/{name}',
    roles: ['application'],
    summary: 'Register, or register anew; the answer carries the session',
    body: registrationSchema,
    result: { schema: ordersSchema },
  },
  {
    id: 'report',
    method: 'POST',
    path: '/v1/applications/{name}/reports',
    roles: ['application'],
    summary: 'Report state, and so renew the lease',
    body: reportSchema,
    result: { schema: ordersSchema },
  },
  {
    id: 'request',
    method: 'POST',
    path: '/v1/applications/{name}/requests',
    roles: ['application'],
    summary: 'Ask for resources',
    body: resourceRequestSchema,
    result: { schema: requestAnswerSchema },
  },
  {
    id: 'notify',
    method: 'POST',
    path: '/v1/applications/{name}/notifications',
    roles: ['application'],
    summary: 'Tell of coming congestion, or of low utilisation',
    body: notificationSchema,
    result: { schema: ordersSchema },
  },
  {
    id: 'orders',
    method: 'GET',
    path: '/v1/applications/{name}/orders',
    roles: ['application', 'operator'],
    summary:
      'The orders in force; with `after`, waits for others than those of that sequence number, and gives 204 if none come',
    query: ordersQuery,
    result: { schema: ordersSchema },
  },
  {
    id: 'events',
    method: 'GET',
    path: '/v1/applications/{name}/events',
    roles: ['application', 'operator'],
    summary: 'Orders as they change (server-sent events named `orders`)',
    result: { schema: ordersSchema, stream: true },
  },
  {
    id: 'leave',
    method: 'DELETE',
    path: '/v1/applications/{name}',
    roles: ['application', 'operator'],
    summary: 'Deregister: what was allocated is free, what was forced is lifted',
  },
  {
    id: 'mode',
    method: 'GET',
    path: '/v1/mode',
    roles: ['application', 'peer', 'operator'],
    summary: 'The running mode of the host',
    result: { schema: modeReportSchema },
  },
  {
    id: 'peerReport',
    method: 'PUT',
    path: '/v1/peers/{name}',
    roles: ['peer'],
    summary: 'The state of a peer; the answer is our own',
    body: peerReportSchema,
    result: { schema: modeReportSchema },
  },
  {
    id: 'override',
    method: 'PUT',
    path: '/v1/mode/override',
    roles: ['operator'],
    summary: 'Order a running mode by hand, for a time; it holds whatever the indicators say',
    body: overrideSchema,
    result: { schema: modeReportSchema },
  },
  {
    id: 'liftOverride',
    method: 'DELETE',
    path: '/v1/mode/override',
    roles: ['operator'],
    summary: 'Back to the indicators',
  },
  {
    id: 'transitions',
    method: 'GET',
    path: '/v1/transitions',
    roles: ['peer', 'operator'],
    summary: 'The last changes of the running mode, the newest first',
    result: { schema: transitionSchema, list: 'transitions' },
  },
  {
    id: 'feed',
    method: 'GET',
    path: '/v1/events',
    roles: ['peer', 'operator'],
    summary: 'Changes of the running mode as they happen (server-sent events named `transition`)',
    result: { schema: transitionSchema, stream: true },
  },
  {
    id: 'gap',
    method: 'PUT',
    path: '/v1/controls/gaps/{digits}',
    roles: ['operator'],
    summary: 'Gap a called number or prefix, or block a share of its calls, on applications that carry calls',
    body: gapControlSchema,
  },
  {
    id: 'liftGap',
    method: 'DELETE',
    path: '/v1/controls/gaps/{digits}',
    roles: ['operator'],
    summary: 'Lift that gap',
  },
  {
    id: 'drain',
    method: 'PUT',
    path: '/v1/controls/drains/{name}',
    roles: ['operator'],
    summary: 'Have an application take no new work for a time',
    body: drainControlSchema,
  },
  { id: 'liftDrain', method: 'DELETE', path: '/v1/controls/drains/{name}', roles: ['operator'], summary: 'End that' },
  {
    id: 'audit',
    method: 'GET',
    path: '/v1/audit',
    roles: ['operator'],
    summary: 'Who did what, when, until when; the newest first',
    result: { schema: auditEntrySchema, list: 'entries' },
  },
] as const satisfies readonly Route[];

export type RouteId = (typeof routes)[number]['id'];

export type NamedRoute = Route & { readonly id: RouteId };

export const routeOf = (id: RouteId): NamedRoute => routes.find((route) => route.id === id)!;
