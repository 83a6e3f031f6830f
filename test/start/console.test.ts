import { describe, expect, it, onTestFinished } from 'vitest';
import type { HistoryRow } from '../../src/admin/history-json.ts';
import { startAdmin } from '../../src/admin/server.ts';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import { createCounters } from '../../src/metrics/counters.ts';
import { type ConsoleInput, startConsole } from '../../src/start/console.ts';
import { optionsWith } from '../admin/options.ts';
import { pageFolder } from '../console/page-folder.ts';
import { watch } from '../console/watcher.ts';
import { linkView } from '../metrics/link.ts';
import { loopView } from '../metrics/loop.ts';
import { waitFor } from '../peers/wait.ts';

const loopback = { isLoopback: true, tokens: [] };
const ann = { name: 'ann', token: 'the-token-of-ann-1' };

function setUp(some: Partial<ConsoleInput> = {}, folder = pageFolder()) {
  const counters = createCounters();
  const warnings: string[] = [];
  const board = startConsole(
    {
      ...{ config: { console: true }, version: '1.2.3', counters, now: () => performance.now() },
      warn: (message) => warnings.push(message),
      ...{ stateOf: () => 'up', isDraining: () => false, controls: () => noOperatorControls },
      ...{ links: () => [linkView()], view: () => loopView(), status: () => ({ mode: 'L3' }) as never },
      ...some,
    },
    folder,
  );
  onTestFinished(() => board.close());
  return { counters, warnings, board };
}

describe('the console', () => {
  it('makes a row each second of all that was counted, and tells it to those who watch', {
    timeout: 30_000,
  }, async () => {
    const { counters, board } = setUp();
    const admin = await startAdmin(optionsWith({ console: board.addTo }), { host: '127.0.0.1', port: 0 });
    onTestFinished(() => admin.close());
    const watcher = await watch(admin.address);
    for (let i = 0; i < 1000; i++) counters.requests.count(0, 'INVITE', 'new-call', 'reject', 'share');
    board.ordered({ at: '', by: 'ann', action: 'drain', subject: 'edge', reason: 'exercise' });
    board.reloaded();
    board.reloaded('admission.burst: no');
    board.look(loopView(), undefined);
    const rows = () => watcher.events('row') as HistoryRow[];
    await waitFor('three rows', () => rows().length >= 3, 20_000);
    const times = rows().map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(times.length);
    // each call in one row
    const refused = rows().map(({ interfaces }) => interfaces.south!.refused > 0);
    expect(refused.filter((is) => is)).toHaveLength(1);
    expect(rows()[0]).toMatchObject({ mode: 3, boundaryPerSecond: 800, ordinaryCallsPerSecond: 120 });
    const history = (await (await fetch(`http://${admin.address}/v1/history?seconds=60`)).json()) as { at: number[] };
    expect(history.at).toEqual(expect.arrayContaining(times.slice(0, 3)));
    expect(watcher.events('status').length).toBeGreaterThanOrEqual(3);
    expect(watcher.events('status')[0]).toEqual({ mode: 'L3' });

    const events = (await (await fetch(`http://${admin.address}/v1/events`)).json()) as { entries: { text: string }[] };
    const texts = events.entries.map(({ text }) => text).toReversed();
    expect(texts.slice(0, 6)).toEqual([
      'Surgegate 1.2.3 started',
      'drain of the edge ordered: exercise',
      'configuration reloaded',
      'configuration not reloaded: admission.burst: no',
      'arrivals of south 1050 %, asks for L3',
      'running mode L0 → L3: arrivals of south 1050 %',
    ]);
    expect(texts).toContain('orchestrator host-1:9465: registered');
    const told = watcher.events('entry') as { text: string }[];
    expect(told.map(({ text }) => text)).toEqual(texts.slice(1));
  });

  it('ends the streams when it is closed', async () => {
    const { board } = setUp({ view: () => undefined, status: () => undefined });
    const admin = await startAdmin(optionsWith({ console: board.addTo }), { host: '127.0.0.1', port: 0 });
    onTestFinished(() => admin.close());
    const watcher = await watch(admin.address);
    board.close();
    await waitFor('the end of the stream', () => watcher.text().endsWith('0\r\n\r\n'));
  });

  it('has a token for its page on the loopback where none is configured, another at each start', () => {
    const tokens = [1, 2].map(() => setUp().board.access(loopback).pageToken);
    expect(tokens.every((token) => /^[\w-]{32}$/.test(token ?? ''))).toBe(true);
    expect(tokens[0]).not.toBe(tokens[1]);
    const { board } = setUp();
    const { pageToken } = board.access(loopback);
    expect(board.address('127.0.0.1:9464')).toBe(`http://127.0.0.1:9464/#token=${pageToken}`);
  });

  it.each([
    ['where others reach the listener', { isLoopback: false, tokens: [] }],
    ['where one is configured', { isLoopback: true, tokens: [ann] }],
  ])('has none %s, and the page is there', (_where, access) => {
    const { board } = setUp();
    expect(board.access(access)).toEqual({ ...access, pageToken: undefined });
    expect(board.address('[::1]:9464')).toBe('http://[::1]:9464/');
  });

  it('has neither where it is switched off, nor where the page was not built, which it says', () => {
    const off = setUp({ config: { console: false } });
    expect([off.board.access(loopback).pageToken, off.board.address('127.0.0.1:1')]).toEqual([undefined, undefined]);
    expect(off.warnings).toEqual([]);
    const missing = setUp({}, 'no such folder');
    expect([missing.board.access(loopback).pageToken, missing.board.address('127.0.0.1:1')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(missing.warnings).toEqual([expect.stringContaining('npm run build')]);
  });
});
