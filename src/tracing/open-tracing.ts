// Puts tracing together: spans of the OpenTelemetry SDK, sent by OTLP over HTTP. Loaded only where it is configured.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { Tracing } from '../edge/tracing.ts';
import type { TracingView } from '../metrics/tracing-metrics.ts';
import { ExportQueue, exportMs } from './export-queue.ts';
import type { TraceRules } from './trace-rules.ts';
import { TracedCalls } from './traced-calls.ts';

export interface TracingOptions {
  /** Without `/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly version: string;
  readonly rules: TraceRules;
  /** The pipeline's clock, ms; and what is to be added to it for Unix time. */
  readonly now: () => number;
  readonly offsetMs: () => number;
  readonly onFailure: (reason: string) => void;
  /** Default: OTLP to `url`. */
  readonly exporter?: SpanExporter;
}

export interface OpenTracing {
  readonly calls: Tracing;
  change(rules: TraceRules): void;
  view(): TracingView;
  /** Sends what there is; resolves after `limitMs` at the latest. */
  close(limitMs: number): Promise<void>;
}

export function openTracing(options: TracingOptions): OpenTracing {
  const { url, headers, serviceName, version, rules, now } = options;
  const exporter =
    options.exporter ??
    new OTLPTraceExporter({
      url: `${url.replace(/\/+$/, '')}/v1/traces`,
      headers: { ...headers },
      timeoutMillis: exportMs,
      concurrencyLimit: 2,
    });
  const queue = new ExportQueue(exporter, options.onFailure);
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(), // what is not traced never comes here
    resource: defaultResource().merge(
      resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName, [ATTR_SERVICE_VERSION]: version }),
    ),
    spanLimits: { attributeCountLimit: 32, attributeValueLengthLimit: 256, eventCountLimit: 64, linkCountLimit: 0 },
    spanProcessors: [queue],
  });
  const calls = new TracedCalls(provider.getTracer('surgegate', version), rules, options.offsetMs);
  return {
    calls,
    change: (next) => calls.change(next),
    view: () => ({
      traced: calls.traced,
      overLimit: calls.overLimit,
      dialogs: calls.dialogs,
      dialogsSkipped: calls.openDialogs.skipped,
      exported: queue.exported,
      failed: queue.failed,
      dropped: queue.dropped,
      waiting: queue.waiting,
    }),
    async close(limitMs) {
      calls.openDialogs.endAll(now());
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([provider.shutdown().catch(() => {}), limit]);
      clearTimeout(timer);
    },
  };
}
