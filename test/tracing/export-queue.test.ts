// The way to the collector, with exporters that are slow, refuse, or never answer: what is kept is bounded, what is lost is counted,
// and the end does not wait.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { openTracing } from '../../src/tracing/open-tracing.ts';
import { World } from '../edge/harness.ts';
import { request, response } from '../edge/message.ts';
import { waitFor } from '../peers/wait.ts';
import { offsetMs, rules } from './traced-world.ts';

/** Answers batches as `answer` says; undefined: never. */
class Exporter implements SpanExporter {
  readonly taken: ReadableSpan[] = [];
  readonly waiting: (() => void)[] = [];
  answer: 'success' | 'failure' | 'later' | undefined;

  constructor(answer: Exporter['answer']) {
    this.answer = answer;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const fail = () => done({ code: 1, error: new Error('503 Service Unavailable') });
    this.taken.push(...spans);
    if (this.answer === 'success') done({ code: 0 });
    if (this.answer === 'failure') fail();
    if (this.answer === 'later') this.waiting.push(fail);
  }

  shutdown(): Promise<void> {
    return this.answer === undefined ? new Promise(() => {}) : Promise.resolve();
  }
}

function open(answer: Exporter['answer']) {
  const exporter = new Exporter(answer);
  const reasons: string[] = [];
  let now = () => 0;
  const tracing = openTracing({
    ...{ url: 'http://127.0.0.1:1', headers: {}, serviceName: 'edge-7', version: '1.2.3', exporter },
    ...{ rules: rules({}), now: () => now(), offsetMs: () => offsetMs },
    onFailure: (reason) => reasons.push(reason),
  });
  const world = new World({ tracing: () => tracing.calls });
  now = () => world.nowMs;
  /** Each leaves two spans. */
  const place = (calls: number) => {
    const alice = world.flow('south', '198.51.100.7');
    for (let n = 0; n < calls; n++) {
      world.receive(alice, request());
      const { flow, message } = world.takeSwitch();
      world.receive(flow, response(message, 486));
      world.take();
    }
  };
  return { exporter, tracing, world, place, reasons };
}

describe('the way of spans', () => {
  it('what the collector takes is counted; the resource says who it is', async () => {
    const { exporter, tracing, place } = open('success');
    place(10);
    await tracing.close(5000);
    expect(exporter.taken).toHaveLength(20);
    expect(tracing.view()).toMatchObject({ traced: 10, exported: 20, failed: 0, dropped: 0, waiting: 0 });
    expect(exporter.taken[0]!.resource.attributes).toMatchObject({
      'service.name': 'edge-7',
      'service.version': '1.2.3',
      'telemetry.sdk.language': 'nodejs',
    });
  });

  it('what it refuses is counted, and said why', async () => {
    const { tracing, place, reasons } = open('failure');
    place(10);
    await tracing.close(5000);
    expect(tracing.view()).toMatchObject({ exported: 0, failed: 20, dropped: 0, waiting: 0 });
    expect(reasons).toContain('503 Service Unavailable');
  });

  it('one that hangs: so many wait, what is on its way included, the rest is dropped and counted; calls go on', async () => {
    const { tracing, place, world } = open('later');
    for (let n = 0; n < 3; n++) {
      place(700);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { waiting, dropped } = tracing.view();
    expect([waiting, waiting + dropped]).toEqual([4096, 4200]);
    expect(world.count({ method: 'INVITE', decision: 'forward' })).toBe(2100);
  });

  it('one that comes back: spans are taken again', async () => {
    const { exporter, tracing, place } = open('later');
    place(300);
    await waitFor('a batch', () => exporter.waiting.length > 0);
    exporter.answer = 'success';
    for (const fail of exporter.waiting) fail();
    place(10);
    await tracing.close(5000);
    const { exported, failed, waiting } = tracing.view();
    expect([exported + failed, waiting]).toEqual([620, 0]);
    expect(failed).toBe(512);
  });

  it('one that never answers does not hold up the end', async () => {
    const { tracing, place } = open(undefined);
    place(10);
    const before = performance.now();
    await tracing.close(50);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe('dialogs', () => {
  it('that are open at the end of the process are sent, and say so', async () => {
    const { exporter, tracing, world } = open('success');
    const alice = world.flow('south', '198.51.100.7');
    world.receive(alice, request());
    const { flow, message } = world.takeSwitch();
    world.receive(flow, response(message, 200));
    expect(tracing.view().dialogs).toBe(1);
    await tracing.close(5000);
    expect(tracing.view().dialogs).toBe(0);
    const dialog = exporter.taken.find(({ name }) => name === 'dialog');
    expect(dialog?.attributes['surgegate.dialog.end']).toBe('shutdown');
  });
});
