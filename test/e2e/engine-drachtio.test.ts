// The drachtio engine, line by line of engine-features.ts: cases of the embedded engine's suites on a drachtio-server, and what it does
// otherwise. The server is the double of test/fakes, or a real one (test/peers/drachtio.ts).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { called as calledPartyFor } from '../fakes/drachtio-setting.ts';
import { startOtlpCollector } from '../fakes/otlp-collector.ts';
import { header, methodOf, parseSip, uriOf, values } from '../fakes/sip-text.ts';
import { expectBalanced } from '../peers/books.ts';
import { answersOptions, type Datagrams, openDatagrams, requestText } from '../peers/datagram.ts';
import { isSharedDrachtio } from '../peers/drachtio.ts';
import { type Edge, type EdgeOptions, startEdge } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite, peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { callCases, callsOfCase, expectCalls } from './call-cases.ts';
import {
  allSidesComplete,
  calm,
  drainsRingingCalls,
  floodIsRefused,
  once,
  overloadedSwitchIsPassedOver,
  refusesWithoutSwitch,
  reloadsUnderLoad,
  survivesKill,
  tellsItsHistory,
} from './engine-cases.ts';
import { type DrachtioFeature, engineFeatures } from './engine-features.ts';
import { expectPriority, priorityCases, prioritySides } from './priority-cases.ts';
import { ample, setUp } from './setting.ts';

const engine = 'drachtio';
const on = { engine, rest: calm(engine) } as const;
const calls = 3;
const call = { calls, talkMs: 100, limitSeconds: 20, ...once(engine) };

function startOn(lab: Lab, switchPort: number, options: Partial<EdgeOptions> = {}): Promise<Edge> {
  const switches = [`udp:127.0.0.1:${switchPort}`];
  return startEdge(lab, { engine, switches, ...options, rest: { admission: ample, ...calm(engine), ...options.rest } });
}

async function openCaller(lab: Lab): Promise<Datagrams> {
  const caller = await openDatagrams();
  lab.onEnd(() => caller.close());
  return caller;
}

/** All kinds of calls through one edge, some at a time, each to a switch of its own by the number called. */
async function everyCall(lab: Lab): Promise<void> {
  const numbered = callCases.map((one, i) => ({ one, number: String(2125550100 + i), group: `case${i}` }));
  const dialplan = join(lab.dir, 'cases.yaml');
  const rules = numbered.map(({ number, group }) => ({ name: group, match: number, route: group }));
  const other = { route: numbered[0]!.group };
  writeFileSync(dialplan, JSON.stringify({ name: 'cases', sos: other, otherwise: other, rules }));
  const called = await Promise.all(
    numbered.map(({ one }) => startSipp(lab, one.uas, { talkMs: 200, limitSeconds: 60, ...one.called })),
  );
  const switches = numbered.map(({ group }, i) => ({ name: group, group, address: `udp:${called[i]!.address}` }));
  const edge = await startEdge(lab, { engine, switches, rest: { admission: ample, dialplan, ...calm(engine) } });
  const left = numbered.map(({ one, number }, i) => () => {
    const more = { service: number, limitSeconds: 40, ...once(engine) };
    return expectCalls(lab, one, edge.address.south, called[i]!, more);
  });
  const inTurn = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await next();
  };
  await Promise.all([inTurn(), inTurn(), inTurn(), inTurn(), inTurn()]);
  const metrics = await expectBalanced(edge);
  const invites = callCases.reduce((sum, { invites: n = 1 }) => sum + n * callsOfCase, 0);
  expect(metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' })).toBe(invites);
  expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
}

/** One after the other on one edge: each has another called party at the switch's address. */
async function everyPriority(lab: Lab): Promise<void> {
  const first = await startSipp(lab, 'uas-call');
  const edge = await startOn(lab, first.port, { sides: prioritySides });
  await first.stop();
  for (const one of Object.values(priorityCases)) {
    await expectPriority(lab, edge, one, await startSipp(lab, one.uas, { port: first.port }), once(engine));
  }
}

async function overTcp(lab: Lab): Promise<void> {
  const options = { called: { transport: 'tcp' }, edge: on } as const;
  const { called, edge } = await setUp(lab, 'uas-reinvite', 'sipp', options);
  const caller = await startSipp(lab, 'uac-reinvite', { to: edge.address.south, transport: 'tcp', ...call });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  const metrics = await expectBalanced(edge);
  const received = { interface: 'south', transport: 'tcp' };
  expect(metrics.sum('surgegate_socket_received_messages_total', received)).toBe(calls);
}

