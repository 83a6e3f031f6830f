// Every way in which the pipeline refuses a request leaves its row among the last refusals: with its reason, its answer, and what was
// in force.
import { describe, expect, it } from 'vitest';
import type { ThrottleMark } from '../../src/admission/refusal-ring.ts';
import type { Gap, ScanPlan } from '../../src/control/throttle.ts';
import { World } from './harness.ts';
import { request, sameTransaction } from './message.ts';
import type { EdgeOptions } from './settings.ts';

/** One call a second and one at once, which is used up. */
const one = { newCallsPerSecond: 1, burst: 1 };

/** The newest first. */
const kept = ({ parts: { refusals } }: World, limit = 100) =>
  refusals.read(limit, () => true, Number.POSITIVE_INFINITY, 1000).found;

function flooded(options: EdgeOptions = {}) {
  const world = new World({ admission: one, ...options });
  const caller = world.flow('south', '198.51.100.7', 5062);
  world.receive(caller, request());
  world.take();
  return { world, caller, last: () => kept(world, 1)[0] };
}

const gap: Gap = {
  digits: '5550001111',
  limit: { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY },
  cause: 'operator',
  untilMs: Number.POSITIVE_INFINITY,
};
const scan: ScanPlan = { intervalMs: 0, batch: 10, newestFirst: false, room: 4 };

