// Examples for the OpenAPI document: an edge that carries calls, on a host in the first minutes of a mass-call event.
import type * as z from 'zod';
import type { ModeReport, Orders } from './orders.ts';
import type { Problem } from './problem.ts';
import type { RouteId, routes } from './routes.ts';

type RouteOf<Id extends RouteId> = Extract<(typeof routes)[number], { readonly id: Id }>;
type BodyOf<Id extends RouteId> =
  RouteOf<Id> extends { readonly body: infer S extends z.ZodType } ? z.input<S> : undefined;
type ResultOf<Id extends RouteId> =
  RouteOf<Id> extends { readonly result: { readonly schema: infer S extends z.ZodType } } ? z.output<S> : undefined;

const mode: ModeReport = {
  orchestrator: 'host-1',
  mode: 'L2',
  sinceSeconds: 4.2,
  causes: ['requests of edge are 412 % of normal'],
  attributes: { dumpNonEssential: true, reductionRatio: 0.25, slowed: false },
};

const session = 'kX2v9QmC4tBf7LzR';
const instance = '5f0c9a7e1b2d4c38';

const orders: Orders = {
  orchestrator: 'host-1',
  application: 'edge',
  session,
  sequence: 42,
  validitySeconds: 15,
  mode,
  exempt: false,
  allocation: {
    maximum: { cpuCores: 3, memoryBytes: 4_294_967_296 },
    current: { cpuCores: 2, memoryBytes: 2_147_483_648 },
    available: { cpuCores: 0.4, memoryBytes: 536_870_912 },
    boundary: { cpuCores: 1.6, memoryBytes: 1_717_986_918 },
  },
  notices: [
    {
      id: 'n-17',
      kind: 'start-load-shedding',
      target: { cpuCores: 1.6 },
      deadlineSeconds: 10,
      cause: 'cpu of the host at 93 %',
    },
  ],
  forced: [],
  suspended: false,
  controls: [{ kind: 'gap', digits: '18005551234', intervalSeconds: 2, remainingSeconds: 540, by: 'noc' }],
};

const transition = { at: '2025-01-06T10:00:04.200Z', from: 'L1', to: 'L2', causes: mode.causes } as const;

/** A body as it may be sent, and a result; of lists and streams one entry. */
export const examples: { readonly [Id in RouteId]: { readonly body: BodyOf<Id>; readonly result: ResultOf<Id> } } = {
  register: {
    body: {
      instance,
      sequence: 1,
      validitySeconds: 15,
      priority: 7,
      maximum: { cpuCores: 3, memoryBytes: 4_294_967_296 },
      minimum: { cpuCores: 0.5, memoryBytes: 268_435_456 },
      needsPerRequestPerSecond: { cpuCores: 0.0005 },
      callback: { url: 'http://127.0.0.1:9471/orders', token: 'example-callback-token' },
    },
    result: orders,
  },
  report: {
    body: {
      session,
      sequence: 2,
      validitySeconds: 15,
      used: { cpuCores: 1.9, memoryBytes: 1_288_490_188 },
      buffers: [{ name: 'udp south', fillRatio: 0.4, drops: 12 }],
      rates: { requestsPerSecond: 4120, normalPerSecond: 1000, admittedPerSecond: 1900, priorityPerSecond: 80 },
      mode: 'L2',
    },
    result: orders,
  },
  request: {
    body: { session, sequence: 3, wanted: { cpuCores: 0.5 } },
    result: { outcome: 'partly-granted', granted: { cpuCores: 0.4 }, reason: 'no-room', orders },
  },
  notify: {
    body: {
      ...{ kind: 'pre-congestion', session, sequence: 4 },
      ...{ resource: 'cpuCores', utilisationRatio: 0.88, secondsToThreshold: 12 },
    },
    result: orders,
  },
  orders: { body: undefined, result: orders },
  events: { body: undefined, result: orders },
  leave: { body: undefined, result: undefined },
  mode: { body: undefined, result: mode },
  peerReport: {
    body: { instance, sequence: 9, validitySeconds: 15, mode: 'L1', causes: ['its trunks to us are full'] },
    result: mode,
  },
  override: { body: { mode: 'L1', seconds: 600, reason: 'vote by telephone at 20:15' }, result: mode },
  liftOverride: { body: undefined, result: undefined },
  transitions: { body: undefined, result: transition },
  feed: { body: undefined, result: transition },
  gap: {
    body: { intervalSeconds: 2, seconds: 600, reason: 'vote by telephone', applications: ['edge'] },
    result: undefined,
  },
  liftGap: { body: undefined, result: undefined },
  drain: { body: { seconds: 900, reason: 'maintenance' }, result: undefined },
  liftDrain: { body: undefined, result: undefined },
  audit: {
    body: undefined,
    result: {
      at: '2025-01-06T10:00:00.000Z',
      by: 'noc',
      action: 'gap',
      subject: '18005551234',
      reason: 'vote by telephone',
      until: '2025-01-06T10:10:00.000Z',
    },
  },
};

export const problemExample: Problem = {
  type: 'urn:surgegate:problem:invalid-message',
  title: 'The message is not one of the congestion API',
  status: 400,
  detail: 'priority: the value is not allowed; allowed: a whole number, 0 to 9',
  faults: [{ key: 'priority', message: 'the value is not allowed; allowed: a whole number, 0 to 9' }],
};
