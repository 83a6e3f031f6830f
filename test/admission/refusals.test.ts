// The last refusals: what is kept of them, and that each is told as it was.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mostCallIdBytes,
  mostUriBytes,
  RefusalRing,
  type Refused,
  type ThrottleMark,
} from '../../src/admission/refusal-ring.ts';
import { mostPerSecond, Refusals } from '../../src/admission/refusals.ts';
import type { RequestClass } from '../../src/classify/class.ts';
import { Peek, peek } from '../../src/sip/peek.ts';
import type { Flow } from '../../src/transport/flow.ts';
import { request } from '../edge/message.ts';
import { neighbourRule, sideOf } from './sides.ts';

const p = new Peek();
const side = sideOf({ neighbours: [neighbourRule('carrier', ['203.0.113.0/24'])] });
const [anyone, carrier] = [side.anyone, side.neighbours[1]!];
const from = (remoteAddress: string, v4?: number) => ({ remoteAddress, remotePort: 5060, ...(v4 && { v4 }) }) as Flow;
const flow = from('198.51.100.7');

function look(given: Parameters<typeof request>[0]): Peek {
  const bytes = Buffer.from(request(given), 'latin1');
  peek(p, bytes, 0, bytes.length, false);
  return p;
}

const mark = (mode: ThrottleMark['mode']): ThrottleMark => {
  return { mode, causes: [], ordinaryPerSecond: 100, boundaryPerSecond: 200, indicators: [] };
};

/** All that fit, or the newest of them. */
const read = (refusals: Refusals, limit = 1000, matches: (one: Refused) => boolean = () => true) =>
  refusals.read(limit, matches, Number.POSITIVE_INFINITY, 1_000_000).found;

/** One refusal, kept if it is to be. */
function refuse(refusals: Refusals, callId: string, nowMs: number, requestClass: RequestClass = 'new-call'): boolean {
  const isKept = refusals.takes(requestClass, nowMs);
  if (isKept) refusals.keep(look({ callId }), flow, anyone, requestClass, 'reject', 'share', 503, 5, nowMs);
  return isKept;
}

describe('one refusal', () => {
  const put = (ring: RefusalRing, given: Parameters<typeof request>[0], order = 1) =>
    ring.put(look(given), flow, carrier, 'new-call', 'reject', 'share', 503, 7, 1234.5, order, 3, mark('L2'));

  it('is told with all that was known of it', () => {
    const ring = new RefusalRing(2);
    carrier.share = undefined;
    put(ring, { callId: 'a@b', uri: 'sip:+15550001111@example.net' });
    expect(ring.at(0)).toEqual({
      order: 1,
      atMs: 1234.5,
      interface: 'east',
      neighbour: 'carrier',
      source: '198.51.100.7:5060',
      method: 'INVITE',
      class: 'new-call',
      decision: 'reject',
      reason: 'share',
      status: 503,
      retryAfter: 7,
      oneIn: 3,
      uri: 'sip:+15550001111@example.net',
      callId: 'a@b',
      throttle: mark('L2'),
      interfaceSharePerSecond: Number.POSITIVE_INFINITY,
      neighbourSharePerSecond: Number.POSITIVE_INFINITY,
    });
  });

  it('keeps its own bytes: those of the message are another the next moment', () => {
    const ring = new RefusalRing(2);
    put(ring, { callId: 'a@b' });
    p.bytes.fill(0x41);
    expect(ring.at(0).callId).toBe('a@b');
  });

  it.each([
    [mostCallIdBytes, mostCallIdBytes],
    [mostCallIdBytes + 1, mostCallIdBytes],
    [2000, mostCallIdBytes],
  ])('a Call-ID of %i bytes is kept to %i, and spoils none beside it', (bytes, kept) => {
    const ring = new RefusalRing(3);
    put(ring, { callId: 'before' }, 1);
    put(ring, { callId: 'c'.repeat(bytes), uri: `sip:${'9'.repeat(bytes)}@x` }, 2);
    put(ring, { callId: 'after' }, 3);
    expect([0, 1, 2].map((back) => ring.at(back).callId)).toEqual(['after', 'c'.repeat(kept), 'before']);
    expect(ring.at(1).uri).toBe(`sip:${'9'.repeat(bytes)}@x`.slice(0, mostUriBytes));
  });

  it('a longer one leaves nothing behind in its row', () => {
    const ring = new RefusalRing(1);
    put(ring, { callId: 'a-long-call-id', uri: 'sip:15550001111@example.net' });
    put(ring, { callId: 'short', uri: 'sip:9@x' });
    expect(ring.at(0)).toMatchObject({ callId: 'short', uri: 'sip:9@x' });
  });

  it.each([
    [from('198.51.100.7', 0xc6336407), '198.51.100.7:5060'],
    [from('255.255.255.255', 0xffffffff), '255.255.255.255:5060'],
    [from('2001:db8::1'), '[2001:db8::1]:5060'],
  ])('tells who sent it: %#', (sender, source) => {
    const ring = new RefusalRing(1);
    ring.put(look({}), sender, anyone, 'new-call', 'drop', 'pushback-drop', 0, 0, 0, 1, 1, undefined);
    expect(ring.at(0)).toMatchObject({ source, status: 0, neighbour: '' });
  });
});

