// Cases that run on both engines (engine-features.ts says which): what a caller and a switch see must not depend on whose sockets those
// are. The suites of the embedded engine run them by themselves; engine-drachtio.test.ts runs them on a drachtio-server.
import { expect } from 'vitest';
import type { HistoryJson } from '../../src/admin/history-json.ts';
import { expectBalanced } from '../peers/books.ts';
import { type Edge, type EngineName, type Section, startEdge } from '../peers/edge.ts';
import type { Lab } from '../peers/lab-test.ts';
import type { Metrics } from '../peers/metrics.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { ample, type SwitchKind, setUp } from './setting.ts';

/**
 * On a drachtio-server the cases run side by side, and a machine that is busy with them is not to be taken for a surge. What control does
 * there, engine-drachtio-surge.test.ts shows.
 */
export const calm = (engine: EngineName): Section => (engine === 'drachtio' ? { control: { enabled: false } } : {});

/** What a drachtio-server takes for a new call: an INVITE that a caller repeats because it was not given the processor in time. */
export const once = (engine: EngineName): SippOptions => (engine === 'drachtio' ? { noRetransmission: true } : {});

/** A flood on one side: each call is answered or refused, and the switch sees no others. */
export async function floodIsRefused(lab: Lab, engine: EngineName, side: 'south' | 'east', scenario: string) {
  const sides = { south: { pushback: 'retry-after' }, east: { pushback: 'reject' } };
  const admission = { newCallsPerSecond: 5, burst: 5 };
  const rest = { admission, ...calm(engine) };
  const { called, edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { engine, sides, rest } });
  const calls = 200;
  const flood = { to: edge.address[side], calls, callsPerSecond: 200, trace: true, ...once(engine) };
  const caller = await startSipp(lab, scenario, flood);
  const result = await caller.result();
  expect(result).toMatchObject({ exitCode: 0, successful: calls });
  expect(result.refused).toBeGreaterThan(calls / 2);
  expect(result.calls).toBeGreaterThan(0);
  expect((await called.stop()).calls).toBe(result.calls);
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { decision: 'reject', class: 'new-call' })).toBe(result.refused);
  // The ACK of a refusal is known by its To tag, without any memory of the refusal (RFC 3261 §8.2.7); a drachtio-server keeps it.
  const acks = metrics.sum('surgegate_requests_total', { reason: 'ack-of-refusal' });
  expect(acks).toBe(engine === 'embedded' ? result.refused : 0);
  // A drachtio-server says 100 Trying to every call, before the edge knows of it.
  expect(caller.callsWith(/^SIP\/2\.0 100/)).toBe(engine === 'embedded' ? result.calls : calls);
  await edge.child().end();
}

/** SIGTERM while calls ring: they are answered, new ones refused, and the edge ends by itself. */
export async function drainsRingingCalls(lab: Lab, engine: EngineName, kind: SwitchKind): Promise<void> {
  const rest = { drain: { timeoutSeconds: 60 }, ...calm(engine) };
  const called = { talkMs: 2_000, trace: true };
  const setting = await setUp(lab, 'uas-slow', kind, { called, edge: { engine, rest } });
  const { edge } = setting;
  const to = edge.address.south;
  const ringing = { to, calls: 3, talkMs: 100, trace: true, limitSeconds: 30, ...once(engine) };
  const caller = await startSipp(lab, 'uac-call', ringing);
  await waitFor('all calls to ring', () => caller.callsWith(/^SIP\/2\.0 180/) === 3);
  edge.kill('SIGTERM');
  await waitFor('the edge not to be ready', async () => (await edge.page('/readyz')).status !== 200);
  const refused = await startSipp(lab, 'uac-refused', { to, calls: 2, limitSeconds: 20, ...once(engine) });
  expect(await refused.result()).toMatchObject({ exitCode: 0, successful: 2 });
  const metrics = await edge.metrics();
  expect(metrics.sum('surgegate_requests_total', { reason: 'draining' })).toBe(2);
  expect(metrics.sum('surgegate_draining')).toBe(1);
  await waitFor('all calls to be answered', () => caller.callsWith(/^ACK /) === 3);
  expect(await edge.exited()).toEqual({ code: 0, signal: null });
  expect(setting.called.callsWith(/^ACK /)).toBe(3);
}

