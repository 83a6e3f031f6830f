// The edge on fake transports, with its calls traced into memory.
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { parseConfig } from '../../src/config/load.ts';
import type { TracingConfig } from '../../src/config/tracing-schema.ts';
import { TracedCalls } from '../../src/tracing/traced-calls.ts';
import { World } from '../edge/harness.ts';
import { type EdgeOptions, packageFile } from '../edge/settings.ts';

/** 2026-11-23 00:00 UTC, ms, less the clock of the pipeline. */
export const offsetMs = 1_795_392_000_000;

export interface Seen {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** Of the pipeline's clock. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly attributes: Attributes;
  readonly events: readonly (readonly [name: string, atMs: number])[];
  readonly isError: boolean;
}

export interface TracedWorld {
  readonly world: World;
  readonly calls: TracedCalls;
  /** Spans that have ended, in that order. */
  spans(): Seen[];
  /** The only one of that name. */
  span(name: string): Seen;
}

/** All calls are traced, unless `given` says otherwise. */
export function tracedWorld(options: EdgeOptions = {}, given: Partial<TracingConfig> = {}): TracedWorld {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const calls = new TracedCalls(provider.getTracer('test'), rules(given), () => offsetMs);
  const world = new World({ ...options, tracing: () => calls });
  const spans = () => exporter.getFinishedSpans().map(seen);
  return {
    world,
    calls,
    spans,
    span(name) {
      const found = spans().filter((one) => one.name === name);
      if (found.length !== 1) throw new Error(`${found.length} × ${name}: ${spans().map((one) => one.name)}`);
      return found[0]!;
    },
  };
}

/** Those of the configuration, and every call. */
export function rules(given: Partial<TracingConfig>): TracingConfig {
  const written = JSON.stringify({
    tracing: { otlp: 'http://127.0.0.1:4318', ratio: 1, callsPerSecond: 10_000, ...given },
  });
  const loaded = parseConfig(written, packageFile('config/test.yaml'), { STATE_DIRECTORY: '/nowhere' });
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config.tracing;
}

function seen(span: ReadableSpan): Seen {
  const own = (time: ReadableSpan['startTime']) => time[0] * 1000 + Math.round(time[1] / 1e6) - offsetMs;
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    beganMs: own(span.startTime),
    endedMs: own(span.endTime),
    attributes: span.attributes,
    events: span.events.map((event) => [event.name, own(event.time)] as const),
    isError: span.status.code === SpanStatusCode.ERROR,
  };
}
