// The timeline: what each second brought, and its lines.
import { describe, expect, it } from 'vitest';
import { defaultOptions, planOf } from '../../../src/lab/demo/plan.ts';
import { type CallTick, secondOf } from '../../../src/lab/demo/timeline.ts';
import { eventText, grouped, secondText, timelineHead } from '../../../src/lab/demo/timeline-text.ts';
import type { SwitchTick } from '../../../src/lab/ticks.ts';
import { beganMs, eventAt, secondAt } from './record.ts';

/** Ten a second, each count grown evenly. */
const ticks = Array.from({ length: 100 }, (_, i) => i / 10 - 0.05);
const calls: CallTick[] = ticks.map((at) => ({
  atMs: beganMs + at * 1000,
  offered: 98 * at,
  completed: 90 * at,
  refused: 8 * at,
  getsOffered: 2 * at,
  getsCompleted: 2 * at,
}));
const switched: SwitchTick[] = ticks.map((at) => ({
  atMs: beganMs + at * 1000,
  invites: 0,
  retransmissions: 0,
  confirmed: 92 * at,
  overloaded: 0,
  lost: 0,
}));
const seen = {
  mode: 'L1',
  causes: ['arrivals of surgegate 300 %'],
  edgeMode: 'L2',
  boundaryPerSecond: 600,
  cores: { web: 0.166, batch: 0 },
};

describe('a second of the timeline', () => {
  const plan = planOf(defaultOptions);

  it('has what grew in it, and what was seen', () => {
    expect(secondOf(3, plan, beganMs, calls, switched, seen)).toEqual({
      ...seen,
      second: 3,
      phase: 'calm',
      offered: 100,
      goodput: 92,
      completed: 90,
      refused: 8,
      getsOffered: 2,
      getsCompleted: 2,
    });
  });

  it('has nothing where there are no counts', () => {
    expect(secondOf(8, plan, beganMs, [], [], seen)).toMatchObject({ phase: 'onset', offered: 0, goodput: 0 });
  });

  it('is a line below its head', () => {
    const columns = ['web', 'shop', 'batch'];
    const row = secondOf(3, plan, beganMs, calls, switched, seen);
    const text = secondText(row, columns);
    const head = timelineHead(columns);
    for (const name of [
      'time',
      'host',
      'edge',
      'offered/s',
      'goodput/s',
      'refused/s',
      'GETS',
      'web',
      'shop',
      'batch',
    ]) {
      const end = head.indexOf(name) + name.length;
      expect(text.slice(0, end), name).toMatch(/[^ ]$/);
    }
    expect(text).toMatch(/^ {3}4 s {4}L1 {3}L2 .* 2\/2 .* 0\.17 +- +0\.00 {3}arrivals of surgegate 300 %$/);
  });

  it('names the first cause, and how many there are besides', () => {
    expect(secondText(secondAt(0, 'surge', { causes: ['a', 'b', 'c'] }), [])).toMatch(/ a and 2 more$/);
    expect(secondText(secondAt(0, 'calm'), [])).toMatch(/2\/2$/);
  });
});

describe('an event of the timeline', () => {
  it.each([
    ['asked', 'to end', 'batch: asked to end'],
    ['complied', 'uses less', 'batch: has come down: uses less'],
    ['forced', 'cpuCores to 0.1 cores', 'batch: FORCED, cpuCores to 0.1 cores'],
    ['suspended', 'not essential', 'batch: DUMPED, not essential'],
    ['resumed', 'runs again', 'batch: recovered: runs again'],
    ['lifted', 'free', 'batch: recovered: free'],
    ['mode', 'L0 → L1', 'batch: L0 → L1'],
    ['self', 'pauses', 'batch: pauses'],
    ['limits', 'control group: free', 'batch: control group: free'],
    ['boundary', 'boundary 0.18 cores', 'batch: boundary 0.18 cores'],
  ] as const)('%s', (what, text, said) => {
    expect(eventText(eventAt(12.34, 'batch', what, text), beganMs)).toBe(`  12.3 s  * ${said}`);
  });
});

it('numbers are grouped', () => {
  expect([0, 999, 1000, 4003, 1_234_567].map(grouped)).toEqual(['0', '999', '1 000', '4 003', '1 234 567']);
});