const outside = ['south', 'east', 'west', 'north'] as const;

/** Callers on all sides at once. */
export async function allSidesComplete(lab: Lab, engine: EngineName, kind: SwitchKind, calls: number): Promise<void> {
  const sides = { south: {}, east: {}, west: {}, north: {} };
  const { called, edge } = await setUp(lab, 'uas-call', kind, { edge: { engine, sides, rest: calm(engine) } });
  const call = { calls, callsPerSecond: 20, talkMs: 300, limitSeconds: 30, ...once(engine) };
  const callers = await Promise.all(
    outside.map((side) => startSipp(lab, 'uac-call', { to: edge.address[side], ...call })),
  );
  for (const caller of callers) {
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  }
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: 4 * calls });
  const metrics = await expectBalanced(edge);
  for (const side of outside) {
    expect(metrics.sum('surgegate_requests_total', { interface: side, reason: 'admitted' })).toBe(calls);
  }
}

const health = { intervalSeconds: 1, timeoutMs: 300, failuresToDown: 2, successesToUp: 1 };

/** An edge with two switches that it soon knows to be dead. */
export function edgeOfTwo(lab: Lab, engine: EngineName, first: string, second: string): Promise<Edge> {
  const switches = [
    { name: 'first', address: `udp:${first}` },
    { name: 'second', address: `udp:${second}` },
  ];
  const rest = { admission: ample, health, timers: { switchTimeoutMs: 600 }, ...calm(engine) };
  // on a drachtio-server only what is privileged is tried again unless it is told otherwise
  return startEdge(lab, { engine, switches, rest, ...(engine === 'drachtio' ? { link: { failOver: 'always' } } : {}) });
}

export function untilUp(edge: Edge, name: string, up: 0 | 1): Promise<true> {
  return waitFor(`switch ${name} to be ${up === 1 ? 'up' : 'down'}`, async () => {
    const metrics = await edge.metrics();
    return metrics.sum('surgegate_switch_up', { switch: name }) === up || undefined;
  });
}

/** A switch that refuses with 503 is passed over, and the caller hears nothing of it. */
export async function overloadedSwitchIsPassedOver(lab: Lab, engine: EngineName): Promise<void> {
  const first = await startSipp(lab, 'uas-overloaded');
  const second = await startSipp(lab, 'uas-call');
  const edge = await edgeOfTwo(lab, engine, first.address, second.address);
  const call = {
    to: edge.address.south,
    calls: 30,
    callsPerSecond: 30,
    talkMs: 100,
    limitSeconds: 30,
    ...once(engine),
  };
  expect(await (await startSipp(lab, 'uac-call', call)).result()).toMatchObject({ exitCode: 0, successful: 30 });
  expect((await second.stop()).calls).toBe(30);
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_switch_responses_total', { switch: 'first', code: '503' })).toBeGreaterThan(0);
}

/** No switch at all: refused at once, and answered truthfully. */
export async function refusesWithoutSwitch(lab: Lab, engine: EngineName): Promise<void> {
  const edge = await edgeOfTwo(lab, engine, '127.0.0.1:9', '127.0.0.1:19');
  await untilUp(edge, 'first', 0);
  await untilUp(edge, 'second', 0);
  const caller = await startSipp(lab, 'uac-refused', {
    to: edge.address.south,
    calls: 5,
    limitSeconds: 20,
    ...once(engine),
  });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 5 });
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { reason: 'no-switch' })).toBe(5);
}

/** Sends SIGHUP and waits until the edge has counted one reload more with that result. */
export async function reload(edge: Edge, result: 'applied' | 'refused'): Promise<void> {
  const count = async (): Promise<number> => (await edge.metrics()).sum('surgegate_config_reloads_total', { result });
  const before = await count();
  edge.kill('SIGHUP');
  await waitFor(`a reload to be ${result}`, async () => (await count()) === before + 1 || undefined);
}

