import { describe, expect, it } from 'vitest';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import { createCounters, interfaceIndex, SwitchCounters } from '../../src/metrics/counters.ts';
import { createMetrics, type MetricSources } from '../../src/metrics/metrics.ts';
import type { SocketSample } from '../../src/metrics/socket-metrics.ts';

const socket: SocketSample = {
  interfaceName: 'south',
  transport: 'tcp',
  listener: 'tcp:127.0.0.1:5060',
  receivedMessages: 10,
  receivedBytes: 1000,
  sentMessages: 9,
  sentBytes: 900,
  sendDrops: 1,
  receiveFaults: 2,
  connections: 3,
  closedConnections: { limit: 4, idle: 0 },
};

function sourcesOf(some: Partial<MetricSources> = {}): MetricSources {
  return {
    version: '1.2.3',
    counters: createCounters(),
    sockets: () => [],
    switches: () => [],
    transactions: () => ({}),
    penalisedSources: () => 0,
    reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: 0 }),
    draining: () => false,
    loop: () => undefined,
    ordered: () => ({ links: [], controls: noOperatorControls }),
    ...some,
  };
}

/** The lines of one family, without HELP and TYPE. */
async function linesOf(sources: MetricSources, family: string): Promise<string[]> {
  const text = await createMetrics(sources).registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(family));
}