describe('the refusals of a process', () => {
  it('are those put in, the newest first, each under the throttle of its time, whatever comes', () => {
    const step = fc.record({
      calls: fc.integer({ min: 1, max: 30 }),
      class: fc.constantFrom<RequestClass>('new-call', 'registration', 'priority', 'emergency'),
      waitMs: fc.integer({ min: 0, max: 250 }),
      isNewThrottle: fc.boolean(),
    });
    const property = fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 60 }), (kept, steps) => {
      const refusals = new Refusals(kept);
      const seen: { id: number; atMs: number; throttle: ThrottleMark | undefined; isPrivileged: boolean }[] = [];
      let nowMs = 5;
      let throttle: ThrottleMark | undefined;
      for (const one of steps) {
        nowMs += one.waitMs;
        if (one.isNewThrottle) {
          throttle = mark('L1');
          refusals.inForce(throttle);
        }
        for (let i = 0; i < one.calls; i++) {
          const isPrivileged = one.class === 'priority' || one.class === 'emergency';
          seen.push({ id: seen.length + 1, atMs: nowMs, throttle, isPrivileged });
          refuse(refusals, `call-${seen.length}`, nowMs, one.class);
        }
      }
      const wanted = [
        ...seen.filter((one) => one.isPrivileged).slice(-kept),
        ...seen.filter((one) => !one.isPrivileged).slice(-kept),
      ];
      wanted.sort((a, b) => b.id - a.id);
      const all = read(refusals);
      // so few a second that each of them is kept
      expect(all.map(({ callId, order }) => [callId, order])).toEqual(wanted.map(({ id }) => [`call-${id}`, id]));
      expect(all.map(({ atMs }) => atMs)).toEqual(wanted.map(({ atMs }) => atMs));
      expect(all.every((one, i) => one.throttle === wanted[i]!.throttle)).toBe(true);
      expect([refusals.seen, refusals.length]).toEqual([seen.length, wanted.length]);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('none are kept where none are to be, and all are counted', () => {
    const refusals = new Refusals(0);
    for (let i = 0; i < 10; i++) expect(refuse(refusals, 'x', i, i < 5 ? 'priority' : 'new-call')).toBe(false);
    expect([refusals.seen, refusals.length, read(refusals)]).toEqual([10, 0, []]);
  });

  it('reads no more than it is asked for, of those that fit', () => {
    const refusals = new Refusals(100);
    for (let i = 1; i <= 50; i++) refuse(refusals, `call-${i}`, i);
    const even = read(refusals, 3, ({ order }) => order % 2 === 0);
    expect(even.map(({ order }) => order)).toEqual([50, 48, 46]);
  });

  it('is read in parts: none twice, in order, whatever comes and is written over meanwhile', () => {
    const step = fc.record({ rows: fc.integer({ min: 1, max: 7 }), more: fc.integer({ min: 0, max: 3 }) });
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), fc.boolean(), (steps, isAll) => {
      const refusals = new Refusals(20);
      let n = 0;
      const one = () => refuse(refusals, `call-${++n}`, n * 10, n % 3 === 0 ? 'priority' : 'new-call');
      for (let i = 0; i < 60; i++) one();
      const began = refusals.seen;
      const seen: number[] = [];
      let before: number | undefined = Number.POSITIVE_INFINITY;
      for (const { rows, more } of steps) {
        if (before === undefined) break;
        const part = refusals.read(100, () => isAll, before, rows);
        seen.push(...part.found.map(({ order }) => order));
        before = part.before;
        for (let i = 0; i < more; i++) one();
      }
      expect(seen).toEqual(seen.toSorted((a, b) => b - a));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.every((order) => order <= began)).toBe(true);
      if (isAll && steps.every(({ more }) => more === 0) && before === undefined) expect(seen).toHaveLength(40);
    });
    fc.assert(property);
  });
});

