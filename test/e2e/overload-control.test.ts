// RFC 7339 and RFC 7415 over the wire: carriers that take part are told how much they may send, and are better off if they do as
// they are told; switches that ask for less get less.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { startLimitedSwitch } from '../peers/limited-switch.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { busyNumbers, OcCaller } from './oc-caller.ts';

const capacityPerSecond = 60;
/** Only capacity is to decide here: no gaps, which are other tests', and numbers far apart. */
const rest = { control: { gapping: false } };

interface Calls extends SippOptions {
  /** First digit of the numbers called. */
  readonly prefix?: number;
}

/** Calls to a thousand numbers without anything in common but their first digit. */
function startCalls(lab: Lab, scenario: string, { prefix = 2, ...options }: Calls): Promise<Sipp> {
  const file = join(lab.dir, `numbers-${prefix}.csv`);
  const numbers = Array.from({ length: 1000 }, (_, i) => `${prefix}${2e8 + ((i * 429_496_729) % 799_999_993)};\n`);
  writeFileSync(file, `SEQUENTIAL\n${numbers.join('')}`);
  return startSipp(lab, scenario, { talkMs: 100, ...options, extra: ['-inf', file, ...(options.extra ?? [])] });
}

interface Said {
  readonly status: number;
  readonly value: number;
  readonly algorithm: string;
  readonly validityMs: number;
  /** Seconds, and their parts as a whole number. */
  readonly sequence: readonly [number, number];
}

/** What `uac-oc` has logged: the overload control in the Via of every response, in order. */
function saidIn(file: string): Said[] {
  const text = existsSync(file) ? readFileSync(file, 'latin1') : '';
  const line = /^(\d{3});oc=(\d+);oc-algo="(loss|rate)";oc-validity=(\d+);oc-seq=(\d+)\.(\d{5})$/gm;
  return [...text.matchAll(line)].map(([, status, value, algorithm, validity, seconds, parts]) => {
    const sequence = [Number(seconds), Number(parts)] as const;
    return {
      status: Number(status),
      value: Number(value),
      algorithm: algorithm!,
      validityMs: Number(validity),
      sequence,
    };
  });
}

const limitsSomething = ({ validityMs }: Said): boolean => validityMs > 0;

function falls(said: readonly Said[]): boolean {
  return said.some(({ sequence: [seconds, parts] }, i) => {
    const [lastSeconds, lastParts] = said[i - 1]?.sequence ?? [0, 0];
    return seconds < lastSeconds || (seconds === lastSeconds && parts < lastParts);
  });
}

async function limitedEdge(lab: Lab, sides: Record<string, object>): Promise<Edge> {
  const treatments = Object.fromEntries(busyNumbers.map((number) => [number, 'busy' as const]));
  const limited = await startLimitedSwitch(lab, { capacityPerSecond, ringMs: 5, answerMs: 5, treatments });
  const switches = [{ name: 'one', address: `udp:${limited.address}`, capacityPerSecond }];
  return startEdge(lab, { sides, switches, rest });
}

