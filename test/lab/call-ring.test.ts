import { expect, it } from 'vitest';
import { CallRing } from '../../src/lab/call-ring.ts';

it('retransmits what is unanswered at 0.5, 1.5 and 3.5 s, and gives it up at last', () => {
  const lost: number[] = [];
  const ring = new CallRing(10, 5000, (index) => lost.push(index));
  const answered = ring.begin(0);
  const ringing = ring.begin(0);
  const silent = ring.begin(0);
  expect(ring.end(answered)).toBe(0);
  ring.proceed(ringing);
  const again: [number, number][] = [];
  for (let now = 0; now <= 6000; now += 100) {
    ring.resend(now, (index) => again.push([now, index]));
    ring.expire(now);
  }
  expect(again).toEqual([500, 1500, 3500].map((at) => [at, silent]));
  expect(lost).toEqual([ringing, silent]);
  expect(ring.open).toBe(0);
  expect(ring.end(silent)).toBe(-1);
});

it('counts a call as lost when its place is needed', () => {
  let lost = 0;
  const ring = new CallRing(1, 100, () => lost++);
  for (let i = 0; i < 10_000; i++) ring.begin(0);
  expect(lost + ring.open).toBe(10_000);
  ring.expire(200);
  expect(lost).toBe(10_000);
});
