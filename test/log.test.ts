import { describe, expect, it } from 'vitest';
import { createLog, readable } from '../src/log.ts';
import { createLogLimit } from '../src/log-limit.ts';

function capture(level: 'debug' | 'info' = 'info') {
  const lines: Record<string, unknown>[] = [];
  const clock = { nowMs: 0 };
  const log = createLog({ level, to: { write: (line) => lines.push(JSON.parse(line)) }, nowMs: () => clock.nowMs });
  return { log, lines, clock };
}

describe('the log', () => {
  it('writes a line of JSON with the facts', () => {
    const { log, lines } = capture();
    log.info('switch up', { switch: 'sw1' });
    log.error('switch down', { err: new Error('refused') });
    expect(lines).toMatchObject([
      { level: 'info', msg: 'switch up', switch: 'sw1' },
      { level: 'error', msg: 'switch down', err: { message: 'refused' } },
    ]);
  });

  it('follows its level', () => {
    const { log, lines } = capture();
    log.debug('a');
    log.setLevel('debug');
    log.debug('b');
    expect(lines).toMatchObject([{ msg: 'b' }]);
  });

  it('writes one line per cause in 10 seconds and says how many it left out', () => {
    const { log, lines, clock } = capture();
    for (let i = 0; i < 100; i++) log.limited('malformed', 'warn', 'malformed message');
    log.limited('connect', 'warn', 'cannot connect');
    clock.nowMs = 9_999;
    log.limited('malformed', 'warn', 'malformed message');
    clock.nowMs = 10_000;
    log.limited('malformed', 'warn', 'malformed message', { from: 'south' });
    expect(lines).toMatchObject([
      { msg: 'malformed message', cause: 'malformed' },
      { msg: 'cannot connect', cause: 'connect' },
      { msg: 'malformed message', cause: 'malformed', from: 'south', suppressed: 100 },
    ]);
    expect(lines[0]).not.toHaveProperty('suppressed');
  });

  it('does not count lines below its level', () => {
    const { log, lines } = capture();
    log.limited('a', 'debug', 'a');
    log.limited('a', 'info', 'a');
    expect(lines).toHaveLength(1);
  });

  it('is readable on a terminal', () => {
    const out: string[] = [];
    const sink = { write: (text: string) => out.push(text) > 0 } as unknown as NodeJS.WritableStream;
    const log = createLog({ level: 'info', to: readable(sink) });
    log.warn('switch down', { switch: 'sw1', failures: 2, err: new Error('no answer') });
    expect(out.join('')).toMatch(/^\d\d:\d\d:\d\d warn {2}switch down {2}switch=sw1 {2}failures=2 {2}err=no answer\n$/);
  });
});

describe('the limit', () => {
  it('remembers no more causes than it may', () => {
    const limit = createLogLimit({ intervalMs: 1000, maxCauses: 2 });
    expect([limit('a', 0), limit('b', 0), limit('c', 0)]).toEqual([0, 0, 0]);
    expect(limit('c', 1)).toBeUndefined();
    expect(limit('a', 1)).toBe(0);
  });
});
