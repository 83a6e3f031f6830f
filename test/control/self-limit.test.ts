// RFC 7339 §5.9: repeated silence stops all but probes, which grow rarer; one answer ends that.
import { expect, it } from 'vitest';
import { maySend, type SelfLimit, sendingFreely, stepSelfLimit } from '../../src/control/self-limit.ts';

const silence = { kind: 'unanswered' } as const;

function stopped(nowMs: number): SelfLimit {
  let state = sendingFreely;
  for (let i = 0; i < 3; i++) state = stepSelfLimit(state, silence, nowMs, 0.5);
  return state;
}

it('goes on after one or two, and counts anew after an answer', () => {
  let state = stepSelfLimit(sendingFreely, silence, 0, 0.5);
  state = stepSelfLimit(state, silence, 0, 0.5);
  expect(maySend(state, 0)).toBe('anything');
  state = stepSelfLimit(state, { kind: 'answered' }, 0, 0.5);
  state = stepSelfLimit(stepSelfLimit(state, silence, 0, 0.5), silence, 0, 0.5);
  expect(maySend(state, 0)).toBe('anything');
  expect(maySend(stepSelfLimit(state, silence, 0, 0.5), 0)).toBe('nothing');
});

it('probes after 1 s, 2 s, 4 s … 32 s, one at a time', () => {
  let state = stopped(0);
  let now = 0;
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const began = now;
    while (maySend(state, now) === 'nothing') now += 10;
    waits.push(now - began);
    state = stepSelfLimit(state, { kind: 'probe-sent' }, now, 0.5);
    expect(maySend(state, now + 100_000)).toBe('nothing');
    state = stepSelfLimit(state, silence, now, 0.5);
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000]);
});

it('is not put off by what was out before', () => {
  const state = stopped(0);
  expect(stepSelfLimit(state, silence, 900, 0.5)).toBe(state);
});

it('spreads the probes', () => {
  const state = stepSelfLimit({ name: 'sending', failures: 2 }, silence, 0, 0);
  expect([maySend(state, 749), maySend(state, 750)]).toEqual(['nothing', 'probe']);
});

it('sends again after any answer', () => {
  const probing = stepSelfLimit(stopped(0), { kind: 'probe-sent' }, 1000, 0.5);
  expect(stepSelfLimit(probing, { kind: 'answered' }, 1001, 0.5)).toEqual(sendingFreely);
  expect(stepSelfLimit(sendingFreely, { kind: 'probe-sent' }, 0, 0.5)).toBe(sendingFreely);
});
