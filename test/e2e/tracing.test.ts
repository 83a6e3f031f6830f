// Traces of real calls at a collector: fail-over shows as two attempts, the share is that of configuration, and a collector that
// hangs, refuses or dies costs no call and no time at the end.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type CollectedSpan, type OtlpCollector, startOtlpCollector } from '../fakes/otlp-collector.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { reload } from './engine-cases.ts';
import { ample } from './setting.ts';

async function collectorOf(lab: Lab): Promise<OtlpCollector> {
  const collector = await startOtlpCollector();
  lab.onEnd(() => collector.close());
  return collector;
}

async function call(lab: Lab, edge: Edge, calls: number, scenario = 'uac-call', keys: object = {}): Promise<void> {
  const options = { to: edge.address.south, calls, callsPerSecond: 50, talkMs: 100, limitSeconds: 40, ...keys };
  expect(await (await startSipp(lab, scenario, options)).result()).toMatchObject({ exitCode: 0, successful: calls });
}

const named = (spans: readonly CollectedSpan[], name: RegExp) => spans.filter((one) => name.test(one.name));

/** A switch, an edge in front of it, a collector. */
async function open(lab: Lab, tracing: object, rest: object = {}) {
  const collector = await collectorOf(lab);
  const called = await startSipp(lab, 'uas-call');
  const edge = await startEdge(lab, {
    switches: [`udp:${called.address}`],
    rest: {
      admission: ample,
      tracing: { otlp: collector.url, ratio: 1, callsPerSecond: 10_000, ...tracing },
      ...rest,
    },
  });
  return { collector, edge };
}

const ended = (edge: Edge): number => {
  const at = (message: string): number => {
    const line = edge
      .log()
      .split('\n')
      .find((one) => one.includes(`"msg":"${message}`));
    return Date.parse((JSON.parse(line!) as { time: string }).time);
  };
  return at('ended') - at('draining');
};

