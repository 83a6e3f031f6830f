// The edge on fake transports, with its calls traced into memory.
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type TracingConfig, tracing } from '../../src/config/tracing-schema.ts';
import { TracedCalls } from '../../src/tracing/traced-calls.ts';
import { World } from '../edge/harness.ts';
import type { EdgeOptions } from '../edge/settings.ts';

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

export interface Traced {
  readonly calls: TracedCalls;
  /** Spans that have ended, in that order. */
  spans(): Seen[];
  /** The only one of that name. */
  span(name: string): Seen;
}

/** An edge whose calls are all traced, unless `given` says otherwise. */
export function tracedWorld(options: EdgeOptions = {}, given: Partial<TracingConfig> = {}) {
  const traced = tracedCalls(given);
  return { world: new World({ ...options, tracing: () => traced.calls }), ...traced };
}

export function tracedCalls(given: Partial<TracingConfig> = {}): Traced {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const calls = new TracedCalls(provider.getTracer('test'), rules(given), () => offsetMs);
  const spans = () => exporter.getFinishedSpans().map(seen);
  return {
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
  return tracing.parse({ ratio: 1, callsPerSecond: 10_000, ...given });
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
