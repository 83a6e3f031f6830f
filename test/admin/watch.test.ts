// `surgegate status --watch`: on a terminal that keeps what is drawn on it, and on what is none.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HistoryJson } from '../../src/admin/history-json.ts';
import { openScreen } from '../../src/admin/screen.ts';
import { statusOf } from '../../src/admin/status.ts';
import type { TimelineEntry } from '../../src/admin/timeline-entry.ts';
import { watchMs, watchStatus } from '../../src/admin/watch-status.ts';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import type { Output } from '../../src/terminal.ts';
import { loopView } from '../metrics/loop.ts';
import { waitFor } from '../peers/wait.ts';

const esc = '\u001b[';

const status = statusOf(
  loopView({}),
  {
    ...{ version: '1.2.3', shadow: false, draining: false, gaps: [], ordered: [], links: [], stateOf: () => 'up' },
    controls: noOperatorControls,
  },
  { nowMs: 22_000, unixMs: Date.UTC(2030, 0, 2, 3, 4, 5) },
);

/** A terminal as far as the screen uses one: what is on it now, and whether it is as it was found. */
class FakeTerminal implements Output {
  readonly isTTY = true;
  columns: number;
  rows: number;
  written = '';
  private resized: (() => void)[] = [];
  private readonly colours: boolean;

  constructor(columns = 80, rows = 24, colours = false) {
    this.columns = columns;
    this.rows = rows;
    this.colours = colours;
  }

  hasColors(): boolean {
    return this.colours;
  }

  write(text: string): void {
    this.written += text;
  }

  on(_event: 'resize', listener: () => void): void {
    this.resized.push(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.resized = this.resized.filter((one) => one !== listener);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this, { columns, rows });
    for (const listener of this.resized) listener();
  }

  get listeners(): number {
    return this.resized.length;
  }

  /** The lines of the last drawing. */
  get lines(): string[] {
    const last = this.written.slice(this.written.lastIndexOf(`${esc}H`) + 3);
    return last
      .slice(0, last.indexOf(`${esc}J`))
      .replaceAll(`${esc}K`, '')
      .split('\r\n');
  }
}

describe('a screen', () => {
  it('draws in place, at once and without wrapping, and leaves the terminal as it was with the last page on it', () => {
    const terminal = new FakeTerminal();
    const screen = openScreen(terminal, {});
    screen.show('one\ntwo');
    expect(terminal.lines).toEqual(['one', 'two']);
    screen.show('three');
    expect(terminal.lines).toEqual(['three']);
    // each drawing is one write between begin and end of an update, and erases nothing before it has drawn
    expect(terminal.written.split(`${esc}?2026h`)).toHaveLength(3);
    expect(terminal.written).not.toContain(`${esc}2J`);
    screen.end();
    expect(terminal.written.endsWith(`${esc}?7h${esc}?25h${esc}?1049lthree\n`)).toBe(true);
    expect(terminal.listeners).toBe(0);
  });

  it('cuts what has no room, says how much, and draws anew when the size changes', () => {
    const terminal = new FakeTerminal(10, 3);
    const screen = openScreen(terminal, {});
    screen.show('0123456789abc\nb\nc\nd\ne');
    expect(terminal.lines).toEqual(['0123456789', 'b', '… 3 more lines'.slice(0, 10)]);
    terminal.resize(40, 24);
    expect(terminal.lines).toEqual(['0123456789abc', 'b', 'c', 'd', 'e']);
    terminal.resize(40, 4);
    expect(terminal.lines).toEqual(['0123456789abc', 'b', 'c', '… 2 more lines']);
    screen.end();
  });

  it.each([
    [true, true],
    [false, false],
  ])('is coloured where the terminal has colours: %s', (colours, isColoured) => {
    const terminal = new FakeTerminal(80, 24, colours);
    openScreen(terminal, {}).show('surgegate 1.0   L3 for 2 s\nSWITCH  STATE');
    expect(terminal.lines.join('').includes(`${esc}31m`)).toBe(isColoured);
    expect(terminal.lines.join('').includes(`${esc}1m`)).toBe(isColoured);
  });

  it.each([
    ['a pipe', { write: (_text: string) => {} }, {}],
    ['a terminal that can do nothing', new FakeTerminal(), { TERM: 'dumb' }],
  ])('%s gets page after page as they are', (_, out, environment) => {
    let written = '';
    out.write = (text: string) => {
      written += text;
    };
    const screen = openScreen(out, environment);
    screen.show('one\ntwo');
    screen.show('three');
    screen.end();
    expect(written).toBe('one\ntwo\n\nthree\n');
  });
});