describe('a refused request is kept', () => {
  it('for load: with limit, answer, number, Call-ID and source', () => {
    const { world, caller, last } = flooded();
    world.receive(caller, request({ callId: 'why@test', uri: 'sip:+15550001111@example.test' }));
    const answer = world.only(caller);
    expect(last()).toMatchObject({
      ...{ interface: 'south', neighbour: '', source: '198.51.100.7:5062', method: 'INVITE', class: 'new-call' },
      ...{ decision: 'reject', reason: 'edge-rate', status: 503, callId: 'why@test', atMs: world.nowMs },
      ...{ uri: 'sip:+15550001111@example.test', throttle: undefined, oneIn: 1 },
    });
    expect(last()?.retryAfter).toBe(Number(answer.one('Retry-After')));
    expect(last()?.retryAfter).toBeGreaterThan(0);
  });

  it('once: its retransmissions and its ACK are none of their own', () => {
    const { world, caller } = flooded();
    const invite = request();
    world.receive(caller, invite);
    const answer = world.only(caller);
    world.receive(caller, invite);
    world.receive(caller, sameTransaction(invite, 'ACK', answer));
    expect([world.parts.refusals.seen, world.parts.refusals.length]).toEqual([1, 1]);
  });

  it('under the throttle that was in force then, not the one of now', () => {
    const { world, caller } = flooded();
    const mark = (mode: ThrottleMark['mode'], causes: ThrottleMark['causes']): ThrottleMark => {
      return { mode, causes, ordinaryPerSecond: 63, boundaryPerSecond: 700, indicators: [] };
    };
    const marks = [mark('L1', ['arrivals']), mark('L3', ['arrivals', 'switch-capacity'])];
    for (const [i, each] of marks.entries()) {
      world.parts.refusals.inForce(each);
      world.receive(caller, request({ callId: `under-${i}` }));
    }
    const read = kept(world).map(({ callId, throttle }) => [callId, throttle]);
    expect(read).toEqual([
      ['under-1', marks[1]],
      ['under-0', marks[0]],
    ]);
  });

  it('by a gap', () => {
    const { world, caller, last } = flooded({ admission: {} });
    world.throttle({ gaps: [gap] });
    world.receive(caller, request({ uri: 'sip:5550001111@example.test' }));
    expect(last()).toMatchObject({ reason: 'gap', status: 503, uri: 'sip:5550001111@example.test' });
  });

  it('when it expired, with the share that gave it no turn', () => {
    const { world, caller, last } = flooded({ admission: {} });
    const south = { name: 'south', newCallsPerSecond: 0, neighbours: [], scan, pauseReadsMs: 0 } as const;
    world.throttle({ interfaces: [{ ...south, newCallsPerSecond: 4 }] });
    for (let k = 0; k < 2; k++) world.receive(caller, request());
    world.throttle({ interfaces: [south] });
    world.receive(caller, request({ callId: 'waited@test' }), { waits: true });
    world.pass(250);
    expect(last()).toMatchObject({ reason: 'expired', status: 503, callId: 'waited@test' });
    expect(last()?.interfaceSharePerSecond).toBeLessThan(1);
  });

  it.each([
    ['drop', { pushback: 'drop' }, { decision: 'drop', reason: 'pushback-drop', status: 0, retryAfter: 0 }],
    ['reject', { pushback: 'reject' }, { decision: 'reject', reason: 'edge-rate', status: 503, retryAfter: 0 }],
  ] as const)('as the interface pushes back: %s', (_, south, expected) => {
    const { world, caller, last } = flooded({ interfaces: { south } });
    world.receive(caller, request());
    expect(last()).toMatchObject(expected);
  });

  it.each([
    ['by the dial plan', { uri: 'sip:+1555@example.test' }, { reason: 'dialplan', status: 484 }],
    ['by a check', { maxForwards: 0 }, { reason: 'too-many-hops', status: 483 }],
    ['for its scheme', { uri: 'http://example.test' }, { reason: 'unsupported-scheme', status: 416 }],
  ])('%s', (_, given, expected) => {
    const { world, caller, last } = flooded({ admission: {} });
    world.receive(caller, request(given));
    expect(last()).toMatchObject({ decision: 'reject', ...expected });
  });

  it('for want of a way, also what a switch sends', () => {
    const { world, last } = flooded();
    world.hosts.set('evil.example', 'failed');
    world.receive(world.flow('core', '10.0.1.1'), request({ uri: 'sip:x@evil.example' }));
    expect(last()).toMatchObject({ interface: 'core', decision: 'reject', reason: 'no-route', status: 404 });
  });

  it('other requests than calls', () => {
    const { world, caller, last } = flooded();
    world.throttle({ passNonEssential: false });
    world.receive(caller, request({ method: 'MESSAGE', uri: 'sip:bob@example.test' }));
    expect(last()).toMatchObject({ method: 'MESSAGE', class: 'non-essential', reason: 'mode', status: 503 });
  });

  it('a priority call beyond the cap, in a ring of its own', () => {
    const cap = { newCallsPerSecond: 100, burst: 100, priorityCapPerSecond: 1 };
    const { world, caller } = flooded({ admission: cap, rest: { admin: { refusals: { kept: 5 } } } });
    for (let k = 0; k < 11; k++) world.receive(caller, request({ uri: 'sip:911@example.test', callId: `sos-${k}` }));
    world.throttle({ gaps: [gap] });
    for (let k = 0; k < 50; k++) world.receive(caller, request({ uri: 'sip:5550001111@example.test' }));
    const sos = kept(world).filter((refused) => refused.class === 'emergency');
    expect(sos.map(({ callId, reason }) => [callId, reason])).toEqual([['sos-10', 'priority-cap']]);
    expect(world.parts.refusals.length).toBe(6);
  });

  it('in shadow mode: what would have been refused goes on, and is told as such', () => {
    const { world, caller, last } = flooded({ rest: { mode: 'shadow' } });
    world.receive(caller, request({ callId: 'spared@test' }));
    expect(world.takeSwitch().message.method).toBe('INVITE');
    expect(last()).toMatchObject({ decision: 'forward', reason: 'edge-rate', status: 0, callId: 'spared@test' });
  });
});

it('as many are seen as the counters have of rejected and dropped requests', () => {
  const { world, caller } = flooded();
  for (let k = 0; k < 20; k++) {
    world.receive(caller, request());
    world.receive(caller, request({ maxForwards: 0 }));
    world.receive(caller, request({ method: 'REGISTER' }));
    world.pass(130);
  }
  const refused = world.count({ decision: 'reject' }) + world.count({ decision: 'drop' });
  expect(refused).toBeGreaterThan(30);
  expect(world.parts.refusals.seen).toBe(refused);
});
