import { expect, it } from 'vitest';
import { DecisionMemory } from '../../src/admission/decision-memory.ts';

it('remembers reason and Retry-After for 32 s', () => {
  const memory = new DecisionMemory(1024);
  memory.note(7, 9, 10_000, 12, 30);
  expect(memory.find(7, 9, 41_000)).toBe(true);
  expect([memory.reason, memory.retryAfterSeconds]).toEqual([12, 30]);
  expect(memory.find(7, 9, 43_000)).toBe(false);
  expect(memory.find(8 + 2, 9, 10_000)).toBe(false);
});

it('gives up the oldest when a bucket is full', () => {
  const memory = new DecisionMemory(4);
  for (let i = 0; i < 5; i++) memory.note(1001 + 2 * i, 0, i * 1000, 1, 1);
  expect(memory.find(1001, 0, 5000)).toBe(false);
  for (let i = 1; i < 5; i++) expect(memory.find(1001 + 2 * i, 0, 5000)).toBe(true);
});

it('survives the wrap of its clock', () => {
  const memory = new DecisionMemory(4);
  const wrap = 65_536 * 250;
  memory.note(5, 5, wrap - 500, 1, 1);
  expect(memory.find(5, 5, wrap + 500)).toBe(true);
});

it('remembers at least nine in ten of as many refusals as it has half the entries', () => {
  const memory = new DecisionMemory(65_536);
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ (state >>> 15)) >>> 0;
  };
  const keys = Array.from({ length: 32_768 }, () => [random(), random()] as const);
  for (const [high, low] of keys) memory.note(high, low, 1000, 1, 1);
  const found = keys.filter(([high, low]) => memory.find(high, low, 1000)).length;
  expect(found / keys.length).toBeGreaterThan(0.9);
});
