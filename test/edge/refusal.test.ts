// Refusals for load: stateless, the same for a retransmission, in the way the interface pushes back (DESIGN.md §2 and §3).
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { Message, request, response, sameTransaction } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

/** One call a second and one at once, which is used up. */
const one = { newCallsPerSecond: 1, burst: 1 };

function flooded(options: EdgeOptions = {}, interfaceName: 'south' | 'east' = 'south') {
  const world = new World({ admission: one, ...options });
  const caller = world.flow(interfaceName, '198.51.100.7');
  const call = new PlacedCall(world, caller);
  return { world, caller, call };
}

function refuse(placed: ReturnType<typeof flooded>, given = {}): { invite: string; answer: Message } {
  const invite = request(given);
  placed.world.receive(placed.caller, invite);
  return { invite, answer: placed.world.only(placed.caller) };
}

describe('a refused call', () => {
  it('RFC 3261 §8.2.7: 503 from the headers of the request, with a To tag, and no state', () => {
    const placed = flooded();
    const { invite, answer } = refuse(placed, { vias: ['SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bKlower'] });
    const sent = new Message(invite);
    expect(answer.status).toBe(503);
    expect(answer.all('Via')[0]).toBe(`${sent.all('Via')[0]!.replace('rport', 'rport=5060')};received=198.51.100.7`);
    expect(answer.all('Via')[1]).toBe(sent.all('Via')[1]);
    for (const name of ['From', 'Call-ID', 'CSeq']) expect(answer.one(name)).toBe(sent.one(name));
    expect(answer.one('To')).toMatch(/^<sip:15551230000@example\.test>;tag=[0-9a-f]{16}$/);
    expect(answer.one('Content-Length')).toBe('0');
    expect([placed.world.calls.open, placed.world.wheel.size]).toEqual([1, placed.world.wheel.size]);
    expect(placed.world.count({ decision: 'reject', reason: 'edge-rate', class: 'new-call' })).toBe(1);
  });

  it('RFC 3261 §8.2.7, §16.11: a retransmission gets the very same answer, is absorbed, and takes nothing', () => {
    const placed = flooded();
    const { invite, answer } = refuse(placed);
    // also when there is room again, and when more is being refused
    for (const ms of [0, 500, 1000, 2000, 4000, 4000, 4000]) {
      placed.world.pass(ms);
      placed.world.take();
      placed.world.receive(placed.caller, invite);
      expect(placed.world.only(placed.caller).text).toBe(answer.text);
    }
    expect(placed.world.count({ decision: 'absorb', reason: 'retransmission' })).toBe(7);
    expect(refuse(placed).answer.status).toBe(100);
  });

  it('RFC 3261 §8.2.7: its ACK is known by the tag and absorbed, after a restart too', () => {
    const placed = flooded();
    const { invite, answer } = refuse(placed);
    placed.world.restart();
    placed.world.receive(placed.caller, sameTransaction(invite, 'ACK', answer));
    expect(placed.world.take()).toEqual([]);
    expect(placed.world.count({ method: 'ACK', decision: 'absorb', reason: 'ack-of-refusal' })).toBe(1);
  });

  it('an ACK is known by its To tag alone: one with a tag that is none of a refusal goes to the switch', () => {
    const placed = flooded();
    const { answer } = refuse(placed);
    placed.world.receive(placed.caller, sameTransaction(request(), 'ACK', answer));
    expect(placed.world.count({ reason: 'ack-of-refusal' })).toBe(1);
    const tag = answer.toTag!;
    const forged = tag.slice(0, -1) + (tag.endsWith('0') ? '1' : '0');
    const ack = sameTransaction(request(), 'ACK', answer).replace(tag, forged);
    placed.world.receive(placed.caller, ack);
    expect(placed.world.takeSwitch().message.label).toBe('ACK');
    expect(placed.world.count({ reason: 'ack-of-refusal' })).toBe(1);
  });

  it('the next call of the same caller is decided anew', () => {
    const placed = flooded();
    const { invite } = refuse(placed, { callId: 'redial@test', cseq: 7 });
    placed.world.pass(1000);
    placed.world.take();
    const again = invite.replace('CSeq: 7', 'CSeq: 8').replace(/branch=[^;]+/, 'branch=z9hG4bKredial');
    placed.world.receive(placed.caller, again);
    expect(placed.world.only(placed.caller).status).toBe(100);
  });
});

it.each(['INVITE', 'MESSAGE'])('a malformed %s takes one token, and its retransmission the same 400', (method) => {
  const world = new World({ admission: { ...one, nonEssentialPerSecond: 1, nonEssentialBurst: 1 } });
  const alice = world.flow('south', '198.51.100.7');
  const text = request({ method, contact: '<sip:@:>' });
  for (let i = 0; i < 3; i++) {
    world.receive(alice, text);
    expect(world.only(alice).status).toBe(400);
  }
  world.pass(1000);
  world.receive(alice, text);
  expect(world.only(alice).status).toBe(400);
  world.receive(alice, request({ method }));
  expect(world.takeSwitch().message.method).toBe(method);
});

