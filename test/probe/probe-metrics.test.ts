// What Prometheus reads of calls.
import { describe, expect, it } from 'vitest';
import { type CallEnd, noEnd } from '../../src/probe/call.ts';
import { startMetricsPage } from '../../src/probe/metrics-page.ts';
import { type CallReport, outcomeOf } from '../../src/probe/outcome.ts';
import { createProbeMetrics } from '../../src/probe/probe-metrics.ts';
import { parseMetrics } from '../peers/metrics.ts';

const report = (callClass: CallReport['class'], end: CallEnd): CallReport => ({
  ...{ class: callClass, outcome: outcomeOf(end), end },
});
const answered: CallEnd = { ...noEnd, how: 'answered', status: 200, phrase: 'OK', firstResponseMs: 2, setUpMs: 114.26 };
const refused: CallEnd = {
  ...{ how: 'rejected', status: 503, phrase: 'Service Unavailable', firstResponseMs: 1.7, retryAfterSeconds: 5 },
  ...{ reason: 'Q.850;cause=42;text="Surgegate share"', fault: '' },
};

describe('metrics', () => {
  it('have every class and outcome from the start, and no success before the first call', async () => {
    const { registry } = createProbeMetrics(['ordinary', 'priority']);
    const metrics = parseMetrics(await registry.metrics());
    const of = (name: string) => metrics.samples.filter((sample) => sample.name === name);
    expect(of('surgegate_probe_calls_total').map(({ labels, value }) => [labels.class, labels.outcome, value])).toEqual(
      ['ordinary', 'priority'].flatMap((name) =>
        ['completed', 'refused', 'failed', 'timeout'].map((outcome) => [name, outcome, 0]),
      ),
    );
    expect(of('surgegate_probe_success')).toEqual([]);
    expect(of('surgegate_probe_last_success_timestamp_seconds').map(({ value }) => value)).toEqual([0, 0]);
  });

  it('tell refused from failed, and keep the last success', async () => {
    const { registry, note, noteHeld } = createProbeMetrics(['ordinary', 'priority']);
    note(report('ordinary', answered), 1_700_000_000_500);
    note(report('ordinary', refused), 1_700_000_060_000);
    noteHeld('ordinary');
    note(report('priority', { ...noEnd, status: 180, phrase: 'Ringing', firstResponseMs: 3 }), 1_700_000_060_000);
    const { sum } = parseMetrics(await registry.metrics());
    const of = (callClass: string, name: string, more = {}) =>
      sum(`surgegate_probe_${name}`, { class: callClass, ...more });
    expect([of('ordinary', 'calls_total', { outcome: 'refused' }), of('ordinary', 'calls_total')]).toEqual([1, 2]);
    expect([of('ordinary', 'success'), of('ordinary', 'last_status'), of('ordinary', 'held_total')]).toEqual([
      0, 503, 1,
    ]);
    expect(of('ordinary', 'last_success_timestamp_seconds')).toBe(1_700_000_000.5);
    // refusals are fast: they are no set-up time
    expect([of('ordinary', 'setup_seconds_count'), of('ordinary', 'first_response_seconds_count')]).toEqual([1, 2]);
    expect(of('ordinary', 'setup_seconds_sum')).toBeCloseTo(0.11426);
    expect(of('ordinary', 'setup_seconds_bucket', { le: '0.1' })).toBe(0);
    expect(of('ordinary', 'setup_seconds_bucket', { le: '0.25' })).toBe(1);
    expect(of('priority', 'calls_total', { outcome: 'timeout' })).toBe(1);
    expect([of('priority', 'setup_seconds_count'), of('priority', 'success')]).toEqual([0, 0]);
  });

  it('are on a page', async () => {
    const { registry } = createProbeMetrics(['ordinary']);
    const page = await startMetricsPage(registry, { host: '127.0.0.1', port: 0 });
    try {
      const answer = await fetch(`http://${page.address}/metrics`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, registry.contentType]);
      expect(await answer.text()).toContain('surgegate_probe_calls_total{class="ordinary",outcome="completed"} 0');
      expect((await fetch(`http://${page.address}/healthz`)).status).toBe(200);
      const other = await fetch(`http://${page.address}/`);
      expect([other.status, ((await other.json()) as { detail: string }).detail]).toEqual([
        404,
        expect.stringContaining('GET /metrics'),
      ]);
      const port = Number(page.address.split(':')[1]);
      await expect(startMetricsPage(registry, { host: '127.0.0.1', port })).rejects.toThrow(
        `--metrics: cannot listen on 127.0.0.1:${port}`,
      );
    } finally {
      await page.close();
    }
  });
});
