// Mirroring to HOMER, end to end: calls through a real edge, and collectors of somebody else's making that take the packets apart.
import { expect } from 'vitest';
import { CallHash } from '../../src/hep/call-hash.ts';
import { byCall } from '../hep/chunks.ts';
import type { Section } from '../peers/edge.ts';
import { openCollector, startHomer, startSngrep } from '../peers/hep-collectors.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { collectorSuite } from '../peers/peer-suite.ts';
import { type SippOptions, startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { reload } from './engine-cases.ts';
import { setUp } from './setting.ts';

/** A call through the edge, on both of its sides; a 100 of the switch apart, which SIPp's called party does not send. */
const ladder = ['INVITE', '100', 'INVITE', '180', '180', '200', '200', 'ACK', 'ACK', 'BYE', 'BYE', '200', '200'];
const kindsOf = (messages: readonly { readonly what: string }[]) =>
  [...new Set(messages.map(({ what }) => what))].sort();

async function withCapture(lab: Lab, hep: Section, rest: Section = {}, uas = 'uas-call', called: SippOptions = {}) {
  const setting = await setUp(lab, uas, 'sipp', { called, edge: { rest: { ...rest, capture: { hep } } } });
  const sent = async () => (await setting.edge.metrics()).sum('surgegate_hep_sent_total');
  const call = (options: SippOptions, scenario = 'uac-call') =>
    startSipp(lab, scenario, { to: setting.edge.address.south, limitSeconds: 40, ...options });
  return { ...setting, sent, call };
}

/** Call-IDs of all calls that SIPp has made, of its trace. */
const callIdsOf = (trace: string): Set<string> =>
  new Set([...trace.matchAll(/^Call-ID: *(\S+)/gim)].map(([, callId = '']) => callId));

function isSampled(callId: string, ratio: number): boolean {
  const hash = new CallHash();
  hash.of(Buffer.from(callId), 0, callId.length);
  return hash.sample < ratio * 2 ** 32;
}

collectorSuite('HEP3', () => {
  labTest('Kamailio as a collector finds every chunk of every message where it belongs', async ({ lab }) => {
    const homer = await startHomer(lab);
    const address = `udp:127.0.0.1:${homer.port}`;
    // nobody says anything twice, however late the other is
    const timers = { t1Ms: 5000, t2Ms: 10_000 };
    const hep = { address, captureId: 4711, password: 's3cret' };
    const { edge, called, call } = await withCapture(lab, hep, { timers }, 'uas-call', { noRetransmission: true });
    const before = Math.floor(Date.now() / 1000);
    const caller = await call({ calls: 1, noRetransmission: true });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });
    await waitFor('all packets', () => homer.lines().length >= ladder.length);
    const lines = homer.lines();
    const nowSeconds = Math.ceil(Date.now() / 1000);
    const what = ({ payload = '' }) => /^(?:SIP\/2\.0 )?(\S+)/.exec(payload)?.[1];
    expect(lines.map(what)).toEqual(ladder);
    for (const line of lines) {
      expect(line).toMatchObject({ family: '2', protocol: '17', type: '1', agent: '4711', key: 's3cret' });
      expect(line.call).toBe(lines[0]!.call);
      const seconds = Number(line.at!.split('.')[0]);
      expect(seconds).toBeGreaterThanOrEqual(before);
      expect(seconds).toBeLessThanOrEqual(nowSeconds);
    }
    const between = lines.map(({ from, to }) => `${from} ${to}`);
    const [inside, outside] = [`${edge.address.core} ${called.address}`, `${edge.address.south} ${caller.address}`];
    const reversed = (one: string) => one.split(' ').reverse().join(' ');
    expect(between.slice(0, 5)).toEqual([reversed(outside), outside, inside, reversed(inside), outside]);
  });

  labTest('sngrep has all messages of the calls in the sample, and of no other', async ({ lab }) => {
    const sngrep = await startSngrep(lab);
    const { sent, call } = await withCapture(lab, { address: `udp:127.0.0.1:${sngrep.port}`, ratio: 0.5 });
    const calls = 40;
    const caller = await call({ calls, callsPerSecond: 20, trace: true });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    const made = [...callIdsOf(caller.messages())];
    expect(made).toHaveLength(calls);
    const wanted = made.filter((callId) => isSampled(callId, 0.5));
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.length).toBeLessThan(35);
    await waitFor('all packets', async () => (await sent()) >= wanted.length * ladder.length);
    const captured = await sngrep.end();
    expect(new Set(captured.map(({ callId }) => callId))).toEqual(new Set(wanted));
    for (const callId of wanted) {
      const messages = captured.filter((one) => one.callId === callId);
      // on a busy machine a message may come twice; none may be missing
      expect(messages.length).toBeGreaterThanOrEqual(ladder.length);
      expect(kindsOf(messages)).toEqual([...new Set(ladder)].sort());
    }
  });

  labTest(
    'a flood of refused calls is bounded, and what is admitted is whole, emergency calls all of it',
    async ({ lab }) => {
      const collector = await openCollector(lab, 'udp');
      const refusalsPerSecond = 10;
      const setting = await withCapture(lab, { address: collector.address, refusalsPerSecond });
      const { edge, call } = setting;
      // some wait for their turn: a limit is what the switch can do, not one that is known at once
      edge.config.switches = [{ name: 'switch1', address: setting.switchAddress, capacityPerSecond: 20 }];
      edge.writeConfig();
      await reload(edge, 'applied');
      const flood = call({ calls: 1200, callsPerSecond: 300 }, 'uac-flood');
      const emergencies = await (await call({ calls: 8, callsPerSecond: 4, service: '911' }, 'uac-emergency')).result();
      expect(emergencies.successful).toBe(8);
      const { calls, refused } = await (await flood).result();
      expect(refused).toBeGreaterThan(800);
      const kept = async (kind: string) =>
        (await edge.metrics()).sum('surgegate_hep_calls_total', { kind, decision: 'kept' });
      const isWhole = (kinds: string[]) => kinds.includes('BYE') && kinds.includes('200');
      const seen = () => {
        const each = [...byCall(collector.packets).values()];
        const refusals = each.filter((messages) => messages.some(({ what }) => what === '503'));
        return { refusals, admitted: each.filter((messages) => !refusals.includes(messages)) };
      };
      await waitFor('the last of the admitted calls', () => seen().admitted.every((one) => isWhole(kindsOf(one))));
      const { refusals, admitted } = seen();
      expect(admitted.length).toBe(calls + 8);
      expect(await kept('call')).toBe(calls);
      expect(await kept('priority')).toBe(8);
      expect(refusals.length).toBe(await kept('refusal'));
      expect(refusals.length).toBeGreaterThan(5);
      expect(refusals.length).toBeLessThan(refused / 5);
      for (const messages of refusals) expect(kindsOf(messages)).toEqual(['503', 'ACK', 'INVITE']);
      const all = [...refusals, ...admitted];
      for (const [first] of all) expect(first!.what).toBe('INVITE');
      const waitedMs = all.map(([first, next]) => (next!.unixMicroseconds - first!.unixMicroseconds) / 1000);
      expect(Math.max(...waitedMs)).toBeGreaterThan(20);
      const metrics = await edge.metrics();
      expect(metrics.sum('surgegate_hep_calls_total', { kind: 'refusal' })).toBe(refused);
      expect(metrics.sum('surgegate_hep_dropped_total')).toBe(0);
    },
  );

  labTest(
    'a dead collector costs no call; a reload goes to another, over TCP, and switches it off',
    async ({ lab }) => {
      const dead = await openCollector(lab, 'tcp');
      const { edge, call, sent } = await withCapture(
        lab,
        { address: dead.address.replace('tcp', 'udp') },
        {},
        'uas-challenges',
      );
      const dropped = async () => (await edge.metrics()).sum('surgegate_hep_dropped_total', { reason: 'unreachable' });
      const challenged = async (calls: number) => {
        const caller = await call({ calls, callsPerSecond: 10 }, 'uac-challenged');
        expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      };
      await challenged(10);
      await waitFor('drops to be counted', async () => (await dropped()) > 10);
      expect((await edge.metrics()).sum('surgegate_hep_up')).toBe(0);
      expect(edge.log().match(/HOMER collector cannot be reached/g)).toHaveLength(1);

      const collector = await openCollector(lab, 'tcp');
      edge.config.capture = { hep: { address: collector.address, nodeName: 'edge-1' } };
      edge.writeConfig();
      await reload(edge, 'applied');
      await waitFor('the collector to be reached', async () => (await edge.metrics()).sum('surgegate_hep_up') === 1);
      const lostBefore = await dropped();
      await challenged(3);
      await waitFor('all packets', () =>
        [...byCall(collector.packets).values()].every((one) => kindsOf(one).includes('407')),
      );
      await waitFor('all calls', () => byCall(collector.packets).size === 3);
      expect(await dropped()).toBe(lostBefore);
      const all = [...byCall(collector.packets).values()].flat();
      expect(new Set(all.map(({ node }) => node))).toEqual(new Set(['edge-1']));
      const shown = all.map(({ payload }) => payload).filter((payload) => payload.includes('Proxy-Authorization'));
      expect(shown.length).toBeGreaterThan(0);
      for (const payload of shown) expect(payload).toMatch(/^Proxy-Authorization: Digest [* ]+\r$/m);

      edge.config.capture = {};
      edge.writeConfig();
      await reload(edge, 'applied');
      const packets = collector.packets.length;
      await challenged(3);
      expect(collector.packets).toHaveLength(packets);
      expect(await sent()).toBe(0); // no series any more
    },
  );
});