const columns = (last: number): readonly number[] => [0, 1, last];
const rates = (last: number) => ({
  offered: columns(last),
  admitted: columns(140),
  refused: columns(last - 140),
  completed: columns(139),
});
const history: HistoryJson = {
  stepSeconds: 1,
  at: [1, 2, 3],
  mode: [0, 2, 3],
  boundaryPerSecond: [null, null, null],
  ordinaryCallsPerSecond: [null, 140, 63],
  interfaces: { south: rates(4000) },
  priority: { offered: [80, 80, 80], admitted: [80, 80, 80], refused: [0, 0, 0], completed: [80, 79, 80] },
  switches: {},
};
const event: TimelineEntry = {
  at: '2026-11-23T20:00:07.123Z',
  kind: 'mode',
  severity: 'critical',
  text: 'L0 → L3: arrivals',
};

/** An edge that answers as it is told; `isUp: false`: it hangs up. */
async function fakeEdge(pages: Record<string, unknown>) {
  const state = { isUp: true, asked: 0 };
  const server: Server = createServer((request, response) => {
    state.asked++;
    if (!state.isUp) return request.socket.destroy();
    const page = pages[request.url!.split('?')[0]!];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(page ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { state, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const all = { '/v1/status': status, '/v1/history': history, '/v1/events': { entries: [event] } };

function start(address: string, out: Output, json = false) {
  const end = new AbortController();
  const place = { address };
  const done = watchStatus({ place, everyMs: 30, json, out, environment: {}, signal: end.signal });
  onTestFinished(() => end.abort());
  return { done, end: () => end.abort() };
}

describe('watching', () => {
  it('shows mode, calls, priority lane, switches and events, until it is ended', async () => {
    const edge = await fakeEdge(all);
    const terminal = new FakeTerminal(200, 60);
    const { done, end } = start(edge.address, terminal);
    await waitFor('several looks', () => edge.state.asked >= 9);
    end();
    await done;
    const page = terminal.written.slice(terminal.written.lastIndexOf(`${esc}?1049l`));
    expect(page).toContain('surgegate 1.2.3   L3');
    expect(page).toMatch(/\nCALLS +OFFERED +ADMITTED +REFUSED +COMPLETED +LAST MINUTE\n/);
    expect(page).toMatch(/\nsouth +4000\/s +140\/s +3860\/s +139\/s +▁▁█\n/);
    expect(page).toMatch(/\npriority +80\/s +80\/s +0\/s +80\/s +███ +none refused\n/);
    expect(page).toMatch(/\n20:00:07 +critical +L0 → L3: arrivals\n/);
    expect(terminal.listeners).toBe(0);
  });

  it('an edge without history and events is shown without them', async () => {
    const edge = await fakeEdge({ '/v1/status': status });
    const terminal = new FakeTerminal(200, 60);
    const { done, end } = start(edge.address, terminal);
    await waitFor('a look', () => edge.state.asked >= 4);
    end();
    await done;
    expect(terminal.written).toContain('SWITCH');
    expect(terminal.written).not.toContain('OFFERED');
  });

  it('one that is gone is told above what it said last, and shown again when it is back', async () => {
    const edge = await fakeEdge(all);
    const terminal = new FakeTerminal(200, 60);
    const { done, end } = start(edge.address, terminal);
    await waitFor('the first look', () => terminal.lines[0]?.startsWith('surgegate'));
    edge.state.isUp = false;
    await waitFor('it to be missed', () => terminal.lines[0]?.startsWith('NOT REACHED: no edge can be reached at'));
    expect(terminal.lines[1]).toMatch(/^surgegate 1\.2\.3/);
    edge.state.isUp = true;
    await waitFor('it to be back', () => terminal.lines[0]?.startsWith('surgegate'));
    end();
    await done;
  });

  it('--json: one object a line', async () => {
    const edge = await fakeEdge(all);
    let written = '';
    const { done, end } = start(edge.address, { write: (text) => (written += text) }, true);
    await waitFor('two lines', () => written.split('\n').length >= 3);
    edge.state.isUp = false;
    await waitFor('it to be missed', () => written.includes('error'));
    end();
    await done;
    const lines = written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toEqual(JSON.parse(JSON.stringify(status)));
    expect(lines.at(-1)).toEqual({ at: expect.any(String), error: expect.stringContaining('no edge can be reached') });
  });

  it('rejects with one line where nobody is there from the start, and draws nothing', async () => {
    const edge = await fakeEdge(all);
    edge.state.isUp = false;
    const terminal = new FakeTerminal();
    await expect(start(edge.address, terminal).done).rejects.toThrow(/^no edge can be reached at 127\.0\.0\.1:\d+: /);
    expect(terminal.written).toBe('');
  });

  it.each([
    [true, 2000],
    ['0.5', 500],
    ['3600', 3_600_000],
  ] as const)('--watch %s is every %i ms', (written, ms) => expect(watchMs(written)).toBe(ms));

  it.each(['0', '-1', 'x', '3601', ''])('--watch %s is refused', (written) => {
    expect(() => watchMs(written)).toThrow(`--watch: ${written} is not 0.2 to 3600 seconds`);
  });
});
