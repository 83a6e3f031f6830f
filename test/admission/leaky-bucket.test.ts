import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LeakyBucket } from '../../src/admission/leaky-bucket.ts';

it('RFC 7415 §3.5.1: at most room + rate × time, whatever the arrivals', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 400 }),
      (rate, roomSeconds, gaps) => {
        const room = 1 + rate * roomSeconds;
        const bucket = new LeakyBucket(rate);
        let now = 1000;
        let sent = 0;
        bucket.drain(now);
        for (const gap of gaps) {
          now += gap;
          bucket.drain(now);
          if (!bucket.hasRoom(room)) continue;
          bucket.add(1);
          sent++;
        }
        expect(sent).toBeLessThanOrEqual(room + (rate * (now - 1000)) / 1000 + 1e-6);
      },
    ),
  );
});

it('counts what has been sent and is not worked off, and is empty after 24 idle hours', () => {
  const bucket = new LeakyBucket(100);
  bucket.drain(0);
  for (let i = 0; i < 20; i++) bucket.add(1);
  bucket.drain(50);
  expect(bucket.content).toBeCloseTo(15);
  expect([bucket.hasRoom(15), bucket.hasRoom(16)]).toEqual([false, true]);
  bucket.drain(86_400_000);
  expect(bucket.content).toBe(0);
});

it('less room is waited for: the burst that more of it has let in is drained first', () => {
  const bucket = new LeakyBucket(100);
  bucket.drain(0);
  while (bucket.hasRoom(20)) bucket.add(1);
  const waits: number[] = [];
  for (let nowMs = 0; nowMs <= 300; nowMs += 10) {
    bucket.drain(nowMs);
    if (bucket.hasRoom(2)) waits.push(nowMs);
  }
  expect(waits[0]).toBe(190);
});

it('forgets a flood in 1.2 s, also at a lower rate, and survives a clock that goes back', () => {
  const bucket = new LeakyBucket(10);
  bucket.drain(1000);
  for (let i = 0; i < 1000; i++) bucket.add(1);
  expect(bucket.content).toBe(13);
  bucket.drain(500);
  expect(bucket.content).toBe(13);
  bucket.change(5);
  expect(bucket.content).toBe(7);
  bucket.drain(2200);
  expect(bucket.content).toBeCloseTo(1);
  // of a trickle it holds one call, and the next comes in its time
  bucket.change(0.1);
  bucket.add(1);
  expect(bucket.content).toBeCloseTo(1.12);
});
