import { describe, expect, it } from 'vitest';
import { lineChart, ticks } from './line-chart.ts';

describe('lineChart', () => {
  it('ticks are round and within the range', () => {
    expect(ticks(0, 150, 5)).toEqual([0, 50, 100, 150]);
    expect(ticks(0, 0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  });

  it('has a path and a legend for each line, escapes names, and sets no background', () => {
    const svg = lineChart({
      title: 'a < b',
      xLabel: 'x',
      xMin: 0,
      xMax: 10,
      panels: [
        {
          height: 100,
          yLabel: 'y',
          yMax: 10,
          lines: [
            { name: 'one', colour: '#0090d8', points: [[0, 0] as const, [10, 10] as const] },
            { name: 'two & three', colour: '#d55e00', points: [[0, 10] as const] },
          ],
        },
      ],
    });
    expect(svg.match(/<path /g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('two &amp; three');
    expect(svg).not.toMatch(/<rect|NaN|undefined/);
  });
});
