// The live line of the demo, and that there is none where nobody would see it.
import { describe, expect, it } from 'vitest';
import { defaultOptions, planOf, surgeEndsAt } from '../../../src/lab/demo/plan.ts';
import { openProgress, progressText } from '../../../src/lab/demo/progress.ts';
import type { CallTick } from '../../../src/lab/demo/timeline.ts';

const esc = '\u001b[';

function written(terminal: { isTTY?: boolean; columns?: number } = {}, environment = {}) {
  const texts: string[] = [];
  const out = { ...terminal, write: (text: string) => texts.push(text) };
  return { progress: openProgress(out, environment), texts };
}

/** What a terminal of one line at a time shows in the end: what is erased is gone. */
const shown = (texts: readonly string[]): string[] =>
  texts
    .join('')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf(`${esc}K`) + 1 && line.lastIndexOf(`${esc}K`) + 3));

describe('progress', () => {
  it('keeps the line that is written over below the lines that stay, and is gone at the end', () => {
    const { progress, texts } = written({ isTTY: true, columns: 30 });
    progress.print('one');
    progress.status('half');
    progress.print('two');
    progress.status('whole');
    expect(shown(texts)).toEqual(['one', 'two', 'whole']);
    progress.end();
    progress.print('three');
    expect(shown(texts)).toEqual(['one', 'two', `${esc}?25hthree`, '']);
    expect(texts.join('').split(`${esc}?25l`)).toHaveLength(2);
  });

  it('is cut to the width, so that it never wraps', () => {
    const { progress, texts } = written({ isTTY: true, columns: 10 });
    progress.status('0123456789abc');
    expect(shown(texts)).toEqual(['012345678']);
  });

  it.each([
    [{}, {}],
    [{ isTTY: false }, {}],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ])('a pipe gets the lines alone: %j %j', (terminal, environment) => {
    const { progress, texts } = written(terminal, environment);
    progress.print('one');
    progress.status('half');
    progress.end();
    expect([progress.isLive, texts]).toEqual([false, ['one\n']]);
  });
});

describe('its text', () => {
  const plan = planOf(defaultOptions);
  const tick = (atMs: number, offered: number, gets: number): CallTick => {
    return { atMs, offered, completed: 0, refused: 0, getsOffered: gets, getsCompleted: gets };
  };

  it('says where the demo is, what is offered now and what became of all GETS calls', () => {
    const until = surgeEndsAt(plan);
    const calls = [tick(0, 0, 0), tick(19_000, 10_000, 100), tick(20_000, 13_920, 180)];
    expect(progressText(plan, 20_500, calls)).toMatch(
      /^ {2}SURGE +█+·+ {2}20 s of \d+ {3}offered 4 000\/s {3}GETS completed 180 of 180$/,
    );
    expect(progressText(plan, 500, [])).toMatch(/^ {2}calm +·{24} {2}0 s of \d+$/);
    expect(progressText(plan, (until + 4) * 1000, calls)).toMatch(/^ {2}recovering +█{24} {2}4 s since it ended /);
  });

  it('the bar only ever grows', () => {
    const fulls = Array.from({ length: 60 }, (_, i) => progressText(plan, i * 1000, []).split('█').length - 1);
    expect(fulls.toSorted((a, b) => a - b)).toEqual(fulls);
    expect([fulls[0], fulls.at(-1)]).toEqual([0, 24]);
  });
});
