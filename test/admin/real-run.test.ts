// One edge as an operator has it: a process with a test switch, calls over a socket, gaps and status over HTTP.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/admin/audit-entry.ts';
import type { GapJson } from '../../src/admin/gap-json.ts';
import type { HistoryJson } from '../../src/admin/history-json.ts';
import type { RefusalsJson } from '../../src/admin/refusal-json.ts';
import type { Status } from '../../src/admin/status.ts';
import type { TimelineEntry } from '../../src/admin/timeline-entry.ts';
import { startCaller } from '../../src/lab/caller.ts';
import { type Child, startChild } from '../peers/child.ts';
import { parseMetrics } from '../peers/metrics.ts';
import { freePort } from '../peers/ports.ts';
import { waitFor } from '../peers/wait.ts';

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const run = (name: string, ...given: string[]): Child =>
  startChild(name, process.execPath, ['--import', import.meta.resolve('tsx'), cli, ...given]);

const hot = '5550001111';
const ended = { folder: '' };
let edge: Child;
let admin: string;
let south: string;
let config: string;

const get = async <T>(path: string): Promise<T> => (await fetch(`http://${admin}${path}`)).json() as Promise<T>;
const gaps = async (): Promise<readonly GapJson[]> => (await get<{ gaps: GapJson[] }>('/v1/gaps')).gaps;
const metrics = async () => parseMetrics(await (await fetch(`http://${admin}/metrics`)).text());
const place = (body: object) =>
  fetch(`http://${admin}/v1/gaps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** 100 calls a second to the hot number, for 300 ms. */
const callHot = async () => {
  const options = { rate: 100, durationMs: 300, hotNumber: hot, hotRatio: 1, giveUpMs: 3000, retransmit: true };
  return (await startCaller({ target: `udp:${south}`, ...options }).finished).ordinary;
};

beforeAll(async () => {
  ended.folder = mkdtempSync(join(tmpdir(), 'surgegate-'));
  admin = `127.0.0.1:${await freePort()}`;
  south = `127.0.0.1:${await freePort()}`;
  config = join(ended.folder, 'edge.yaml');
  writeConfig('info');
  edge = run('edge', 'run', '--config', config);
  await waitFor('the edge to be ready', async () => (await fetch(`http://${admin}/readyz`)).status === 200, 30_000);
  await waitFor('the first throttle', async () => (await fetch(`http://${admin}/v1/status`)).status === 200);
}, 40_000);

afterAll(async () => {
  await edge?.end();
  rmSync(ended.folder, { recursive: true, force: true });
});

function writeConfig(level: string): void {
  const interfaces = { south: { listen: [`udp:${south}`] }, core: { listen: ['udp:127.0.0.1:0'] } };
  const settings = {
    ...{ interfaces, switches: [{ name: 'sw1', embedded: true }], admission: { newCallsPerSecond: 500, burst: 100 } },
    ...{ admin: { listen: admin }, state: { directory: join(ended.folder, 'state') }, log: { level } },
    drain: { timeoutSeconds: 0 },
  };
  writeFileSync(config, JSON.stringify(settings));
}

