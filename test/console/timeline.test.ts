import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../src/admin/timeline-entry.ts';
import { Timeline } from '../../src/console/timeline.ts';

const entry = (text: string) => ({ kind: 'mode', severity: 'info', text }) as const;
const texts = (entries: readonly TimelineEntry[]) => entries.map(({ text }) => text);

describe('the timeline', () => {
  it('has the newest first, with the time when it happened, and tells of each', () => {
    let unixMs = 0;
    const timeline = new Timeline(() => unixMs);
    const told: TimelineEntry[] = [];
    timeline.onEntry = (one) => told.push(one);
    timeline.add({ ...entry('a'), by: 'ann' });
    unixMs = 1000;
    timeline.add(entry('b'));
    expect(timeline.entries(10)).toEqual([
      { at: '1970-01-01T00:00:01.000Z', kind: 'mode', severity: 'info', text: 'b' },
      { at: '1970-01-01T00:00:00.000Z', kind: 'mode', severity: 'info', text: 'a', by: 'ann' },
    ]);
    expect(texts(told)).toEqual(['a', 'b']);
    expect(texts(timeline.entries(1))).toEqual(['b']);
  });

  it.each([999, 1000, 1001, 2500])('keeps a thousand of %i', (count) => {
    const timeline = new Timeline(() => 0);
    for (let i = 0; i < count; i++) timeline.add(entry(String(i)));
    const expected = Array.from({ length: Math.min(1000, count) }, (_, i) => String(count - 1 - i));
    expect(texts(timeline.entries(5000))).toEqual(expected);
  });

  it('cuts what is too long', () => {
    const timeline = new Timeline(() => 0);
    timeline.add(entry('x'.repeat(301)));
    expect(timeline.entries(1)[0]?.text).toBe(`${'x'.repeat(300)}…`);
  });
});
