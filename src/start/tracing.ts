// Traces of admitted calls, where they are configured; else nothing of them is loaded.
import type { Config } from '../config/schema.ts';
import { tracingHeaders } from '../config/tracing-files.ts';
import { noTracing, type Tracing } from '../edge/tracing.ts';
import type { Log } from '../log.ts';
import type { TracingView } from '../metrics/tracing-metrics.ts';

/** What the end of the process waits for the collector, ms. */
const flushMs = 1000;

export interface RunningTracing {
  readonly calls: Tracing;
  /** Undefined where tracing is off. */
  view(): TracingView | undefined;
  change(config: Config): void;
  close(): Promise<void>;
}

const off: RunningTracing = { calls: noTracing, view: () => undefined, change: () => {}, close: async () => {} };

/** `now`: the pipeline's clock, ms, which began with `performance.now()`. Rejects where the file with headers cannot be read. */
export async function startTracing(
  { tracing }: Config,
  version: string,
  log: Log,
  now: () => number,
): Promise<RunningTracing> {
  if (tracing.otlp === undefined) return off;
  const headers = tracingHeaders(tracing);
  const { openTracing } = await import('../tracing/open-tracing.ts');
  const open = openTracing({
    url: tracing.otlp,
    headers,
    serviceName: tracing.serviceName,
    version,
    rules: tracing,
    now,
    offsetMs: () => Date.now() - performance.now(),
    onFailure: (reason) =>
      log.limited('traces', 'warn', 'spans were not taken by the collector', { collector: tracing.otlp, reason }),
  });
  log.info('admitted calls are traced', { collector: tracing.otlp, ratio: tracing.ratio });
  return {
    calls: open.calls,
    view: open.view,
    change: (config) => open.change(config.tracing),
    close: () => open.close(flushMs),
  };
}