describe('a flood', () => {
  /** `perSecond` refusals for so long, ten in a row from the same of ten groups in turn; which orders are kept. */
  function flood(refusals: Refusals, perSecond: number, ms: number, fromMs = 0): { order: number; oneIn: number }[] {
    const kept: { order: number; oneIn: number }[] = [];
    const perTurn = perSecond / 1000;
    look({ callId: 'of the flood' });
    for (let i = 0; i < ms * perTurn; i++) {
      if (!refusals.takes('new-call', fromMs + Math.floor(i / perTurn))) continue;
      kept.push({ order: refusals.seen, oneIn: refusals.oneIn });
      refusals.keep(p, flow, anyone, 'new-call', 'reject', 'share', 503, 0, 0);
    }
    return kept;
  }

  it.each([6000, 20_000, 100_000, 200_000])(
    'of %i a second at most 5,000 are kept, from its second tenth on',
    (rate) => {
      const refusals = new Refusals(10);
      flood(refusals, rate, 100);
      const kept = flood(refusals, rate, 3000, 100);
      expect(kept.length).toBeLessThanOrEqual(3 * mostPerSecond * 1.01);
      expect(kept.length).toBeGreaterThan(3 * mostPerSecond * 0.45);
      expect(refusals.oneIn).toBe(Math.ceil(rate / mostPerSecond));
    },
  );

  it('even its onset is thinned out: of 20,000 in the first tenth a few thousand are kept', () => {
    const kept = flood(new Refusals(10), 200_000, 100);
    expect(kept.length).toBeGreaterThan(500);
    expect(kept.length).toBeLessThan(3000);
  });

  it('each one kept stands for so many: together for all that came', () => {
    const refusals = new Refusals(10);
    flood(refusals, 150_000, 100);
    const kept = flood(refusals, 150_000, 2000, 100);
    const stoodFor = kept.reduce((sum, { oneIn }) => sum + oneIn, 0);
    expect(Math.abs(stoodFor - 300_000)).toBeLessThan(3000);
  });

  it('is kept evenly: one of each n, and from every group as often, whatever the rhythm', () => {
    const refusals = new Refusals(10);
    flood(refusals, 200_000, 100);
    const kept = flood(refusals, 200_000, 4000, 100);
    const gaps = kept.slice(1).map(({ order }, i) => order - kept[i]!.order);
    expect(Math.max(...gaps)).toBeLessThan(2 * 40);
    // 40 is a multiple of 4, 8 and 10: a fixed step would see one of them only
    for (const groups of [4, 8, 10]) {
      const counts = Array.from({ length: groups }, () => 0);
      for (const { order } of kept) counts[order % groups]!++;
      const fair = kept.length / groups;
      for (const count of counts) expect(Math.abs(count - fair) / fair).toBeLessThan(0.12);
    }
  });

  it('pushes out no priority call, and keeps every one of them', () => {
    const refusals = new Refusals(100);
    for (let i = 0; i < 20; i++) {
      flood(refusals, 200_000, 50, i * 50);
      expect(refuse(refusals, `gets-${i}`, i * 50 + 49, i % 2 === 0 ? 'priority' : 'emergency')).toBe(true);
    }
    const found = read(refusals, 1000, (one) => one.callId.startsWith('gets-'));
    expect(found.map(({ callId }) => callId)).toEqual(Array.from({ length: 20 }, (_, i) => `gets-${19 - i}`));
    expect(new Set(found.map(({ oneIn }) => oneIn))).toEqual(new Set([1]));
  });

  it('once it is over, each is kept again at once', () => {
    const refusals = new Refusals(100);
    flood(refusals, 200_000, 1000);
    for (let i = 0; i < 20; i++) expect(refuse(refusals, `later-${i}`, 1250 + i)).toBe(true);
  });
});
