// How busy the server's process is: with files, and on Linux with this process itself.

import { once } from 'node:events';
import { fstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerProcess, parseStat } from '../../../src/engine/drachtio/server-process.ts';
import { waitFor } from '../../peers/wait.ts';

const stat = (pid: number, user: number, system: number, start: number, name = 'drachtio'): string =>
  `${pid} (${name}) S 1 1 1 0 -1 4194560 1 0 0 0 ${user} ${system} 0 0 20 0 4 0 ${start} 123456 789 18446744073709551615`;

function processes() {
  const dir = mkdtempSync(join(tmpdir(), 'surgegate-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'sys'));
  const logs: string[] = [];
  const add = (pid: number, inode: number, ticks: number, start: number) => {
    mkdirSync(join(dir, `${pid}`, 'fd'), { recursive: true });
    symlinkSync(`socket:[${inode}]`, join(dir, `${pid}`, 'fd', '9'));
    write(pid, ticks, start);
  };
  const write = (pid: number, ticks: number, start: number) =>
    writeFileSync(join(dir, `${pid}`, 'stat'), stat(pid, ticks, 0, start));
  const remove = (pid: number) => rmSync(join(dir, `${pid}`), { recursive: true });
  return { add, write, remove, logs, one: createServerProcess((text) => logs.push(text), dir) };
}

/** Asks until the search, which is asynchronous, has come to its end: then the process has its first reading. */
async function found(
  { one, write }: ReturnType<typeof processes>,
  pid: number,
  ticks: number,
  start: number,
  atMs: number,
) {
  const probe = ticks + 50;
  await waitFor('the process to be found', () => {
    one.sample(7, atMs);
    write(pid, probe, start);
    const isFound = one.sample(7, atMs + 1_000) !== undefined;
    write(pid, ticks, start);
    return isFound;
  });
}

describe('parseStat', () => {
  it.each(['drachtio', 'a b', ') S 1 (', '((('])('reads past the name %j', (name) => {
    expect(parseStat(stat(12, 100, 23, 4_567, name))).toEqual({ ticks: 123, startTicks: 4_567 });
  });
  it.each(['', 'nothing', '12 (x) S 1'])('%j is none', (text) => expect(parseStat(text)).toBeUndefined());
});

describe('createServerProcess', () => {
  it('shows use over a second or a little more, in cores', async () => {
    const all = processes();
    all.add(11, 6, 0, 5);
    all.add(12, 7, 100, 5);
    await found(all, 12, 100, 5, 0);
    const { one, write } = all;
    // from here on the readings of the search are too old to count
    for (const [atMs, ticks] of [
      [10_000, 200],
      [10_500, 230],
      [11_000, 280],
    ] as const) {
      write(12, ticks, 5);
      one.sample(7, atMs);
    }
    write(12, 295, 5);
    expect(one.sample(7, 11_500)).toBeCloseTo(0.65);
    write(12, 480, 5);
    expect(one.sample(7, 12_500)).toBeCloseTo(1.85);
  });

  it("looks for it again when it is gone, or its number is another's", async () => {
    const all = processes();
    const { one, add, write, remove } = all;
    add(12, 7, 100, 5);
    await found(all, 12, 100, 5, 0);
    write(12, 0, 999);
    expect(one.sample(7, 20_000)).toBeUndefined();
    remove(12);
    add(13, 7, 300, 1_000);
    await found(all, 13, 300, 1_000, 40_000);
    remove(13);
    expect(one.sample(7, 60_000)).toBeUndefined();
  });

  it("looks for it again when the server's socket is another", async () => {
    const all = processes();
    all.add(12, 7, 100, 5);
    await found(all, 12, 100, 5, 0);
    expect(all.one.sample(8, 20_000)).toBeUndefined();
  });

  it('says once that there is none, and does not search at every sample', async () => {
    const { one, logs } = processes();
    for (let ms = 0; ms < 100_000; ms += 1_000) {
      expect(one.sample(7, ms)).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor('the line', () => logs.length > 0);
    expect(logs).toEqual([expect.stringContaining('no process with the drachtio-server')]);
  });

  it('asks nothing where no socket is known', () => {
    const { one, logs } = processes();
    expect(one.sample(undefined, 0)).toBeUndefined();
    expect(logs).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it('finds this process by a socket of it, and sees it busy', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const { ino } = fstatSync(fd);
    const one = createServerProcess(() => {});
    const busy = await waitFor('its use', () => {
      const end = performance.now() + 50;
      while (performance.now() < end);
      return one.sample(ino, performance.now());
    });
    expect(busy).toBeGreaterThan(0);
  });
});
