import { describe, expect, it } from 'vitest';
import { callsText, eventsText, sparkline } from '../../src/admin/calls-text.ts';
import type { HistoryJson } from '../../src/admin/history-json.ts';
import { printable, textTable } from '../../src/admin/text-table.ts';

const none = { offered: [0, 0], admitted: [0, 0], refused: [0, 0], completed: [0, 0] };

function history(priority: Partial<typeof none>): HistoryJson {
  const limits = { boundaryPerSecond: [null, null], ordinaryCallsPerSecond: [null, null] };
  const interfaces = { south: none };
  return {
    ...{ stepSeconds: 1, at: [1, 2], mode: [0, 0], ...limits, interfaces, switches: {} },
    priority: { ...none, ...priority },
  };
}

const priorityRow = (priority: Partial<typeof none>) => callsText(history(priority)).split('\n').at(-1);

describe('the calls of the last minute', () => {
  it('say at once that no priority call was refused, or how many were', () => {
    expect(priorityRow({})).toBe('priority      0/s       0/s      0/s        0/s');
    expect(priorityRow({ offered: [10, 30] })).toMatch(/^priority +30\/s .* ▃█ +none refused$/);
    expect(priorityRow({ offered: [10, 30], refused: [4, 0] })).toMatch(/ 10 % REFUSED$/);
  });

  it('are left out before the first second', () => expect(callsText({ ...history({}), at: [] })).toBe(''));

  it.each([
    [[], ''],
    [[0, 0, 0], ''],
    [[1], '█'],
    [[0, 1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇██'],
    // sixty seconds are thirty bars, each the higher of two
    [Array.from({ length: 60 }, (_, i) => (i === 10 ? 8 : i === 59 ? 4 : 0)), `${'▁'.repeat(5)}█${'▁'.repeat(23)}▅`],
    [Array.from({ length: 31 }, () => 1), '█'.repeat(16)],
  ])('as bars: %j', (column, bars) => expect(sparkline(column)).toBe(bars));
});

it('events are a line each, with who did it', () => {
  const at = '2026-11-23T20:00:07.123Z';
  const text = eventsText([
    { at, kind: 'operator', severity: 'info', text: 'gap placed', by: 'ann' },
    { at, kind: 'mode', severity: 'critical', text: 'L0 → L3' },
  ]);
  expect(text).toBe('EVENT\n20:00:07            gap placed (ann)\n20:00:07  critical  L0 → L3');
  expect(eventsText([])).toBe('');
});

it('a table has columns to the left and to the right, and nothing in it steers the terminal', () => {
  const rows = [
    ['x', '1'],
    ['\u001b[2Jy\u0007', '22222222'],
  ];
  expect(textTable(['A', 'NUMBER'], rows, ['NUMBER']).split('\n')).toEqual([
    'A         NUMBER',
    'x              1',
    '?[2Jy?  22222222',
  ]);
  expect(printable('a\u009bb\u007f\n')).toBe('a?b??');
});