describe('a forged To tag', () => {
  it('makes no new call an old one: it is refused, its retransmission and its ACK are known', () => {
    const placed = flooded();
    const { invite, answer } = refuse(placed, { toTag: 'forged' });
    expect([answer.status, answer.toTag]).toEqual([503, 'forged']);
    placed.world.pass(1000);
    placed.world.take();
    placed.world.receive(placed.caller, invite);
    expect(placed.world.only(placed.caller).text).toBe(answer.text);
    placed.world.receive(placed.caller, sameTransaction(invite, 'ACK', answer));
    expect(placed.world.take()).toEqual([]);
    expect(placed.world.decisions()).toEqual([
      'south INVITE new-call forward admitted',
      'south INVITE new-call absorb retransmission',
      'south INVITE new-call reject edge-rate',
      'south ACK in-dialog absorb ack-of-refusal',
    ]);
  });

  it('a re-INVITE with our mark passes during a flood', () => {
    const placed = flooded();
    const ok = placed.call.connect();
    refuse(placed);
    placed.world.receive(placed.caller, placed.call.fromCaller('INVITE', ok));
    expect(placed.world.takeSwitch().message.label).toBe('INVITE');
  });
});

describe('pushback', () => {
  it('retry-after (RFC 3261 §20.33): at least 1, growing with what is refused, spread, within the range', () => {
    const rest = { interfaces: { south: { retryAfter: { minSeconds: 2, maxSeconds: 20 } } } };
    const placed = flooded(rest);
    const values = () => Array.from({ length: 50 }, () => Number(refuse(placed).answer.one('Retry-After')));
    const early = values();
    for (let i = 0; i < 60; i++) {
      values();
      placed.world.pass(100);
      placed.world.take();
    }
    const late = values();
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    expect(Math.min(...early)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...late)).toBeLessThanOrEqual(30);
    expect(mean(late)).toBeGreaterThan(mean(early) * 4);
    expect(new Set(late).size).toBeGreaterThan(5);
  });

  it('reject (RFC 7339 §5.10.2): 503 without Retry-After', () => {
    expect(refuse(flooded({}, 'east')).answer.all('Retry-After')).toEqual([]);
    expect(refuse(flooded({ interfaces: { south: { pushback: 'oc' } } })).answer.all('Retry-After')).toEqual([]);
  });

  it('drop: no answer; counted', () => {
    const placed = flooded({ interfaces: { south: { pushback: 'drop' } } });
    placed.world.receive(placed.caller, request());
    expect(placed.world.take()).toEqual([]);
    expect(placed.world.count({ decision: 'drop', reason: 'pushback-drop' })).toBe(1);
  });

  it('drop: a retransmission counts as load no more than its original', () => {
    const placed = flooded({ interfaces: { south: { pushback: 'drop' } } });
    const invite = request();
    placed.world.receive(placed.caller, invite);
    placed.world.pass(1000);
    placed.world.take();
    placed.world.receive(placed.caller, invite);
    expect(placed.world.take()).toEqual([]);
    expect(placed.world.count({ decision: 'forward' })).toBe(1);
  });

  it('is a neighbour’s own where it has one', () => {
    const neighbours = [{ name: 'pbx', addresses: ['198.51.100.0/24'], pushback: 'reject' }];
    const placed = flooded({ interfaces: { south: { neighbours } } });
    expect(refuse(placed).answer.all('Retry-After')).toEqual([]);
    const other = placed.world.flow('south', '203.0.113.1');
    placed.world.receive(other, request());
    expect(placed.world.only(other).all('Retry-After')).toHaveLength(1);
  });
});

describe('penalties', () => {
  const penalty = { enabled: true, refusedPerSecond: 10, malformedPerSecond: 10, blockSeconds: 5, exempt: [] };

  /** rate-limiter-flexible answers by promises. */
  const settle = async (world: World, ms: number) => {
    world.pass(ms);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };

  it('a source that goes on after pushback gets no answers for a while; others do', async () => {
    const placed = flooded({ rest: { penalty } });
    for (let i = 0; i < 40; i++) refuse(placed);
    await settle(placed.world, 200);
    placed.world.take();
    placed.world.receive(placed.caller, request());
    expect(placed.world.take()).toEqual([]);
    expect(placed.world.count({ decision: 'drop', reason: 'penalised' })).toBe(1);
    expect(placed.world.parts.counters.penalties).toEqual({ refused: 1, malformed: 0 });
    const other = placed.world.flow('south', '203.0.113.1');
    placed.world.receive(other, request());
    expect(placed.world.only(other).status).toBe(503);
    // its emergency calls, and its calls that are set up, go on
    placed.world.receive(placed.caller, request({ uri: 'sip:911@example.test' }));
    expect(placed.world.takeSwitch().message.label).toBe('INVITE');
    placed.world.take();
    expect(placed.call.answer(200)).toHaveLength(1);
    await settle(placed.world, 5000);
    placed.world.receive(placed.caller, request());
    placed.world.receive(placed.caller, request());
    expect(placed.world.take(placed.caller).at(-1)!.status).toBe(503);
  });

  it('a source of garbage gets no 400s', async () => {
    const { world, caller } = flooded({ rest: { penalty } });
    const garbage = () => world.receive(caller, request().replace(/CSeq: .*/, 'CSeq: x'));
    for (let i = 0; i < 40; i++) garbage();
    expect(world.take(caller)).toHaveLength(40);
    await settle(world, 200);
    garbage();
    expect(world.take(caller)).toEqual([]);
    expect(world.parts.counters.penalties.malformed).toBe(1);
  });
});

