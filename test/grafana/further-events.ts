// What a surge does not bring and a dashboard shows: modes that the host orders, orders by hand, a drain, odd requests.
import { openDatagrams, requestText } from '../peers/datagram.ts';
import type { Edge } from '../peers/edge.ts';
import type { OrchestratorProcess } from '../peers/orchestrator.ts';
import type { Prometheus } from '../peers/prometheus.ts';
import { waitFor } from '../peers/wait.ts';

export interface Parties {
  readonly edge: Edge;
  readonly orchestrator: OrchestratorProcess;
  readonly prometheus: Prometheus;
}

const order = { seconds: 60, reason: 'for the dashboards' };

/** Returns when Prometheus has seen all of it. */
export async function bringAbout({ edge, orchestrator, prometheus }: Parties): Promise<void> {
  const seen = (expression: string): Promise<unknown> =>
    waitFor(expression, async () => (await prometheus.query(expression)).length > 0, 20_000, 100);
  const stop = await sendOddRequests(edge);
  try {
    for (const mode of ['L1', 'L2', 'L3']) {
      await orchestrator.order('PUT', '/v1/mode/override', { mode, ...order });
      // by hand as well: whatever a busy machine makes the edge think of itself
      await put(edge, '/v1/mode', { mode, ...order });
      await seen(`surgegate_host_mode == ${mode.slice(1)}`);
      await seen(`surgegate_running_mode == ${mode.slice(1)}`);
    }
    await put(edge, '/v1/shadow', { on: true, ...order });
    await seen('surgegate_shadow == 1');
    await seen('surgegate_shadow_refusals_total');
    await orchestrator.order('DELETE', '/v1/mode/override');
    await put(edge, '/v1/drain', order);
    await seen('surgegate_operator_override == 1');
    await seen('surgegate_draining == 1');
    for (const path of ['/v1/shadow', '/v1/drain', '/v1/mode'])
      await fetch(`${base(edge)}${path}`, { method: 'DELETE' });
    await seen('surgegate_draining == 0');
    await seen('rate(surgegate_requests_total{reason="too-many-hops"}[2s]) > 0');
    await seen('rate(surgegate_requests_total{reason="retransmission"}[2s])');
    await seen('rate(surgegate_requests_total{method="REGISTER"}[2s])');
  } finally {
    stop();
  }
}

const base = ({ config }: Edge): string => `http://${(config.admin as { listen: string }).listen}`;

async function put(edge: Edge, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${base(edge)}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`PUT ${path} answered ${answer.status}: ${await answer.text()}`);
}

/** Ten times a second, until the function that it returns is called: an INVITE at its last hop, one twice, a REGISTER, a MESSAGE. */
async function sendOddRequests({ port }: Edge): Promise<() => void> {
  const socket = await openDatagrams();
  const from = { host: socket.host, port: socket.port };
  const timer = setInterval(() => {
    socket.send(requestText(from).replace('Max-Forwards: 70', 'Max-Forwards: 0'), port.south);
    const twice = requestText({ ...from, uri: 'sip:busy@example.test' });
    socket.send(twice, port.south);
    socket.send(twice, port.south);
    socket.send(requestText({ ...from, method: 'REGISTER', uri: 'sip:example.test' }), port.south);
    socket.send(requestText({ ...from, method: 'MESSAGE' }), port.south);
  }, 100);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}
