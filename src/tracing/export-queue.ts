// The way of spans to the collector: a queue of bounded length in front of the SDK's batches, and what became of each span. A
// collector that is slow or away costs spans, and nothing else.
import type { Context } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';

/** Spans, those on their way included: some 25 s of 50 calls a second. */
const mostWaiting = 4096;
const batchSpans = 512;
/** How long a span waits for others, ms. */
const delayMs = 1000;
/** How long the exporter may try with a batch, ms. */
export const exportMs = 5000;

export class ExportQueue implements SpanProcessor {
  exported = 0;
  /** Not taken by the collector, and not kept because too many waited. */
  failed = 0;
  dropped = 0;
  waiting = 0;
  private readonly batches: BatchSpanProcessor;

  /** `onFailure`: why a batch was given up. */
  constructor(exporter: SpanExporter, onFailure: (reason: string) => void) {
    this.batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.waiting -= spans.length;
            if (result.error === undefined && result.code === 0) this.exported += spans.length;
            else {
              this.failed += spans.length;
              onFailure(result.error?.message ?? 'the exporter failed');
            }
            done(result);
          }),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: mostWaiting,
      maxExportBatchSize: batchSpans,
      scheduledDelayMillis: delayMs,
      exportTimeoutMillis: 2 * exportMs,
    });
  }

  onStart(span: Span, parent: Context): void {
    this.batches.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    if (this.waiting >= mostWaiting) {
      this.dropped++;
      return;
    }
    this.waiting++;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }
}