async function outwardByRoute(lab: Lab): Promise<void> {
  const called = await startSipp(lab, 'uas-call', { host: '127.0.2.1' });
  const edge = await startOn(lab, 9, { sides: { south: {}, east: { networks: ['127.0.2.0/24'] } } });
  const keys = { target: called.address, route: `<sip:${edge.address.core};lr>` };
  const caller = await startSipp(lab, 'uac-outward', { to: edge.address.core, keys, ...call });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { interface: 'core', reason: 'from-core' })).toBe(calls);
}

async function ownOptions(lab: Lab): Promise<void> {
  const edge = await startOn(lab, 9);
  expect(await answersOptions('127.0.0.1', edge.port.south, 10_000)).toBe(true);
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { decision: 'answer', reason: 'options' })).toBe(1);
}

async function untrustedPriorityArrives(lab: Lab): Promise<void> {
  const { called, edge } = await setUp(lab, 'uas-priority', 'sipp', { edge: { ...on, sides: prioritySides } });
  const caller = await startSipp(lab, 'uac-priority', { to: edge.address.south, keys: { rp: 'ets.0' }, ...call });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { class: 'new-call', reason: 'admitted' })).toBe(calls);
}

async function treatsOwnUriOnly(lab: Lab): Promise<void> {
  const party = await calledPartyFor((request) => (methodOf(request) === 'INVITE' ? ['486 Busy Here'] : ['200 OK']));
  const edge = await startOn(lab, party.port);
  const caller = await openCaller(lab);
  const dialled = ['127.0.0.1', 'example.test'].map((host) =>
    host === '127.0.0.1' ? `sip:*2722125551234@${edge.address.south}` : `sip:*2722125551234@${host}`,
  );
  for (const uri of dialled) caller.send(requestText({ host: caller.host, port: caller.port, uri }), edge.port.south);
  await waitFor('both to be called', () => party.got('INVITE').length === 2);
  const seen = party.got('INVITE').map(uriOf);
  expect(new Set(seen)).toEqual(new Set([`sip:2125551234@127.0.0.1:${party.port};transport=udp`, dialled[1]]));
  for (const invite of party.got('INVITE')) expect(values(invite, 'resource-priority')).toEqual(['wps.4']);
}

async function silenceIsRefusal(lab: Lab): Promise<void> {
  const sides = { south: { pushback: 'drop' } };
  const { edge } = await setUp(lab, 'uas-call', 'sipp', {
    edge: { engine, sides, rest: { admission: { newCallsPerSecond: 1, burst: 1 } } },
  });
  const caller = await openCaller(lab);
  for (let i = 0; i < 20; i++) caller.send(requestText({ host: caller.host, port: caller.port }), edge.port.south);
  const metrics = await waitFor('all to be decided', async () => {
    const now = await edge.metrics();
    return now.sum('surgegate_requests_total', { method: 'INVITE' }) === 20 ? now : undefined;
  });
  expect(metrics.sum('surgegate_requests_total', { decision: 'drop' })).toBe(0);
  expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBeGreaterThan(10);
  const refusal = parseSip(await caller.next(/^SIP\/2\.0 503/))!;
  expect(header(refusal, 'retry-after')).toBe('');
}

async function finalAnswerOnce(lab: Lab): Promise<void> {
  const party = await calledPartyFor((request) => (methodOf(request) === 'INVITE' ? ['486 Busy Here'] : ['200 OK']));
  const edge = await startOn(lab, party.port);
  const caller = await openCaller(lab);
  const text = requestText({ host: caller.host, port: caller.port, uri: `sip:5551234@${edge.address.south}` });
  caller.send(text, edge.port.south);
  await caller.next(/^SIP\/2\.0 486/);
  caller.send(text, edge.port.south);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(caller.received.filter((one) => one.startsWith('SIP/2.0 486'))).toHaveLength(1);
  expect(party.got('INVITE')).toHaveLength(1);
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { method: 'INVITE' })).toBe(1);
}

async function registersWithoutPath(lab: Lab): Promise<void> {
  const party = await calledPartyFor(() => ['200 OK']);
  const edge = await startOn(lab, party.port);
  const client = await openCaller(lab);
  const text = requestText({ method: 'REGISTER', uri: 'sip:example.test', host: client.host, port: client.port });
  client.send(text, edge.port.south);
  await client.next(/^SIP\/2\.0 200/);
  const [register] = party.got('REGISTER');
  expect(values(register!, 'path')).toEqual([]);
  expect(values(register!, 'contact')).toEqual(values(parseSip(text)!, 'contact'));
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { class: 'registration', reason: 'admitted' })).toBe(1);
}

