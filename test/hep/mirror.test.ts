// Whole calls or none, in the order in which they happened: the mirror as the sockets and the pipeline drive it.
import { describe, expect, it } from 'vitest';
import type { RequestClass } from '../../src/classify/class.ts';
import { newHepCounts } from '../../src/hep/hep-counts.ts';
import { Mirror, type MirrorRules } from '../../src/hep/mirror.ts';
import type { Flow, Listener } from '../../src/transport/flow.ts';
import { byCall, partsOf } from './chunks.ts';

const rules: MirrorRules = {
  ...{ ratio: 1, messagesPerSecond: 5000, refusalsPerSecond: 10 },
  ...{ captureId: 7, maskCredentials: true },
};

const listenerAt = (host: string, port: number, advertisedHost = host): Listener =>
  ({ host, port, advertisedHost, advertisedPort: port }) as Listener;
const flowOf = (remoteAddress: string, remotePort: number, listener: Listener, reliable = false): Flow =>
  ({ remoteAddress, remotePort, listener, reliable }) as Flow;
const caller = flowOf('192.0.2.1', 5061, listenerAt('198.51.100.1', 5060));
const callee = flowOf('10.0.0.5', 5062, listenerAt('10.0.0.2', 5050), true);

function text(first: string, id: string, isInDialog = false): Buffer {
  const line = /^\d/.test(first) ? `SIP/2.0 ${first} X` : `${first} sip:b@c SIP/2.0`;
  return Buffer.from(`${line}\r\nTo: <sip:b@c>${isInDialog ? ';tag=t' : ''}\r\nCall-ID: ${id}\r\n\r\n`);
}

function setUp(more: Partial<MirrorRules> = {}) {
  const packets: Buffer[] = [];
  const counts = newHepCounts();
  const source: { classAtHand: RequestClass } = { classAtHand: 'non-essential' };
  const collector = {
    send: (bytes: Buffer, length: number) => void packets.push(Buffer.from(bytes.subarray(0, length))),
  };
  const mirror = new Mirror({ ...rules, ...more }, collector, counts, () => source);
  const sent = (first: string, id: string, to = caller) => {
    const bytes = text(first, id);
    mirror.sent(to, bytes, 0, bytes.length);
  };
  /** A message, what the pipeline takes it for, and what it sends at once. */
  const received = (bytes: Buffer, as: RequestClass | undefined, work: () => void = () => {}, from = caller) => {
    mirror.received(from, bytes, 0, bytes.length);
    if (as !== undefined) source.classAtHand = as;
    work();
    mirror.handled();
    bytes.fill(0); // the socket's buffer is used again
  };
  const invite = (id: string, work: () => void, as: RequestClass = 'new-call') =>
    received(text('INVITE', id), as, work);
  const seen = (id: string) =>
    packets
      .map(partsOf)
      .filter(({ callId }) => callId === id)
      .map(({ what }) => what);
  return { mirror, counts, source, packets, sent, received, invite, seen };
}

describe('a call', () => {
  it('is mirrored from its INVITE to the answer to its BYE, each message once, with where it went', () => {
    const { sent, received, invite, seen, packets } = setUp();
    invite('a', () => {
      sent('100', 'a');
      sent('INVITE', 'a', callee);
    });
    received(text('200', 'a'), undefined, () => sent('200', 'a'), callee);
    received(text('ACK', 'a', true), undefined, () => sent('ACK', 'a', callee));
    received(text('INVITE', 'a', true), 'in-dialog', () => sent('INVITE', 'a', callee));
    received(text('BYE', 'a', true), undefined, () => sent('BYE', 'a', callee));
    received(text('200', 'a'), undefined, () => sent('200', 'a'), callee);
    const [first, second, third] = packets.map(partsOf);
    const twice = (what: string) => [what, what];
    const rest = ['200', 'ACK', 'INVITE', 'BYE', '200'].flatMap(twice);
    expect(seen('a')).toEqual(['INVITE', '100', 'INVITE', ...rest]);
    expect(first).toMatchObject({ source: '192.0.2.1:5061', target: '198.51.100.1:5060', protocol: 17, captureId: 7 });
    expect(second).toMatchObject({ source: '198.51.100.1:5060', target: '192.0.2.1:5061', protocol: 17 });
    expect(third).toMatchObject({ source: '10.0.0.2:5050', target: '10.0.0.5:5062', protocol: 6 });
    const times = packets.map((one) => partsOf(one).unixMicroseconds);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs(times[0]! / 1000 - Date.now())).toBeLessThan(60_000);
  });

  it('that waits for its turn keeps its INVITE until then', () => {
    const { sent, invite, seen, packets } = setUp();
    invite('waits', () => {});
    invite('other', () => sent('100', 'other'));
    expect(seen('waits')).toEqual([]);
    sent('100', 'waits');
    expect(seen('waits')).toEqual(['INVITE', '100']);
    expect(partsOf(packets[2]!).source).toBe('192.0.2.1:5061');
    expect(partsOf(packets[2]!).unixMicroseconds).toBeLessThanOrEqual(partsOf(packets[0]!).unixMicroseconds);
  });

  it('of which nothing is sent leaves nothing', () => {
    const { invite, received, packets, counts } = setUp();
    invite('dropped', () => {});
    received(text('ACK', 'dropped', true), undefined);
    expect(packets).toEqual([]);
    expect(counts.calls.call.kept).toBe(0);
  });

  it('whose beginning was not seen is left out', () => {
    const { received, sent, packets } = setUp();
    received(text('BYE', 'old', true), undefined, () => sent('BYE', 'old', callee));
    received(text('200', 'old'), undefined, () => sent('200', 'old'), callee);
    sent('OPTIONS', 'own-health-check', callee);
    received(text('200', 'own-health-check'), undefined, () => {}, callee);
    expect(packets).toEqual([]);
  });

  it('is left out whole where its hash is not in the sample', () => {
    const { sent, invite, received, packets } = setUp({ ratio: 0.3 });
    const ids = Array.from({ length: 200 }, (_, i) => `${i}@x`);
    for (const id of ids) {
      invite(id, () => sent('100', id));
      received(text('BYE', id, true), undefined, () => sent('BYE', id, callee));
    }
    const calls = byCall(packets);
    expect(calls.size).toBeGreaterThan(30);
    expect(calls.size).toBeLessThan(90);
    for (const messages of calls.values())
      expect(messages.map(({ what }) => what)).toEqual(['INVITE', '100', 'BYE', 'BYE']);
  });
});