peerSuite('overload control', () => {
  labTest('every response to a carrier that takes part says how much it may send', async ({ lab }) => {
    const edge = await limitedEdge(lab, { east: { pushback: 'oc' }, west: { pushback: 'oc' } });
    const carriers = [
      { to: edge.address.east, offer: 'loss,rate', algorithm: 'rate' },
      { to: edge.address.west, offer: 'loss', algorithm: 'loss' },
    ];
    const call = (i: number, calls: number, callsPerSecond: number) => {
      const { to, offer } = carriers[i]!;
      const log = join(lab.dir, `oc-${i}-${calls}.log`);
      const extra = ['-trace_logs', '-log_file', log];
      return startCalls(lab, 'uac-oc', { to, calls, callsPerSecond, keys: { offer }, extra }).then((sipp) => ({
        sipp,
        log,
      }));
    };
    const floods = await Promise.all(carriers.map((_, i) => call(i, 450, 150)));
    const results = await Promise.all(floods.map(({ sipp }) => sipp.result()));
    // after it: until both have heard that it is over
    const after = await Promise.all(carriers.map((_, i) => call(i, 25, 10)));
    await Promise.all(after.map(({ sipp }) => sipp.result()));
    for (const [i, { algorithm }] of carriers.entries()) {
      // exit code 0: every response of every call had a value that is well-formed
      expect(results[i]).toMatchObject({ exitCode: 0, failed: 0 });
      expect(results[i]!.refused).toBeGreaterThan(100);
      const during = saidIn(floods[i]!.log);
      expect(new Set(during.map(({ status }) => status))).toEqual(new Set([100, 180, 200, 503]));
      expect(during.length).toBeGreaterThanOrEqual(results[i]!.refused + 4 * results[i]!.calls);
      const all = [...during, ...saidIn(after[i]!.log)];
      expect(falls(all)).toBe(false);
      expect(new Set(all.map((one) => one.algorithm))).toEqual(new Set([algorithm]));
      expect(during[0]).toMatchObject({ value: 0, validityMs: 0 });
      const limits = during.filter(limitsSomething);
      expect(limits.length).toBeGreaterThan(during.length / 2);
      // five times what there is is asked for; what is not limited is never told otherwise
      if (algorithm === 'loss') expect(Math.max(...limits.map(({ value }) => value))).toBeGreaterThan(50);
      else expect(Math.min(...limits.map(({ value }) => value))).toBeLessThan(capacityPerSecond);
      expect(all.filter((one) => !limitsSomething(one)).every(({ value }) => value === 0)).toBe(true);
      expect(all.at(-1)).toMatchObject({ value: 0, validityMs: 0 });
    }
  });

  labTest('a carrier that obeys is hardly refused; one that does not gets no more through', async ({ lab }) => {
    const neighbours = [
      { name: 'obeys', addresses: ['127.0.0.2'] },
      { name: 'ignores', addresses: ['127.0.0.3'] },
    ];
    const edge = await limitedEdge(lab, { east: { pushback: 'oc', neighbours } });
    const callers = await Promise.all(
      [true, false].map((obeys, i) =>
        OcCaller.start(lab, { host: neighbours[i]!.addresses[0]!, port: edge.port.east, obeys }),
      ),
    );
    for (const one of callers) one.call(100);
    // what was sent before the first value came is no measure
    await waitFor('a first value', () => callers.every((one) => one.told !== undefined));
    await waitFor('it to be obeyed for a while', () => callers[0]!.heldBack > 100);
    const before = callers.map((one) => one.counts());
    await waitFor('both to have called on', () => callers[1]!.counts().sent - before[1]!.sent >= 400, 20_000);
    const [obeys, ignores] = callers.map((one, i) => one.since(before[i]!));
    for (const one of callers) one.hangUp();
    expect(obeys!.answered).toBeGreaterThan(40);
    expect(obeys!.refused).toBeLessThan(0.15 * obeys!.sent);
    expect(ignores!.refused).toBeGreaterThan(0.5 * ignores!.sent);
    expect(ignores!.answered).toBeLessThan(1.3 * obeys!.answered);
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_oc_not_complying', { neighbour: 'ignores' })).toBe(1);
    expect(metrics.sum('surgegate_oc_not_complying', { neighbour: 'obeys' })).toBe(0);
  });

  describe.concurrent('switches', () => {
    for (const [algo, oc, least, most] of [
      ['loss', '50', 0.35, 0.65],
      ['rate', '10', 0.15, 0.4],
    ] as const)
      labTest(`a switch that says oc=${oc} by ${algo} gets no more, until that is no longer valid`, async ({ lab }) => {
        const called = await startSipp(lab, 'uas-oc', { keys: { oc, algo, validity: '600' } });
        const one = { name: 'one', address: `udp:${called.address}`, capacityPerSecond: 1000, oc: 'loss,rate' };
        const edge = await startEdge(lab, { sides: { south: {} }, switches: [one], rest });
        const to = edge.address.south;
        const limited = await startSipp(lab, 'uac-flood', {
          to,
          service: '3000000001',
          calls: 160,
          callsPerSecond: 40,
          talkMs: 100,
        });
        const { calls } = await limited.result();
        expect(calls / 160).toBeGreaterThan(least);
        expect(calls / 160).toBeLessThan(most);
        const metric =
          algo === 'loss' ? 'surgegate_oc_received_loss_ratio' : 'surgegate_oc_received_requests_per_second';
        await waitFor('its validity to end', async () => (await edge.metrics()).sum(metric) === 0, 3000);
        const free = await startSipp(lab, 'uac-flood', {
          to,
          service: '2000000001',
          calls: 80,
          callsPerSecond: 40,
          talkMs: 100,
        });
        expect(await free.result()).toMatchObject({ exitCode: 0, calls: 80, refused: 0 });
        expect((await edge.metrics()).sum('surgegate_oc_received_total')).toBeGreaterThanOrEqual(calls);
      });

    labTest('a Kamailio between, offered what it survives, sees nothing of what carriers offer', async ({ lab }) => {
      const called = await startSipp(lab, 'uas-call');
      const between = await startKamailio(lab, 'switch', { TARGET: called.address });
      const switches = [{ name: 'one', address: `udp:${between.address}`, oc: 'loss' }];
      const edge = await startEdge(lab, { sides: { south: {}, east: { pushback: 'oc' } }, switches });
      const few = { calls: 10, callsPerSecond: 20, limitSeconds: 20, keys: { offer: 'loss,rate' } };
      const carrier = await startCalls(lab, 'uac-oc', { to: edge.address.east, ...few });
      expect(await carrier.result()).toMatchObject({ exitCode: 0, calls: 10, refused: 0 });
      // on an interface that does not push back by it: an old Kamailio takes the comma for the end of the Via
      const offering = await startSipp(lab, 'uac-offers', { to: edge.address.south, ...few, talkMs: 100 });
      expect(await offering.result()).toMatchObject({ exitCode: 0, successful: 10 });
      expect((await called.stop()).calls).toBe(20);
    });
  });
});
