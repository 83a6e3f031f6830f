// The adapter that limits nothing, and the smaller parts.
import { describe, expect, it } from 'vitest';
import { createAdviseAdapter, parseProcess } from '../../../src/orchestrator/adapters/advise.ts';
import { allOrNothing, oneLine } from '../../../src/orchestrator/adapters/all-or-nothing.ts';
import { createAdapter } from '../../../src/orchestrator/adapters/create-adapter.ts';
import { createHostTree } from '../host/host-tree.ts';

const stat = (pid: number, ticks: number, start = 500): string =>
  `${pid} (a ) b) S 1 1 1 0 -1 4194304 0 0 0 0 ${ticks} ${ticks} 0 0 20 0 1 0 ${start} 1 1\n`;
const status = (kib: number): string => `Name:\tx\nVmRSS:\t    ${kib} kB\n`;

describe('advise', () => {
  it('sees what the processes use, and what they have used until they ended', async () => {
    const tree = createHostTree({ '/proc/7/stat': stat(7, 100), '/proc/7/status': status(1000) });
    tree.write('/proc/8/stat', stat(8, 0));
    tree.write('/proc/8/status', status(24));
    let ms = 0;
    const adapter = createAdviseAdapter({ kind: 'advise', pids: [7, 8, 9] }, { root: tree.root, nowMs: () => ms });
    expect((await adapter.read()).used).toEqual({ memoryBytes: 1024 * 1024 });
    ms = 1000;
    tree.write('/proc/7/stat', stat(7, 125));
    expect((await adapter.read()).used).toEqual({ cpuCores: 0.5, memoryBytes: 1024 * 1024 });
    ms = 2000;
    tree.remove('/proc/7');
    expect((await adapter.read()).used).toEqual({ cpuCores: 0, memoryBytes: 24 * 1024 });
    tree.remove('/proc/8');
    expect((await adapter.read()).used).toEqual({});
  });

  it('says that it cannot limit; lifting is no limit', async () => {
    const adapter = createAdapter({ kind: 'advise' });
    expect(adapter.canLimit).toEqual([]);
    await expect(adapter.apply({ limits: { cpuCores: 1 }, isSuspended: true })).rejects.toThrow(
      'cannot limit cpuCores, suspension: this application can only be asked',
    );
    await adapter.apply({ limits: {}, isSuspended: false });
    expect(await adapter.read()).toMatchObject({ limits: {}, isSuspended: false, used: {} });
    await adapter.close();
  });

  it.each([
    ['nothing', ''],
    ['no name', '7 S 1'],
    ['too few fields', '7 (x) S 1 2'],
    ['letters', '7 (x) S 1 1 1 0 -1 4194304 0 0 0 0 a b 0'],
  ])('a /proc/PID/stat of %s is no process', (_what, text) => expect(parseProcess(text, status(1))).toBeUndefined());
});

describe('allOrNothing', () => {
  const run = async (failing: readonly string[]) => {
    const done: string[] = [];
    const act = (name: string) => {
      done.push(name);
      return failing.includes(name) ? Promise.reject(new Error(`no\n  ${name}`)) : Promise.resolve();
    };
    const steps = ['a', 'b', 'c'].map((what) => ({ what, run: () => act(`+${what}`), undo: () => act(`-${what}`) }));
    const reason = await allOrNothing(steps).then(
      () => 'done',
      (error: Error) => error.message,
    );
    return { done: done.join(' '), reason };
  };

  it.each([
    [[], '+a +b +c', 'done'],
    [['+a'], '+a -a', 'a: no +a'],
    [['+c'], '+a +b +c -c -b -a', 'c: no +c'],
    [['+c', '-b'], '+a +b +c -c -b -a', 'c: no +c; not put back: b'],
    [['+b', '-b', '-a'], '+a +b -b -a', 'b: no +b; not put back: b, a'],
  ])('with faults at %j', async (failing, done, reason) => expect(await run(failing)).toEqual({ done, reason }));

  it('a reason is one line of bounded length', () => {
    expect(oneLine(new Error(`a\n\n b${'x'.repeat(1000)}`))).toHaveLength(300);
    expect(oneLine('a\nb')).toBe('a b');
  });
});
