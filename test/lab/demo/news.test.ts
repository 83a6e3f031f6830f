// Which events are told, and in which order.
import { describe, expect, it } from 'vitest';
import type { DemoEvent } from '../../../src/lab/demo/events.ts';
import { News } from '../../../src/lab/demo/news.ts';

const asked = (atMs: number, text = 'to end'): DemoEvent => ({ atMs, who: 'batch', what: 'asked', text });
const mode = (atMs: number, who = 'host'): DemoEvent => ({ atMs, who, what: 'mode', text: 'L0 → L1' });

const newsOf = (...events: DemoEvent[]): News => {
  const news = new News();
  for (const event of events) news.add(event);
  return news;
};

describe('news', () => {
  it('come by time, and each once', () => {
    const news = newsOf(asked(30, 'c'), asked(10, 'a'), asked(20, 'b'));
    expect(news.upTo(25).map(({ text }) => text)).toEqual(['a', 'b']);
    expect(news.upTo(25)).toEqual([]);
    expect(news.upTo(30).map(({ text }) => text)).toEqual(['c']);
  });

  it("the host's mode stands before what it brings about", () => {
    expect(
      newsOf(asked(99), mode(100))
        .upTo(100)
        .map(({ what }) => what),
    ).toEqual(['mode', 'asked']);
  });

  it('what is said again is told once for each mode of the host', () => {
    const news = newsOf(asked(100), asked(200), mode(250, 'surgegate'), asked(300), mode(1000), asked(1100));
    expect(news.upTo(2000).map(({ atMs }) => atMs)).toEqual([100, 250, 1000, 1100]);
  });

  it('a limit that an application goes to and fro between, too; that it pauses, each time', () => {
    const self = (atMs: number, text: string): DemoEvent => ({ atMs, who: 'web', what: 'self', text });
    const keeps = newsOf(self(1, 'keeps to 0.1'), self(2, 'keeps to 0.2'), self(3, 'keeps to 0.1'));
    expect(keeps.upTo(9)).toHaveLength(2);
    expect(newsOf(self(1, 'pauses'), self(2, 'goes on'), self(3, 'pauses')).upTo(9)).toHaveLength(3);
  });
});