describe('the metrics', () => {
  it('show of requests only what was counted, and its sum', async () => {
    const counters = createCounters();
    const south = interfaceIndex('south');
    counters.requests.count(south, 'INVITE', 'new-call', 'reject', 'edge-rate');
    counters.requests.count(south, 'INVITE', 'new-call', 'reject', 'edge-rate');
    counters.requests.count(south, 'BYE', 'in-dialog', 'forward', 'in-dialog');
    const labels = (method: string, rest: string) => `{interface="south",method="${method}",${rest}}`;
    expect(await linesOf(sourcesOf({ counters }), 'surgegate_requests_total')).toEqual([
      `surgegate_requests_total${labels('INVITE', 'class="new-call",decision="reject",reason="edge-rate"')} 2`,
      `surgegate_requests_total${labels('BYE', 'class="in-dialog",decision="forward",reason="in-dialog"')} 1`,
    ]);
  });

  it('do not count twice when they are read twice', async () => {
    const counters = createCounters();
    counters.responses.count(interfaceIndex('core'), 'received', 200);
    counters.callSetupSeconds.observe(3);
    const { registry } = createMetrics(sourcesOf({ counters }));
    const [first, second] = [await registry.metrics(), await registry.metrics()];
    const own = (text: string) => text.split('\n').filter((line) => line.startsWith('surgegate_'));
    expect(own(second)).toEqual(own(first));
    expect(first).toContain('surgegate_responses_total{interface="core",direction="received",code="2xx"} 1');
  });

  it('show completed calls of each class from the start, so that a rate of them is never missing', async () => {
    const counters = createCounters();
    counters.completed.count(interfaceIndex('east'), 'priority');
    const name = 'surgegate_calls_completed_total';
    const lines = await linesOf(sourcesOf({ counters }), name);
    expect(lines).toHaveLength(15);
    expect(lines).toContain(`${name}{interface="east",class="priority"} 1`);
    expect(lines).toContain(`${name}{interface="east",class="emergency"} 0`);
    expect(lines).toContain(`${name}{interface="south",class="new-call"} 0`);
  });

  it('show a distribution with accumulated buckets, sum and count', async () => {
    const counters = createCounters();
    for (const seconds of [1, 1, 4, 301]) counters.retryAfterSeconds.observe(seconds);
    const name = 'surgegate_retry_after_seconds';
    expect(await linesOf(sourcesOf({ counters }), name)).toEqual([
      ...[1, 2, 3].map((bound) => `${name}_bucket{le="${bound}"} ${2}`),
      ...[5, 8, 13, 20, 30, 60, 300].map((bound) => `${name}_bucket{le="${bound}"} ${3}`),
      `${name}_bucket{le="+Inf"} 4`,
      `${name}_sum 307`,
      `${name}_count 4`,
    ]);
  });

  it('show each switch', async () => {
    const counters = new SwitchCounters();
    counters.requests = 5;
    counters.countResponse(503);
    counters.firstResponseSeconds.observe(0.02);
    const sources = sourcesOf({
      switches: () => [
        { name: 'sw1', up: true, counters },
        { name: 'sw2', up: false, counters: new SwitchCounters() },
      ],
    });
    const lines = await linesOf(sources, 'surgegate_switch');
    expect(lines).toContain('surgegate_switch_up{switch="sw1"} 1');
    expect(lines).toContain('surgegate_switch_up{switch="sw2"} 0');
    expect(lines).toContain('surgegate_switch_requests_total{switch="sw1"} 5');
    expect(lines).toContain('surgegate_switch_responses_total{switch="sw1",code="503"} 1');
    expect(lines).toContain('surgegate_switch_first_response_seconds_bucket{switch="sw1",le="0.025"} 1');
    expect(lines).toContain('surgegate_switch_first_response_seconds_count{switch="sw2"} 0');
  });

  it('show each socket: connections of streams only, kernel drops only where they are known', async () => {
    const udp = { ...socket, transport: 'udp', listener: 'udp:127.0.0.1:5060', kernelDrops: 7 };
    const lines = await linesOf(sourcesOf({ sockets: () => [socket, udp] }), 'surgegate_socket');
    const tcpLabels = 'interface="south",transport="tcp",listener="tcp:127.0.0.1:5060"';
    const udpLabels = 'interface="south",transport="udp",listener="udp:127.0.0.1:5060"';
    expect(lines).toContain(`surgegate_socket_received_messages_total{${tcpLabels}} 10`);
    expect(lines).toContain(`surgegate_socket_drops_total{${udpLabels},cause="kernel"} 7`);
    expect(lines.filter((line) => line.includes('cause="kernel"'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('surgegate_socket_connections'))).toEqual([
      `surgegate_socket_connections{${tcpLabels}} 3`,
    ]);
    expect(lines).toContain(`surgegate_socket_closed_total{${tcpLabels},cause="limit"} 4`);
  });

  it('show at zero what an alarm waits for', async () => {
    const text = await createMetrics(sourcesOf()).registry.metrics();
    for (const line of [
      'surgegate_priority_cap_total 0',
      'surgegate_failovers_total 0',
      'surgegate_stripped_priority_total{interface="south"} 0',
      'surgegate_penalties_total{cause="refused"} 0',
      'surgegate_config_reloads_total{result="refused"} 0',
      'surgegate_draining 0',
      'surgegate_shadow 0',
      `surgegate_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('show the process, and what changes in it', async () => {
    let draining = false;
    const { registry } = createMetrics(
      sourcesOf({
        draining: () => draining,
        shadow: () => draining,
        transactions: () => ({ invite: 3 }),
        reloads: () => ({ applied: 2, refused: 1, lastSuccessSeconds: 1.5e9 }),
      }),
    );
    draining = true;
    const text = await registry.metrics();
    expect(text).toContain('surgegate_draining 1');
    expect(text).toContain('surgegate_shadow 1');
    expect(text).toContain('surgegate_transactions{kind="invite"} 3');
    expect(text).toContain('surgegate_config_last_reload_success_timestamp_seconds 1500000000');
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('nodejs_eventloop_lag_p99');
  });

  it('have names and HELP that a person can use', () => {
    const { described } = createMetrics(sourcesOf());
    for (const { name, type, labels, help } of described) {
      expect(name).toMatch(/^surgegate_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(labels).not.toContain('source');
      expect(help.length).toBeGreaterThan(10);
    }
  });

  it('tell of each interface when the first of its certificates runs out', async () => {
    const at = (interfaceName: string, certificateEndsUnixSeconds?: number) => ({
      ...socket,
      interfaceName,
      certificateEndsUnixSeconds,
    });
    const sockets = () => [at('south', 2_000), at('south', 1_000), at('south'), at('east', 3_000), at('core')];
    const family = 'surgegate_tls_certificate_expiry_timestamp_seconds';
    expect(await linesOf(sourcesOf({ sockets }), family)).toEqual([
      `${family}{interface="south"} 1000`,
      `${family}{interface="east"} 3000`,
    ]);
    expect(await linesOf(sourcesOf({ sockets: () => [at('south')] }), family)).toEqual([]);
  });
});
