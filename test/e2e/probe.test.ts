// `surgegate probe` as an operator runs it, through a running edge: both calls, a surge, nobody there, nobody picks up, signals.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { makeCertificate } from '../peers/certificate.ts';
import type { Child } from '../peers/child.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { parseMetrics } from '../peers/metrics.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { freePort } from '../peers/ports.ts';
import { waitFor } from '../peers/wait.ts';
import { setUp } from './setting.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const command =
  process.env.SURGEGATE_FROM_SOURCE === undefined
    ? [join(root, 'dist/cli.js')]
    : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts')];

const trusting = { south: { trust: { resourcePriority: true } } };
const embedded = [{ name: 'demo', embedded: true }];

function startProbe(lab: Lab, address: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Child {
  return lab.start(lab.uniqueName('probe'), process.execPath, [...command, 'probe', address, ...more], env);
}

/** Exit status, and what was said, by lines. */
async function probe(lab: Lab, address: string, more: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const child = startProbe(lab, address, ['--hold', '0.1', ...more], env);
  const { code } = await child.exited;
  return { status: code, lines: child.log().trimEnd().split('\n') };
}

const completed = (callClass: string) =>
  expect.stringMatching(new RegExp(`^${callClass} +completed +200 \\S+, set-up \\d+ ms$`));
const both = [completed('ordinary'), completed('priority')];

/** So many ordinary and as many priority calls. */
async function expectForwarded(edge: Edge, calls: number): Promise<void> {
  const metrics = await expectBalanced(edge);
  const invites = (reason: string) => metrics.sum('surgegate_requests_total', { method: 'INVITE', reason });
  expect([invites('admitted'), invites('priority')]).toEqual([calls, calls]);
}

concurrentPeerSuite('probe', () => {
  labTest('both calls complete at SIPp behind the edge; SIGTERM hangs up calls that are held', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'sipp', {
      edge: { sides: trusting },
      called: { trace: true },
    });
    const address = `udp:${edge.address.south}`;
    expect(await probe(lab, address)).toEqual({ status: 0, lines: both });
    const child = startProbe(lab, address, ['--hold', '60']);
    await waitFor('two more calls', () => called.callsWith(/^ACK /) === 4);
    child.kill('SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(child.log().trimEnd().split('\n')).toEqual(both);
    expect(await called.stop()).toMatchObject({ exitCode: 0, calls: 4, failed: 0, unexpected: 0 });
    await expectForwarded(edge, 2);
  });

  labTest('both calls complete at Kamailio behind the edge: UDP, TCP, WebSocket', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'kamailio', { edge: { sides: trusting, webSocket: {} } });
    const addresses = [`udp:${edge.address.south}`, `tcp:${edge.address.south}`, edge.webSocketUrl.south];
    const results = await Promise.all(addresses.map((address) => probe(lab, address)));
    expect(results).toEqual(addresses.map(() => ({ status: 0, lines: both })));
    expect(await called.stop()).toMatchObject({ exitCode: 0, calls: 6, failed: 0, unexpected: 0 });
    await expectForwarded(edge, 3);
  });

  labTest('and over TLS and secure WebSocket, where the authority is known', async ({ lab }) => {
    const tls = makeCertificate(lab);
    const edge = await startEdge(lab, { sides: trusting, switches: embedded, webSocket: {}, tls: { ...tls } });
    const addresses = [`tls:${edge.tlsAddress.south}`, edge.secureWebSocketUrl.south];
    const known = { NODE_EXTRA_CA_CERTS: tls.certificate };
    const results = await Promise.all(addresses.map((address) => probe(lab, address, ['--json'], known)));
    for (const { status, lines } of results) {
      const calls = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      const wanted = (name: string) => expect.objectContaining({ class: name, outcome: 'completed', status: 200 });
      expect([status, calls]).toEqual([0, [wanted('ordinary'), wanted('priority')]]);
    }
    const unknown = await Promise.all(addresses.map((address) => probe(lab, address)));
    expect(unknown.map(({ status, lines }) => [status, lines.length])).toEqual([
      [3, 1],
      [3, 1],
    ]);
    await expectForwarded(edge, 2);
  });

  labTest('a surge: the ordinary call is refused, the priority call completes', async ({ lab }) => {
    const south = { ...trusting.south, pushback: 'retry-after' };
    const admission = { newCallsPerSecond: 1, burst: 1, priorityCapPerSecond: 1000 };
    const edge = await startEdge(lab, { sides: { south }, switches: embedded, rest: { admission } });
    // priority calls take what ordinary calls would have, and go into debt for it: no token is left to chance
    const source = await openDatagrams();
    const timer = setInterval(() => {
      const headers = ['Resource-Priority: ets.0'];
      const uri = 'sip:noanswer@example.test';
      source.send(requestText({ host: source.host, port: source.port, uri, headers }), edge.port.south);
    }, 20);
    lab.onEnd(() => {
      clearInterval(timer);
      source.close();
    });
    await source.next(/^SIP\/2\.0 180/);
    const address = `udp:${edge.address.south}`;
    const every = startProbe(lab, address, ['--every', '1', '--hold', '0']);
    const { status, lines } = await probe(lab, address);
    expect(lines).toEqual([
      expect.stringMatching(/^ordinary +refused +503 .*, Retry-After \d+ s, by Surgegate: edge-rate$/),
      completed('priority'),
    ]);
    expect(status).toBe(1);
    await waitFor('a round that is held', () => /ordinary +held +Retry-After has \d+ s to go/.test(every.log()));
    await waitFor('priority calls', () => (every.log().match(/priority +completed/g) ?? []).length >= 2);
    every.kill('SIGTERM');
    expect(await every.exited).toMatchObject({ code: 0 });
  });

  labTest('nobody there, or no address: one line', async ({ lab }) => {
    const port = await freePort();
    const addresses = [`udp:127.0.0.1:${port}`, `tcp:127.0.0.1:${port}`, `ws://127.0.0.1:${port}`];
    const results = await Promise.all(addresses.map((address) => probe(lab, address)));
    expect(results).toEqual(
      addresses.map((address) => ({ status: 3, lines: [`surgegate: ${address}: nobody listens there`] })),
    );
    expect(await probe(lab, 'sip:127.0.0.1:5060')).toMatchObject({
      status: 3,
      lines: [expect.stringMatching(/^surgegate: sip:127\.0\.0\.1:5060 is not udp:HOST:PORT/)],
    });
    const unknown = await probe(lab, '127.0.0.1:5060', ['--often']);
    expect(unknown).toEqual({ status: 3, lines: ["error: unknown option '--often'"] });
  });

  labTest('nobody picks up: cancelled', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-cancel', 'kamailio', { edge: { sides: trusting } });
    const { status, lines } = await probe(lab, `udp:${edge.address.south}`, ['--timeout', '3']);
    const timeout = (name: string) => expect.stringMatching(new RegExp(`^${name} +timeout +180 .*cancelled`));
    expect(lines).toEqual([timeout('ordinary'), timeout('priority')]);
    expect(status).toBe(2);
    expect(await called.stop()).toMatchObject({ exitCode: 0, calls: 2, failed: 0 });
  });

  labTest('only the ordinary call is not picked up; SIGTERM cancels calls that ring', async ({ lab }) => {
    const edge = await startEdge(lab, { sides: trusting, switches: embedded, webSocket: {} });
    const numbers = ['--to', 'noanswer', '--priority-to', '5551234', '--timeout', '3'];
    const { status, lines } = await probe(lab, edge.webSocketUrl.south, numbers);
    expect(lines).toEqual([expect.stringMatching(/^ordinary +timeout +180 .*cancelled/), completed('priority')]);
    expect(status).toBe(1);
    const before = await edge.metrics();

    const addresses = [`udp:${edge.address.south}`, edge.webSocketUrl.south];
    const children = addresses.map((address) => startProbe(lab, address, ['--to', 'noanswer', '--timeout', '60']));
    // 100 and 180 of either call of either probe
    const told = { interface: 'south', direction: 'sent', code: '1xx' };
    await waitFor('all to ring', async () => {
      const responses = (await edge.metrics()).sum('surgegate_responses_total', told);
      return responses - before.sum('surgegate_responses_total', told) >= 8;
    });
    for (const child of children) child.kill('SIGTERM');
    for (const child of children) {
      expect(await child.exited).toMatchObject({ code: 3 });
      expect(child.log()).toBe('surgegate: interrupted\n');
    }
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { method: 'CANCEL', reason: 'cancelled' })).toBe(5);
    expect(metrics.sum('surgegate_switch_responses_total', { code: '487' })).toBe(5);
  });

  labTest('ends in order when nobody reads its lines any more', async ({ lab }) => {
    const edge = await startEdge(lab, { sides: trusting, switches: embedded });
    const line = [process.execPath, ...command, 'probe', `udp:${edge.address.south}`, '--hold', '0', '--every', '1'];
    const script = '"$@" | head -n 1; echo "ended with $PIPESTATUS"';
    const shell = lab.start(lab.uniqueName('probe'), 'bash', ['-c', script, 'bash', ...line]);
    await shell.exited;
    const lines = shell.log().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.at(-1)).toBe('ended with 0');
  });

  labTest('at an interval, on a page for Prometheus', async ({ lab }) => {
    const edge = await startEdge(lab, { sides: trusting, switches: embedded });
    const child = startProbe(lab, `udp:${edge.address.south}`, ['--every', '1', '--hold', '0', '--metrics', '0']);
    const url = await waitFor('its page', () => /metrics on (http:\S+)/.exec(child.log())?.[1]);
    const metrics = await waitFor('three rounds', async () => {
      const page = parseMetrics(await (await fetch(url)).text());
      const done = (name: string) => page.sum('surgegate_probe_calls_total', { class: name, outcome: 'completed' });
      return done('ordinary') >= 3 && done('priority') >= 3 ? page : undefined;
    });
    for (const name of ['ordinary', 'priority']) {
      const of = (metric: string) => metrics.sum(`surgegate_probe_${metric}`, { class: name });
      expect(of('calls_total')).toBe(of('setup_seconds_count'));
      expect(of('first_response_seconds_count')).toBe(of('setup_seconds_count'));
      expect([of('success'), of('last_status'), of('held_total')]).toEqual([1, 200, 0]);
      expect(of('last_success_timestamp_seconds')).toBeGreaterThan(1_700_000_000);
    }
    child.kill('SIGTERM');
    expect(await child.exited).toMatchObject({ code: 0 });
    await expectBalanced(edge);
  });
});