describe('an edge that runs', { timeout: 30_000 }, () => {
  it('refuses calls to a number that the operator has blocked, and no others once it is free again', async () => {
    expect(await callHot()).toMatchObject({ byStatus: { 200: expect.any(Number) }, lost: 0 });
    expect((await place({ digits: `+1${hot}`, intervalSeconds: 'stop', seconds: 600 })).status).toBe(201);
    const inForce = async () => (await metrics()).sum('surgegate_gaps', { cause: 'operator' }) === 1;
    await waitFor('the gap to be in force', inForce);
    const blocked = await callHot();
    expect(blocked.byStatus).toEqual({ 503: blocked.offered });
    expect(await gaps()).toMatchObject([{ digits: hot, intervalSeconds: 'stop', refused: blocked.offered }]);
    const counted = { cause: 'operator', result: 'refused' };
    await waitFor(
      'the counter to have them all',
      async () => (await metrics()).sum('surgegate_gap_calls_total', counted) === blocked.offered,
    );

    writeConfig('debug');
    edge.kill('SIGHUP');
    const reloaded = { result: 'applied' };
    await waitFor('the reload', async () => (await metrics()).sum('surgegate_config_reloads_total', reloaded) === 1);
    expect(await gaps()).toMatchObject([{ digits: hot, refused: blocked.offered }]);

    expect((await fetch(`http://${admin}/v1/gaps/${hot}`, { method: 'DELETE' })).status).toBe(204);
    await waitFor('the gap to be gone', async () => !(await inForce()));
    const free = await callHot();
    expect(free.byStatus).toEqual({ 200: free.offered });
    expect(edge.log()).toContain('gap placed');
    expect(edge.log()).toContain('gap removed');
  });

  const order = (method: 'PUT' | 'DELETE', path: string, body?: object) =>
    fetch(`http://${admin}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const hold = { seconds: 600, reason: 'exercise' };

  it('takes no ordinary call while it is drained by hand, and all again when that is lifted', async () => {
    expect((await order('PUT', '/v1/drain', hold)).status).toBe(200);
    expect((await fetch(`http://${admin}/readyz`)).status).toBe(503);
    const drained = await callHot();
    expect(drained.byStatus).toEqual({ 503: drained.offered });
    expect((await metrics()).sum('surgegate_requests_total', { reason: 'draining' })).toBe(drained.offered);
    expect((await order('DELETE', '/v1/drain')).status).toBe(204);
    expect((await fetch(`http://${admin}/readyz`)).status).toBe(200);
    const free = await callHot();
    expect(free.byStatus).toEqual({ 200: free.offered });
  });

  it('is in the mode that is ordered by hand, and keeps the audit of it', async () => {
    expect((await order('PUT', '/v1/mode', { mode: 'L1', ...hold })).status).toBe(200);
    const isIn = (mode: string) => async () => (await get<Status>('/v1/status')).mode === mode;
    await waitFor('the mode', isIn('L1'));
    expect((await get<Status>('/v1/status')).causes).toEqual(['operator']);
    expect((await order('DELETE', '/v1/mode')).status).toBe(204);
    await waitFor('the mode to end', isIn('L0'));
    expect((await order('PUT', '/v1/switches/sw1/drain', hold)).status).toBe(409);
    const { entries } = await get<{ entries: AuditEntry[] }>('/v1/audit');
    expect(entries.slice(0, 4).map(({ by, action }) => `${by} ${action}`)).toEqual([
      'local lift-override',
      'local override',
      'local lift-drain',
      'local drain',
    ]);
    const file = join(ended.folder, 'state', 'audit.jsonl');
    const written = async () => readFileSync(file, 'utf8').trimEnd().split('\n').length === entries.length;
    await waitFor('the audit to be written', written);
  });

  it('says what it sees', async () => {
    const status = await get<Status>('/v1/status');
    expect(status).toMatchObject({ controlEnabled: true, shadow: false, draining: false });
    expect(status.switches).toMatchObject([{ name: 'sw1', state: 'up', silent: false }]);
    expect(status.interfaces.map(({ name }) => name)).toEqual(['south']);
    const { samples } = await metrics();
    const one = (name: string) => samples.find((sample) => sample.name === name)?.value;
    expect(one('surgegate_running_mode')).toBe(0);
    expect(one('surgegate_neighbour_calls_asked_total')).toBeGreaterThan(0);
    expect(one('surgegate_event_loop_utilisation_ratio')).toBeGreaterThan(0);
  });

  it('has all of it in its history, and tells it among the events', async () => {
    const history = await get<HistoryJson>('/v1/history?seconds=600');
    const { south } = history.interfaces;
    const sum = (rates: readonly number[]) => rates.reduce((total, one) => total + one, 0);
    const counted = (await metrics()).sum('surgegate_requests_total', { method: 'INVITE', class: 'new-call' });
    expect(sum(south!.offered)).toBeGreaterThan(counted / 2);
    expect(sum(south!.completed)).toBeGreaterThan(0);
    expect(sum(history.switches.sw1!.answered)).toBeGreaterThan(0);
    const completed = { interface: 'south', class: 'new-call' };
    expect((await metrics()).sum('surgegate_calls_completed_total', completed)).toBe(
      (await metrics()).sum('surgegate_requests_total', { decision: 'forward', reason: 'admitted' }),
    );
    const { entries } = await get<{ entries: TimelineEntry[] }>('/v1/events');
    const told = entries.map(({ kind, text, by }) => `${kind} ${by ?? ''} ${text}`).join('\n');
    for (const line of [
      /^operator local gap placed on 5550001111 stop/m,
      /^operator local gap on 5550001111 lifted$/m,
      /^drain {2}draining/m,
      /^mode {2}running mode L0 → L1: operator$/m,
      /^reload {2}configuration reloaded$/m,
    ])
      expect(told).toMatch(line);
  });

  it('`surgegate status` prints it', async () => {
    const shown = run('status', 'status', '--admin', admin);
    expect(await shown.exited).toMatchObject({ code: 0 });
    expect(shown.log()).toMatch(/^surgegate \d.*\nSWITCH +STATE.*\nsw1 +up /s);
  });

  it('`surgegate refusals` tells why a call was refused, and what was in force then', async () => {
    expect((await order('PUT', '/v1/mode', { mode: 'L2', ...hold })).status).toBe(200);
    expect((await place({ digits: hot, intervalSeconds: 'stop', seconds: 600 })).status).toBe(201);
    await waitFor('the mode', async () => (await get<Status>('/v1/status')).mode === 'L2');
    await waitFor('the gap', async () => (await metrics()).sum('surgegate_gaps', { cause: 'operator' }) === 1);
    const before = await get<RefusalsJson>('/v1/refusals?limit=1');
    const refused = await callHot();
    const { seen, sampledRatio, entries } = await get<RefusalsJson>('/v1/refusals?reason=gap');
    expect([seen - before.seen, sampledRatio]).toEqual([refused.offered, 1]);
    expect(entries[0]).toMatchObject({
      ...{ interface: 'south', method: 'INVITE', class: 'new-call', status: 503, number: hot, shadow: false },
      throttle: { mode: 'L2', causes: ['operator'] },
    });

    const one = run('refusals', 'refusals', '--admin', admin, '--call-id', entries[0]!.callId);
    expect(await one.exited).toMatchObject({ code: 0 });
    expect(one.log()).toMatch(/ INVITE \(new-call\) to 5550001111, from south at 127\.[\d.]+:\d+\n/);
    expect(one.log()).toMatch(
      /\n {2}reason +gap: the called number, or its first digits, are gapped; running mode L2 because of operator\n/,
    );
    const table = run('refusals', 'refusals', '--admin', admin, '--number', hot, '--limit', '5', '--json');
    expect(await table.exited).toMatchObject({ code: 0 });
    expect((JSON.parse(table.log()) as RefusalsJson).entries).toEqual(
      entries.slice(0, 5).map((entry) => ({ ...entry, at: expect.any(String) })),
    );
    const none = run('refusals', 'refusals', '--admin', admin, '--number', '999999');
    expect(await none.exited).toMatchObject({ code: 1 });
    expect(none.log()).toMatch(/^no such refusal is kept; /);

    for (const path of ['/v1/mode', `/v1/gaps/${hot}`]) expect((await order('DELETE', path)).status).toBe(204);
  });

  it('`surgegate status --watch` prints page after page where it is no terminal, until SIGINT', async () => {
    const watch = run('watch', 'status', '--admin', admin, '--watch', '0.2');
    await waitFor('three pages', () => watch.log().split(/^surgegate \d/m).length >= 4, 20_000);
    watch.kill('SIGINT');
    expect(await watch.exited).toMatchObject({ code: 0 });
    expect(watch.log()).toContain('\n\nsurgegate ');
    expect(watch.log()).not.toContain('\u001b');
  });

  it.each([
    [() => `127.0.0.1:${new URL(`http://${south}`).port}`, /^surgegate: no edge can be reached at \S+: .+\n$/],
    [() => 'nonsense', /^surgegate: --admin: nonsense is not HOST:PORT or \[IPv6\]:PORT\n$/],
  ])('`surgegate status` fails with one line where there is none', async (address, line) => {
    const failed = run('status', 'status', '--admin', address());
    expect(await failed.exited).toMatchObject({ code: 1 });
    expect(failed.log()).toMatch(line);
  });

  it('changes nothing for a web page but with the token that it has printed, and ends although one watches', async () => {
    const [, page] = /^ {2}console http:\/\/\S+\/#token=(\S+)$/m.exec(edge.log()) ?? [];
    // the page is there where it was built
    const headers = { 'content-type': 'application/json', origin: `http://${admin}` };
    const shadow = (some: Record<string, string> = {}) =>
      fetch(`http://${admin}/v1/shadow`, {
        method: 'PUT',
        headers: { ...headers, ...some },
        body: JSON.stringify({ on: true, ...hold }),
      });
    expect((await shadow()).status).toBe(page === undefined ? 403 : 401);
    expect((await get<Status>('/v1/status')).shadow).toBe(false);
    const ordered = await (page === undefined
      ? order('PUT', '/v1/shadow', { on: true, ...hold })
      : shadow({ authorization: `Bearer ${page}` }));
    expect(ordered.status).toBe(200);
    edge.kill('SIGHUP');
    const reloads = async () => (await metrics()).sum('surgegate_config_reloads_total', { result: 'applied' });
    await waitFor('the second reload', async () => (await reloads()) === 2);
    expect(await get<Status>('/v1/status')).toMatchObject({ shadow: true, controls: { shadow: { on: true } } });

    const stream = await fetch(`http://${admin}/v1/stream`);
    edge.kill('SIGTERM');
    expect(await edge.exited).toMatchObject({ code: 0 });
    expect(await stream.text()).toContain('event: status');
  });
});