describe('limits', () => {
  it('transactions: a tenth is kept for privileged calls, then none is begun', () => {
    const world = new World({ rest: { limits: { transactions: 100 } }, switches: [switchAt(1)] });
    const alice = world.flow('south', '198.51.100.7');
    for (let i = 0; i < 95; i++) world.receive(alice, request());
    expect(world.calls.open).toBe(90);
    expect(world.count({ reason: 'transactions-full' })).toBe(5);
    for (let i = 0; i < 15; i++) world.receive(alice, request({ uri: 'sip:911@example.test' }));
    expect(world.calls.open).toBe(100);
    expect(world.count({ reason: 'transactions-full', class: 'emergency' })).toBe(5);
  });

  it('draining: new calls are refused, emergency calls and what is in a dialog are not', () => {
    const placed = flooded({ admission: {} });
    const ok = placed.call.connect();
    placed.world.parts.isDraining = true;
    expect(refuse(placed).answer.status).toBe(503);
    expect(placed.world.count({ reason: 'draining' })).toBe(1);
    placed.world.receive(placed.caller, placed.call.fromCaller('INVITE', ok));
    placed.world.receive(placed.caller, request({ uri: 'urn:service:sos' }));
    expect(placed.world.count({ decision: 'forward' })).toBe(3);
    placed.world.receive(placed.caller, request({ method: 'OPTIONS', uri: 'sip:192.0.2.1:5060' }));
    expect(placed.world.take(placed.caller).at(-1)!.status).toBe(503);
    expect(placed.world.calls.unfinished).toBe(1);
    placed.world.receive(placed.call.switch, response(placed.call.sent, 200));
  });

  it('narrowest first: neighbour, interface, edge', () => {
    const neighbours = [{ name: 'pbx', addresses: ['198.51.100.7'], admission: { newCallsPerSecond: 1, burst: 1 } }];
    const south = { neighbours, admission: { newCallsPerSecond: 1, burst: 3 } };
    const world = new World({ interfaces: { south }, admission: { newCallsPerSecond: 1, burst: 5 } });
    const send = (name: 'south' | 'east', address: string) => world.receive(world.flow(name, address), request());
    for (let i = 0; i < 2; i++) send('south', '198.51.100.7');
    for (let i = 0; i < 3; i++) send('south', '198.51.100.8');
    for (let i = 0; i < 3; i++) send('east', '198.51.100.9');
    const rates = ['neighbour-rate', 'interface-rate', 'edge-rate'] as const;
    expect(rates.map((reason) => world.count({ reason }))).toEqual([1, 1, 1]);
    expect(world.count({ reason: 'admitted' })).toBe(5);
  });

  it.each([
    ['REGISTER', 'registration', 'registration-rate'],
    ['OPTIONS', 'non-essential', 'non-essential-rate'],
    ['MESSAGE', 'non-essential', 'non-essential-rate'],
    ['SUBSCRIBE', 'non-essential', 'non-essential-rate'],
  ] as const)(
    '%s has a limit of its own, and a retransmission of a refused one the same answer',
    (method, klass, reason) => {
      const world = new World({ admission: { registrationBurst: 2, nonEssentialBurst: 2 } });
      const alice = world.flow('south', '198.51.100.7');
      for (let i = 0; i < 2; i++) world.receive(alice, request({ method, uri: 'sip:carol@example.test' }));
      expect(world.take(alice)).toEqual([]);
      const third = request({ method, uri: 'sip:carol@example.test' });
      world.receive(alice, third);
      const answer = world.only(alice);
      expect(answer.status).toBe(503);
      world.pass(1000);
      world.receive(alice, third);
      expect(world.only(alice).text).toBe(answer.text);
      expect(world.count({ class: klass, decision: 'reject', reason })).toBe(1);
      expect(world.count({ class: klass, decision: 'absorb', reason: 'retransmission' })).toBe(1);
    },
  );
});
