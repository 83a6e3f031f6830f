// The books of the edge: every message received is one request with one decision, or one response. On a drachtio-server responses never
// come to us, nor does a CANCEL of its own.
import { expect } from 'vitest';
import type { Edge } from './edge.ts';
import type { Metrics } from './metrics.ts';
import { waitFor } from './wait.ts';

/** Requests by decision and reason, `forward/admitted` → count; for messages of failing tests. */
export function decisionsOf(metrics: Metrics): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of metrics.samples) {
    if (name !== 'surgegate_requests_total') continue;
    const key = `${labels.decision}/${labels.reason}`;
    counts[key] = (counts[key] ?? 0) + value;
  }
  return counts;
}

const received = (metrics: Metrics): number => metrics.sum('surgegate_socket_received_messages_total');
const requests = 'surgegate_requests_total';

function accounted(metrics: Metrics, { drachtio }: Edge): number {
  const other =
    drachtio === undefined
      ? metrics.sum('surgegate_responses_total', { direction: 'received' })
      : -metrics.sum(requests, { method: 'CANCEL' });
  return metrics.sum(requests) + other;
}

/** Waits until what the sockets received and what was decided of it add up, and fails if they never do. */
export async function expectBalanced(edge: Edge): Promise<Metrics> {
  let metrics = await edge.metrics();
  await waitFor(
    'the books to balance',
    async () => {
      metrics = await edge.metrics();
      return received(metrics) === accounted(metrics, edge);
    },
    2_000,
  ).catch(() =>
    expect(accounted(metrics, edge), `decided: ${JSON.stringify(decisionsOf(metrics))}`).toBe(received(metrics)),
  );
  return metrics;
}