async function dialogsWithoutUs(lab: Lab): Promise<void> {
  const { called, edge } = await setUp(lab, 'uas-reinvite', 'sipp', { edge: on });
  const caller = await startSipp(lab, 'uac-reinvite', { to: edge.address.south, ...call });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  const metrics = await expectBalanced(edge);
  expect(metrics.sum('surgegate_requests_total', { class: 'in-dialog' })).toBe(0);
}

async function linkIsLost(lab: Lab): Promise<void> {
  const link = { retryMaxDelayMs: 500, selfTestSeconds: 0 };
  const { called, edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { ...on, link } });
  const apps = edge.drachtio?.double?.apps;
  const to = edge.address.south;
  const talking = await startSipp(lab, 'uac-call', { ...call, to, talkMs: 2_500, trace: true });
  await waitFor('all calls to be talking', () => talking.callsWith(/^ACK /) === calls);
  // a real one is not told to let go: there the case is only that calls complete
  if (apps !== undefined) {
    apps.refuse(true);
    apps.drop();
    await waitFor('the edge not to be ready', async () => (await edge.page('/readyz')).status !== 200);
    const caller = await openCaller(lab);
    caller.send(requestText({ host: caller.host, port: caller.port }), edge.port.south);
    const refusal = parseSip(await caller.next(/^SIP\/2\.0 503/))!;
    expect(header(refusal, 'retry-after')).toBe('');
    apps.refuse(false);
    await edge.waitReady();
    expect((await edge.metrics()).sum('surgegate_drachtio_losses_total')).toBe(1);
  }
  expect(await talking.result()).toMatchObject({ exitCode: 0, successful: calls });
  const again = await startSipp(lab, 'uac-call', { to, ...call });
  expect(await again.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: 2 * calls });
}

/** Of attempts the server tells when they are over, of dialogs nothing. */
async function tracesWholeCalls(lab: Lab): Promise<void> {
  const collector = await startOtlpCollector();
  lab.onEnd(() => collector.close());
  const called = await startSipp(lab, 'uas-call');
  const edge = await startOn(lab, called.port, { rest: { tracing: { otlp: collector.url, ratio: 1 } } });
  const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, ...call });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  await waitFor('a span of each call', () => collector.spans.length === calls, 20_000);
  const attributes = { 'surgegate.attempts': 1, 'surgegate.switch': 'switch1', 'sip.status_code': 200 };
  for (const span of collector.spans) expect(span).toMatchObject({ name: 'INVITE', isError: false, attributes });
  expect((await edge.metrics()).sum('surgegate_traces_open_dialogs')).toBe(0);
}

/** Every line but those of the embedded engine alone, and the surge, which has the machine to itself. */
const cases: Readonly<Record<Exclude<DrachtioFeature, 'surge'>, (lab: Lab) => Promise<unknown>>> = {
  calls: everyCall,
  priority: everyPriority,
  untrustedPriority: untrustedPriorityArrives,
  treatment: treatsOwnUriOnly,
  refusal: async (lab) => {
    await floodIsRefused(lab, engine, 'south', 'uac-flood-retry-after');
    await floodIsRefused(lab, engine, 'east', 'uac-flood-no-retry-after');
  },
  silence: silenceIsRefusal,
  retransmissions: finalAnswerOnce,
  sides: (lab) => allSidesComplete(lab, engine, 'sipp', 10),
  transports: overTcp,
  failOver: (lab) => overloadedSwitchIsPassedOver(lab, engine),
  health: (lab) => refusesWithoutSwitch(lab, engine),
  drain: (lab) => drainsRingingCalls(lab, engine, 'sipp'),
  reload: (lab) => reloadsUnderLoad(lab, engine, 'sipp', 50),
  kill: async (lab) => {
    await survivesKill(lab, engine, 'sipp', 'talking');
    await survivesKill(lab, engine, 'sipp', 'ringing');
  },
  link: linkIsLost,
  outward: outwardByRoute,
  registration: registersWithoutPath,
  options: ownOptions,
  inDialog: dialogsWithoutUs,
  history: (lab) => tellsItsHistory(lab, engine),
  tracing: tracesWholeCalls,
};

const suite = isSharedDrachtio ? peerSuite : concurrentPeerSuite;

suite('on a drachtio-server', () => {
  for (const [feature, run] of Object.entries(cases)) {
    const { name, drachtio } = engineFeatures[feature as DrachtioFeature];
    labTest(`${name}: ${drachtio === '' ? 'the same' : drachtio}`, ({ lab }) => run(lab));
  }
});
