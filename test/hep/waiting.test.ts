// The ring of requests that wait: found while they are there, never mixed up, bounded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallHash } from '../../src/hep/call-hash.ts';
import { WaitingRequests } from '../../src/hep/waiting.ts';
import type { Flow } from '../../src/transport/flow.ts';

const flow = {} as Flow;
const held = (text: string, atMs = 0) => ({
  flow,
  bytes: Buffer.from(`..${text}`),
  start: 2,
  end: 2 + text.length,
  atMs,
});

function taken(ring: WaitingRequests, sample: number, print = sample): string | undefined {
  const found = ring.take(sample, print);
  return found && Buffer.from(found.bytes.subarray(found.start, found.end)).toString();
}

describe('requests that wait', () => {
  it('are found once, with their flow and time', () => {
    const ring = new WaitingRequests(1000);
    ring.put(7, 8, held('INVITE', 5));
    expect(ring.take(7, 9)).toBeUndefined();
    expect(ring.take(8, 8)).toBeUndefined();
    expect(ring.take(7, 8)).toMatchObject({ flow, atMs: 5, start: 0, end: 6 });
    expect(ring.take(7, 8)).toBeUndefined();
  });

  it('are their own bytes or none, whatever came after them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 90 })), { maxLength: 200 }), (steps) => {
        const ring = new WaitingRequests(256);
        const last = new Map<number, string>();
        for (const [i, [id, size]] of steps.entries()) {
          const text = `${i}:`.padEnd(size, String(id % 10)).slice(0, size);
          ring.put(id, id, held(text));
          last.set(id, text);
          if (i % 3 !== 0) continue;
          const found = taken(ring, id);
          expect(found).toBe(text);
          last.delete(id);
        }
        for (const [id, text] of last) expect([text, undefined]).toContain(taken(ring, id));
      }),
    );
  });

  it('are found, a thousand of them, wherever their hashes fall', () => {
    const ring = new WaitingRequests();
    const hash = new CallHash();
    const hashOf = (i: number): [number, number] => {
      hash.of(Buffer.from(`${i}-4711@192.0.2.1`), 0, `${i}-4711@192.0.2.1`.length);
      return [hash.sample, hash.print];
    };
    for (let i = 0; i < 1000; i++) ring.put(...hashOf(i), held(`INVITE ${i}`));
    const lost = Array.from({ length: 1000 }, (_, i) => taken(ring, ...hashOf(i)) === `INVITE ${i}`).filter(
      (is) => !is,
    );
    expect(lost).toHaveLength(0);
  });

  it('longer than the ring are not kept, and those before them stay', () => {
    const ring = new WaitingRequests(64);
    ring.put(1, 1, held('short'));
    ring.put(2, 2, held('x'.repeat(65)));
    expect([taken(ring, 1), taken(ring, 2)]).toEqual(['short', undefined]);
  });

  it('are forgotten after their time', () => {
    const ring = new WaitingRequests(1000);
    ring.put(1, 1, held('old', 10));
    ring.put(2, 2, held('new', 20));
    ring.expire(20);
    expect([taken(ring, 1), taken(ring, 2)]).toEqual([undefined, 'new']);
  });
});
