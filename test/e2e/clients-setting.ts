// What every client must be able to do through the edge, whatever it is made of: a registrar behind the edge, phones of one kind on
// south, one phone more whose Resource-Priority is trusted.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { type Edge, type EdgeOptions, type Section, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import type { Lab } from '../peers/lab-test.ts';
import type { Phone } from '../peers/phone.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { ample } from './setting.ts';

export interface PhoneKind {
  /** What its listeners need. */
  readonly edge?: Pick<EdgeOptions, 'webSocket' | 'tls'>;
  /** A registered phone on south. */
  start(lab: Lab, edge: Edge, user: string): Promise<Phone>;
  /** The phone of `government`, whose calls come with `Resource-Priority: ets.0` by way of east. */
  startGovernment(lab: Lab, edge: Edge): Promise<Phone>;
}

const retryAfter = { minSeconds: 2, maxSeconds: 3 };
/** Where the surge comes from: another customer, who is not told to come back, so that the wave of those who do stays short. */
const surgeHost = '127.0.0.2';
const others = { name: 'others', addresses: [`${surgeHost}/32`], pushback: 'reject' };

/** An edge before a Kamailio, which is the registrar; what it does not know goes to `target`. */
async function edgeFor(lab: Lab, kind: PhoneKind, target: string, rest: Section): Promise<Edge> {
  const registrar = await startKamailio(lab, 'switch', { TARGET: target });
  return startEdge(lab, {
    ...kind.edge,
    sides: {
      south: { retryAfter, neighbours: [others] },
      east: { trust: { resourcePriority: true } },
    },
    switches: [`udp:${registrar.address}`],
    rest,
  });
}

/** Two phones register, call one another, and either hangs up. */
export async function callsBothWays(lab: Lab, kind: PhoneKind): Promise<void> {
  const edge = await edgeFor(lab, kind, '127.0.0.1:9', { admission: ample });
  const [alice, bob] = await Promise.all([kind.start(lab, edge, 'alice'), kind.start(lab, edge, 'bob')]);
  expect(await alice.call('bob')).toEqual({ status: 200 });
  await bob.called(1);
  await alice.hangUp();
  await Promise.all([alice.idle(), bob.idle()]);

  expect(await bob.call('alice')).toEqual({ status: 200 });
  await alice.called(1);
  await alice.hangUp();
  await Promise.all([alice.idle(), bob.idle()]);

  const metrics = await expectBalanced(edge);
  const requests = (labels: Readonly<Record<string, string>>): number =>
    metrics.sum('surgegate_requests_total', labels);
  expect(requests({ class: 'registration', reason: 'admitted' })).toBeGreaterThanOrEqual(2);
  expect(requests({ interface: 'south', method: 'INVITE', reason: 'admitted' })).toBe(2);
  expect(requests({ interface: 'core', method: 'INVITE', reason: 'from-core' })).toBe(2);
  expect(requests({ interface: 'south', method: 'BYE', reason: 'in-dialog' })).toBeGreaterThanOrEqual(2);
  expect(requests({ decision: 'reject' })).toBe(0);
}

/** Calls until it is refused: now and then even a surge leaves a token. Resolves with the seconds of Retry-After. */
async function refusedCall(phone: Phone): Promise<number> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { status, retryAfterSeconds = 0 } = await phone.call('5551234');
    if (status !== 200) {
      expect(status).toBe(503);
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(retryAfter.minSeconds);
      return retryAfterSeconds;
    }
    await phone.hangUp();
    await phone.idle();
  }
  throw new Error(`${phone.user} was not refused in a surge`);
}

/**
 * In a surge of SIPp's calls an ordinary call is refused and told when to try again, a priority call completes, and who obeys is
 * served once the surge is over.
 */
export async function surgeOf(lab: Lab, kind: PhoneKind): Promise<void> {
  const called = await startSipp(lab, 'uas-call');
  // Only the limit that is written, so that it is known what is refused.
  const rest = { admission: { newCallsPerSecond: 2, burst: 2 }, control: { enabled: false } };
  const edge = await edgeFor(lab, kind, called.address, rest);
  const [alice, bob] = await Promise.all([kind.start(lab, edge, 'alice'), kind.start(lab, edge, 'bob')]);
  const government = await kind.startGovernment(lab, edge);
  const flood = await startSipp(lab, 'uac-flood', {
    to: edge.address.south,
    host: surgeHost,
    callsPerSecond: 100,
    calls: 10_000,
    talkMs: 50,
  });
  const refusals = async (): Promise<number> =>
    (await edge.metrics()).sum('surgegate_requests_total', { class: 'new-call', decision: 'reject' });
  await waitFor('the surge', async () => (await refusals()) > 100);

  await refusedCall(alice);
  expect(await government.call('bob')).toEqual({ status: 200 });
  expect(await bob.called(1)).toBe('ets.0');
  const retryAfterSeconds = await refusedCall(alice);
  expect(flood.child.running()).toBe(true);
  await government.hangUp();
  await bob.idle();

  await Promise.all([flood.stop(), sleep(retryAfterSeconds * 1000)]);
  expect(await alice.call('bob')).toEqual({ status: 200 });
  expect(await bob.called(2)).toBe('');
  await alice.hangUp();
  await bob.idle();
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { class: 'priority', decision: 'reject' })).toBe(0);
  expect(metrics.sum('surgegate_requests_total', { interface: 'east', class: 'priority', reason: 'priority' })).toBe(1);
}