concurrentPeerSuite('traces', () => {
  labTest('of calls that one switch refuses and another takes: arrival, two attempts, dialog', async ({ lab }) => {
    const collector = await collectorOf(lab);
    const first = await startSipp(lab, 'uas-overloaded');
    const second = await startSipp(lab, 'uas-call');
    const beforeMs = Date.now();
    const headersFile = join(lab.dir, 'headers');
    writeFileSync(headersFile, 'Authorization: Bearer s3cret\n');
    const edge = await startEdge(lab, {
      switches: [
        // nearly every call is offered to it first
        { name: 'first', address: `udp:${first.address}`, weight: 1000 },
        { name: 'second', address: `udp:${second.address}`, weight: 1 },
      ],
      rest: {
        admission: ample,
        control: { enabled: false },
        tracing: { otlp: `${collector.url}/`, ratio: 1, serviceName: 'edge-7', headersFile },
      },
    });
    await call(lab, edge, 10);
    const dialogs = () => named(collector.spans, /^dialog$/);
    await waitFor('all spans', () => dialogs().length === 10, 20_000);
    expect(collector.faults).toEqual([]);
    expect(collector.headers.authorization).toBe('Bearer s3cret');

    const roots = named(collector.spans, /^INVITE$/);
    expect(roots).toHaveLength(10);
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(10);
    let doubles = 0;
    for (const root of roots) {
      const own = collector.spans.filter(({ traceId }) => traceId === root.traceId);
      const attempts = named(own, /^INVITE \w+$/).sort((a, b) => a.beganMs - b.beganMs);
      expect(attempts).toHaveLength(Number(root.attributes['surgegate.attempts']));
      expect(attempts.at(-1)).toMatchObject({
        kind: 3,
        name: 'INVITE second',
        isError: false,
        attributes: { 'sip.status_code': 200, 'server.port': second.port },
      });
      if (attempts.length === 2) {
        doubles++;
        expect(attempts[0]).toMatchObject({ name: 'INVITE first', isError: true, attributes: { 'error.type': '503' } });
        expect(attempts[1]!.beganMs).toBeGreaterThanOrEqual(attempts[0]!.endedMs);
      }
      const [dialog] = named(own, /^dialog$/);
      expect(dialog).toMatchObject({ events: ['ACK', 'BYE'], attributes: { 'surgegate.dialog.end': 'bye' } });
      // on one clock, one after the other, and that clock is the wall's
      const times = [beforeMs - 10, root.beganMs, attempts[0]!.beganMs, root.endedMs, dialog!.endedMs, Date.now() + 10];
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(own.every(({ parentId }) => parentId === undefined || parentId === root.spanId)).toBe(true);
      expect(root).toMatchObject({
        kind: 2,
        service: 'edge-7',
        isError: false,
        attributes: { 'surgegate.interface': 'south', 'surgegate.class': 'new-call', 'surgegate.mode': 'L0' },
      });
    }
    expect(doubles).toBeGreaterThan(0);
    const metrics = await edge.metrics();
    expect(metrics.sum('surgegate_traces_calls_total', { result: 'traced' })).toBe(10);
    expect(metrics.sum('surgegate_traces_spans_total', { result: 'exported' })).toBe(collector.spans.length);
    expect(metrics.sum('surgegate_traces_open_dialogs')).toBe(0);
  });

  labTest('of a share, which a reload changes; of every priority call', async ({ lab }) => {
    const { collector, edge } = await open(lab, { ratio: 0.2, priorityRatio: 1 });
    await call(lab, edge, 200, 'uac-call', { callsPerSecond: 100 });
    const roots = () => named(collector.spans, /^INVITE$/).length;
    const traced = async (): Promise<number> =>
      (await edge.metrics()).sum('surgegate_traces_calls_total', { result: 'traced' });
    const ofTwoHundred = await traced();
    // 40, give or take five standard deviations
    expect(Math.abs(ofTwoHundred - 40)).toBeLessThan(5 * Math.sqrt(200 * 0.2 * 0.8));
    await waitFor('their spans', () => roots() === ofTwoHundred, 20_000);

    Object.assign(edge.config.tracing as object, { ratio: 0 });
    edge.writeConfig();
    await reload(edge, 'applied');
    await call(lab, edge, 20);
    expect(await traced()).toBe(ofTwoHundred);
    await call(lab, edge, 5, 'uac-call', { service: '911' });
    expect(await traced()).toBe(ofTwoHundred + 5);

    Object.assign(edge.config.tracing as object, { otlp: 'http://127.0.0.1:9' });
    edge.writeConfig();
    await reload(edge, 'refused');
    expect(edge.log()).toContain('only a restart can change tracing.otlp');
    expect(collector.faults).toEqual([]);
  });

  labTest('a collector that hangs: calls are completed, and the end does not wait for it', async ({ lab }) => {
    const { collector, edge } = await open(lab, {}, { timers: { t1Ms: 100 } });
    collector.mode = 'hangs';
    await call(lab, edge, 50);
    await waitFor('a request', () => collector.requests > 0, 20_000);
    edge.kill('SIGTERM');
    expect(await edge.exited()).toMatchObject({ code: 0 });
    // the exporter alone would wait for 5 s
    expect(ended(edge)).toBeLessThan(4_500);
  });

  labTest('a collector that refuses, dies and comes back: what is lost is counted, calls go on', async ({ lab }) => {
    const { collector, edge } = await open(lab, {});
    collector.mode = 'refuses';
    await call(lab, edge, 10);
    const spans = async (result: string): Promise<number> =>
      (await edge.metrics()).sum('surgegate_traces_spans_total', { result });
    await waitFor('spans to be given up', async () => (await spans('failed')) > 0, 30_000);
    expect(edge.log()).toContain('spans were not taken by the collector');
    await collector.close();
    await call(lab, edge, 10);
    const again = await startOtlpCollector(collector.port);
    lab.onEnd(() => again.close());
    await call(lab, edge, 10);
    await waitFor('spans at the collector that is back', () => again.spans.length > 0, 30_000);
    expect(again.faults).toEqual([]);
    await waitFor(
      'none to wait',
      async () => (await edge.metrics()).sum('surgegate_traces_waiting_spans') === 0,
      30_000,
    );
    // each call leaves three: none is unaccounted for
    expect((await spans('failed')) + (await spans('exported')) + (await spans('dropped'))).toBe(90);
  });
});

it('nothing of the SDK is loaded where tracing is off', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const loaded = (otlp: string | undefined): string[] => {
    const script = `
      import { createRequire } from 'node:module';
      await import('./dist/main.js');
      const { startTracing } = await import('./dist/start/tracing.js');
      const log = { info() {}, limited() {} };
      await startTracing({ tracing: ${JSON.stringify({ otlp })} }, '0', log, () => 0).catch(() => {});
      const { cache } = createRequire(import.meta.url);
      console.log(JSON.stringify(Object.keys(cache).filter((name) => name.includes('@opentelemetry'))));`;
    const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root });
    const names = JSON.parse(text.toString()) as string[];
    // prom-client asks for the interfaces, which do nothing by themselves
    return [...new Set(names.map((name) => /@opentelemetry\/[\w-]+/.exec(name)![0]))].filter(
      (name) => !/\/api$/.test(name),
    );
  };
  expect(loaded(undefined)).toEqual([]);
  expect(loaded('http://127.0.0.1:9')).toContain('@opentelemetry/sdk-trace');
});
