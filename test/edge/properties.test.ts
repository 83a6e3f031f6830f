// What holds whatever happens: decisions add up, load never touches what ends load, limits hold, idleness empties everything.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edits, generated, mutate } from '../sip/generate.ts';
import { World } from './harness.ts';
import { type Message, request } from './message.ts';
import { play, steps } from './random-traffic.ts';

/** `SURGEGATE_SEED` repeats a run; fast-check prints the seed of a failure. */
const seed = process.env.SURGEGATE_SEED === undefined ? {} : { seed: Number(process.env.SURGEGATE_SEED) };

const load = [
  'edge-rate',
  'interface-rate',
  'neighbour-rate',
  'switch-capacity',
  'registration-rate',
  'non-essential-rate',
  'transactions-full',
  'draining',
  'penalised',
  'pushback-drop',
];

const readable = (m: Message) => ({ branch: m.branch, status: m.status, text: m.text, cseq: m.one('CSeq')! });

describe('random traffic', () => {
  it('each request has one decision, and the sum of the decisions is the requests', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { world, requests } = play(list);
        expect(world.decided).toBe(requests);
        expect(world.parts.counters.requests.total()).toBe(requests);
        expect(world.surprises).toEqual([]);
      }),
      { numRuns: 80, ...seed },
    );
  });

  it('what is in a dialog, ACK, CANCEL, BYE and PRACK are never refused for load, nor are calls for help', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { world } = play(list);
        world.parts.counters.requests.each((labels, n) => {
          const ends = ['ACK', 'CANCEL', 'BYE', 'PRACK'].includes(labels.method);
          const isShielded = ends || ['in-dialog', 'emergency', 'priority'].includes(labels.class);
          if (isShielded) expect(load, `${JSON.stringify(labels)} ×${n}`).not.toContain(labels.reason);
        });
        expect(world.count({ reason: 'priority-cap' })).toBe(0);
      }),
      { numRuns: 80, ...seed },
    );
  });

  it('ordinary new calls that go on are at most burst + rate × time, and not fewer than offered below it', () => {
    const limits = { newCallsPerSecond: 50, burst: 10, priorityReserveRatio: 0 };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 5, maxLength: 80 }), (gapsMs) => {
        const world = new World({ admission: limits });
        const alice = world.flow('south', '198.51.100.7');
        const beganMs = world.nowMs;
        for (const gap of gapsMs) {
          world.pass(gap);
          world.receive(alice, request());
          world.transports.sent.length = 0;
          const forwarded = world.count({ decision: 'forward', class: 'new-call' });
          expect(forwarded).toBeLessThanOrEqual(10 + ((world.nowMs - beganMs) * 50) / 1000 + 1e-6);
        }
        if (gapsMs.every((gap) => gap >= 20)) expect(world.count({ decision: 'reject' })).toBe(0);
      }),
      { numRuns: 60, ...seed },
    );
  });

  it('five idle minutes leave nothing: no call, no branch, no timer', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { world } = play(list);
        world.pass(300_000);
        expect([world.calls.open, world.calls.openBranches, world.calls.unfinished, world.wheel.size]).toEqual([
          0, 0, 0, 0,
        ]);
        expect(world.surprises).toEqual([]);
        const late = world.take().filter((m) => m.method === 'INVITE' || m.method === 'CANCEL');
        world.pass(60_000);
        expect([late.length < 1000, world.take()]).toEqual([true, []]);
      }),
      { numRuns: 80, ...seed },
    );
  });

  it('RFC 3261 §16.7: an INVITE gets one final response, or 2xx only; no provisional after it', () => {
    // within 64×T1, after which a copy of an INVITE is another transaction
    const short = steps.map((list) =>
      list.map((step) => (step.kind === 'pass' ? { ...step, ms: Math.min(step.ms, 200) } : step)),
    );
    fc.assert(
      fc.property(short, (list) => {
        const refusals = new Map<string, string>();
        const answered = new Set<string>();
        for (const { branch, status, text, ...message } of play(list).toCaller.map(readable)) {
          if (!message.cseq.endsWith('INVITE')) continue;
          const isFinal = refusals.has(branch) || answered.has(branch);
          if (status < 200) expect(isFinal, text).toBe(false);
          else if (status < 300)
            answered.add(branch); // a late one too: §16.7 step 5
          else if (refusals.has(branch)) expect(refusals.get(branch)).toBe(text);
          else {
            expect(isFinal, text).toBe(false);
            refusals.set(branch, text);
          }
        }
      }),
      { numRuns: 80, ...seed },
    );
  });
});

describe('messages of any shape', () => {
  const flows = (world: World) => [
    world.flow('south', '198.51.100.7'),
    world.flow('east', '203.0.113.7'),
    world.flow('core', '10.0.1.1'),
    world.flow('south', '198.51.100.8', 40_000, 'tcp'),
  ];

  it('no exception comes out, and each is a response or is decided once', () => {
    const world = new World({ rest: { limits: { transactions: 100_000 } } });
    const from = flows(world);
    const wait = (host: string) => world.hosts.set(host, 'failed');
    for (const host of ['a', 'example.com', 'example.test']) wait(host);
    fc.assert(
      fc.property(generated, edits, fc.nat(3), (message, changes, which) => {
        const bytes = mutate(message.bytes, changes);
        const before = world.decided + world.responses;
        world.edge.onMessage(from[which]!, bytes, 0, bytes.length);
        // 0: it waits for a name that nobody resolves
        expect(world.decided + world.responses - before).toBeLessThanOrEqual(1);
        world.transports.sent.length = 0;
      }),
      { numRuns: 1500, ...seed },
    );
    world.pass(300_000);
    expect(world.surprises).toEqual([]);
    expect(world.calls.open).toBe(0);
    expect(world.wheel.size).toBe(0);
  });

  it('from customers and peers nothing waits for a name', () => {
    const world = new World();
    const [south, east] = flows(world);
    fc.assert(
      fc.property(generated, fc.boolean(), (message, isSouth) => {
        world.receive(isSouth ? south! : east!, message.bytes);
        world.transports.sent.length = 0;
      }),
      { numRuns: 400, ...seed },
    );
  });

  it('a stream fault of any message', () => {
    const world = new World();
    fc.assert(
      fc.property(generated, edits, (message, changes) => {
        const flow = world.flow('south', '198.51.100.7', 40_000, 'tcp');
        world.fault(flow, 'bad-content-length', mutate(message.bytes, changes).toString('latin1'));
        expect(world.take().every((m) => m.status >= 400)).toBe(true);
      }),
      { numRuns: 200, ...seed },
    );
  });
});

it('refusals keep no memory that grows: the table is fixed, no call, no timer', () => {
  const world = new World({ admission: { newCallsPerSecond: 1, burst: 1 } });
  const flows = Array.from({ length: 50 }, (_, i) => world.flow('south', `198.51.100.${i + 1}`));
  const entries = Object.values(world.parts.memory).find((value) => value instanceof Uint32Array)!.length;
  for (let i = 0; i < 20_000; i++) {
    world.receive(flows[i % flows.length]!, request());
    world.transports.sent.length = 0;
  }
  expect(world.calls.open).toBe(1);
  expect(world.count({ decision: 'reject', reason: 'edge-rate' })).toBe(19_999);
  expect(Object.values(world.parts.memory).find((value) => value instanceof Uint32Array)!.length).toBe(entries);
});