/** Reloads under load, again and again: no call is lost, and a new switch gets its share. */
export async function reloadsUnderLoad(lab: Lab, engine: EngineName, kind: SwitchKind, calls: number): Promise<void> {
  const options = { called: { talkMs: 300 }, edge: { engine, rest: calm(engine) } };
  const setting = await setUp(lab, 'uas-slow', kind, options);
  const { called, edge, switchAddress } = setting;
  const second = await startSipp(lab, 'uas-slow', { talkMs: 300 });
  const to = edge.address.south;
  const steady = { to, calls, callsPerSecond: 25, talkMs: 500, limitSeconds: 40, ...once(engine) };
  const caller = await startSipp(lab, 'uac-call', steady);
  for (let round = 1; caller.child.running() && round <= 20; round++) {
    edge.config.admission = { newCallsPerSecond: 500 + round, burst: 500 };
    const one = { name: 'switch1', address: switchAddress };
    const two = { name: 'switch2', address: `udp:${second.address}`, weight: round };
    edge.config.switches = round % 2 === 0 ? [one] : [one, two];
    edge.writeConfig();
    await reload(edge, 'applied');
    const created = caller.statistics()?.created ?? 0;
    await waitFor('calls to go on', () => !caller.child.running() || (caller.statistics()?.created ?? 0) > created);
  }
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  const seen = await Promise.all([called.stop(), second.stop()]);
  for (const one of seen) expect(one).toMatchObject({ exitCode: 0, failed: 0 });
  expect(seen[1].calls).toBeGreaterThan(0);
  expect(seen[0].calls + seen[1].calls).toBe(calls);
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
}

/** The edge is killed and started again while calls are up or ring: they end in order. */
export async function survivesKill(
  lab: Lab,
  engine: EngineName,
  kind: SwitchKind,
  when: 'talking' | 'ringing',
): Promise<{ metrics: Metrics; calls: number }> {
  const calls = 5;
  const isTalking = when === 'talking';
  const options = { called: isTalking ? {} : { talkMs: 4_000 }, edge: { engine, rest: calm(engine) } };
  const { called, edge } = await setUp(lab, isTalking ? 'uas-call' : 'uas-slow', kind, options);
  const call: SippOptions = { to: edge.address.south, calls, talkMs: isTalking ? 4_000 : 200, trace: true };
  const caller: Sipp = await startSipp(lab, 'uac-call', { ...call, limitSeconds: 30, ...once(engine) });
  const seen = isTalking ? /^ACK / : /^SIP\/2\.0 180/;
  await waitFor(`all calls to be ${when}`, () => caller.callsWith(seen) === calls);
  edge.kill('SIGKILL');
  await edge.exited();
  await edge.restart();
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  const metrics = await expectBalanced(edge);
  await edge.child().end();
  return { metrics, calls };
}

/** What the console reads has each call once, and the page is there. */
export async function tellsItsHistory(lab: Lab, engine: EngineName): Promise<void> {
  const { called, edge } = await setUp(lab, 'uas-call', 'sipp', {
    edge: { engine, rest: { admission: ample, ...calm(engine) } },
  });
  const calls = 20;
  const to = edge.address.south;
  const caller = await startSipp(lab, 'uac-call', {
    to,
    calls,
    callsPerSecond: 20,
    talkMs: 100,
    limitSeconds: 20,
    ...once(engine),
  });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect((await called.stop()).calls).toBe(calls);
  const completed = { interface: 'south', class: 'new-call' };
  expect((await edge.metrics()).sum('surgegate_calls_completed_total', completed)).toBe(calls);
  // rates, of rows that are longer than a second where the machine is busy
  const isNear = (rates: readonly number[] = []): boolean => {
    const all = rates.reduce((sum, one) => sum + one, 0);
    return all > calls / 4 && all < calls * 1.5;
  };
  await waitFor('the row of the last call', async () => {
    const { interfaces, switches } = JSON.parse((await edge.page('/v1/history?seconds=600')).text) as HistoryJson;
    const { offered, admitted, completed } = interfaces.south!;
    return [offered, admitted, completed, switches.switch1?.answered].every(isNear);
  });
  expect((await edge.page('/v1/events')).text).toContain('started');
  expect(await edge.page('/')).toMatchObject({ status: 200, text: expect.stringContaining('<title>Surgegate') });
}