describe('under pressure', () => {
  it('calls are left out whole, their retransmissions too', () => {
    const { sent, invite, received, packets, counts } = setUp({ messagesPerSecond: 1000 });
    const ids = Array.from({ length: 300 }, (_, i) => `${i}@x`);
    for (const id of ids) invite(id, () => sent('100', id));
    for (const id of ids) invite(id, () => sent('100', id)); // absorbed, the 100 comes again
    for (const id of ids) received(text('BYE', id, true), undefined, () => sent('BYE', id, callee));
    const calls = byCall(packets);
    const { kept, leftOut } = counts.calls.call;
    expect(calls.size).toBe(kept);
    expect(kept + leftOut).toBe(300);
    expect(leftOut).toBeGreaterThan(150);
    expect(counts.dropped.rate).toBe(0);
    for (const messages of calls.values()) expect(messages).toHaveLength(6);
  });

  it('a flood of refusals leaves room for all that is admitted', () => {
    const { sent, invite, received, counts, seen } = setUp();
    for (let i = 0; i < 3000; i++) {
      invite(`r${i}`, () => sent('503', `r${i}`));
      received(text('ACK', `r${i}`, true), undefined);
      if (i % 100 === 0) invite(`c${i}`, () => sent('100', `c${i}`));
    }
    const { refusal, call } = counts.calls;
    expect(refusal.kept + refusal.leftOut).toBe(3000);
    expect(refusal.kept).toBeGreaterThan(5);
    expect(refusal.kept).toBeLessThan(200);
    expect(call).toEqual({ kept: 30, leftOut: 0 });
    expect(seen('r0')).toEqual(['INVITE', '503', 'ACK']);
  });

  it('a call left out is counted once', () => {
    const { sent, invite, counts } = setUp({ refusalsPerSecond: 0 });
    for (let i = 0; i < 5; i++) invite('again', () => sent('503', 'again'));
    expect(counts.calls.refusal).toEqual({ kept: 0, leftOut: 1 });
  });

  it('priority and emergency calls are told from others, and come first', () => {
    const { sent, invite, counts, seen } = setUp({ messagesPerSecond: 1000, refusalsPerSecond: 0 });
    for (let i = 0; i < 300; i++) invite(`o${i}`, () => sent('100', `o${i}`));
    invite('gets', () => sent('100', 'gets'), 'priority');
    invite('911', () => sent('100', '911'), 'emergency');
    expect(counts.calls.call.leftOut).toBeGreaterThan(0);
    expect(counts.calls.priority).toEqual({ kept: 2, leftOut: 0 });
    expect(seen('gets')).toEqual(['INVITE', '100']);
  });

  it('the class of one request is not taken for that of the next', () => {
    const { sent, invite, received, counts } = setUp();
    invite('911', () => sent('100', '911'), 'emergency');
    received(text('INVITE', 'bad'), undefined, () => sent('400', 'bad'));
    expect(counts.calls.refusal.kept).toBe(1);
    expect(counts.calls.priority.kept).toBe(1);
    received(text('INVITE', 'unclassified'), undefined, () => sent('100', 'unclassified'));
    expect(counts.calls.call.kept).toBe(1);
  });

  it('a refused call that is tried again and admitted goes on as an ordinary one', () => {
    const { sent, invite, received, seen } = setUp();
    invite('again', () => sent('503', 'again'));
    invite('again', () => sent('100', 'again'));
    received(text('200', 'again'), undefined, () => sent('200', 'again'), callee);
    expect(seen('again')).toEqual(['INVITE', '503', 'INVITE', '100', '200', '200']);
  });
});

it('a listener on every address goes by what it advertises; IPv6 is told as such', () => {
  const { mirror, packets } = setUp();
  const open = flowOf('192.0.2.1', 5061, listenerAt('0.0.0.0', 5060, '198.51.100.9'));
  const named = flowOf('2001:db8::1', 5061, listenerAt('2001:db8::2', 5060, 'sip.example.net'));
  for (const [flow, id] of [
    [open, 'a'],
    [named, 'b'],
  ] as const) {
    const bytes = text('INVITE', id);
    mirror.received(flow, bytes, 0, bytes.length);
    const answer = text('100', id);
    mirror.sent(flow, answer, 0, answer.length);
    mirror.handled();
  }
  const seen = packets.map(partsOf);
  expect(seen[0]!.target).toBe('198.51.100.9:5060');
  expect(seen[2]!.source).toBe('20010db8000000000000000000000001:5061');
  expect(seen[2]!.target).toBe('20010db8000000000000000000000002:5060');
});
