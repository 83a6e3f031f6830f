import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Families } from '../../src/metrics/families.ts';
import { addHepMetrics, type HepView } from '../../src/metrics/hep-metrics.ts';

async function textOf(view: HepView | undefined): Promise<string> {
  const families: Families = { registry: new Registry(), described: [] };
  addHepMetrics(families, () => view);
  return families.registry.metrics();
}

it('what is mirrored, what was dropped and why, and how many calls by kind', async () => {
  const text = await textOf({
    collector: 'udp:192.0.2.60:9060',
    isUp: true,
    queuedBytes: 5,
    sent: 7,
    sentBytes: 700,
    dropped: { rate: 1, queue: 2 },
    calls: { call: { kept: 3, leftOut: 4 } },
  });
  for (const line of [
    'surgegate_hep_up{collector="udp:192.0.2.60:9060"} 1',
    'surgegate_hep_sent_total 7',
    'surgegate_hep_sent_bytes_total 700',
    'surgegate_hep_queue_bytes 5',
    'surgegate_hep_dropped_total{reason="rate"} 1',
    'surgegate_hep_dropped_total{reason="queue"} 2',
    'surgegate_hep_calls_total{kind="call",decision="kept"} 3',
    'surgegate_hep_calls_total{kind="call",decision="left-out"} 4',
  ])
    expect(text.split('\n')).toContain(line);
});

it('a collector that is not configured is not said to be down', async () => {
  expect(await textOf(undefined)).not.toMatch(/^surgegate_hep_up[ {]/m);
});
