import { describe, expect, it } from 'vitest';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import { createCounters, interfaceIndex } from '../../src/metrics/counters.ts';
import type { LoopView } from '../../src/metrics/loop-view.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { parseMetrics } from '../peers/metrics.ts';
import { loopView, sampleOf, switchSample, throttleOf } from './loop.ts';

async function textOf(loop: LoopView | undefined, counters = createCounters()): Promise<string> {
  const { registry } = createMetrics({
    version: '0',
    counters,
    sockets: () => [],
    switches: () => [],
    transactions: () => ({}),
    penalisedSources: () => 0,
    reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: 0 }),
    draining: () => false,
    loop: () => loop,
    ordered: () => ({ links: [], controls: noOperatorControls }),
  });
  return registry.metrics();
}

describe('the metrics of the control loop', () => {
  it('show mode, causes and every indicator, those too that propose nothing', async () => {
    const text = await textOf(loopView());
    for (const line of [
      'surgegate_control_enabled 1',
      'surgegate_running_mode 3',
      'surgegate_running_mode_cause{cause="arrivals"} 1',
      'surgegate_running_mode_cause{cause="orchestrator"} 0',
      'surgegate_indicator_mode{indicator="arrivals"} 3',
      'surgegate_indicator_ratio{indicator="arrivals"} 10.5',
      'surgegate_indicator_mode{indicator="memory"} 0',
      'surgegate_ordinary_calls_per_second_limit 120',
      'surgegate_registrations_per_second_limit 30',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text.match(/^surgegate_indicator_mode\{/gm)).toHaveLength(8);
  });

  it('show of a switch what was learned; no limit is +Inf', async () => {
    const text = await textOf(loopView());
    for (const line of [
      'surgegate_switch_capacity_calls_per_second{switch="sw1"} 140.1234',
      'surgegate_switch_capacity_calls_per_second{switch="sw2"} +Inf',
      'surgegate_switch_limit_calls_per_second{switch="sw1"} 140',
      'surgegate_switch_outstanding_calls{switch="sw1"} 4',
      'surgegate_switch_outstanding_limit_calls{switch="sw2"} +Inf',
      'surgegate_switch_backlog_calls{switch="sw1"} 2.5',
      'surgegate_switch_backlog_limit_calls{switch="sw1"} 3.1',
      'surgegate_switch_backlog_limit_calls{switch="sw2"} +Inf',
      'surgegate_switch_demand_calls_per_second{switch="sw1"} 300',
      'surgegate_switch_at_capacity{switch="sw1"} 1',
      'surgegate_switch_at_capacity{switch="sw2"} 0',
      'surgegate_switch_silent{switch="sw1"} 0',
      'surgegate_oc_received_loss_ratio{switch="sw2"} 0.3',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).not.toContain('surgegate_oc_received_loss_ratio{switch="sw1"}');
  });

  it('show interfaces and neighbours; `*` stands for the sources without a name', async () => {
    const text = await textOf(loopView());
    for (const line of [
      'surgegate_interface_normal_calls_per_second{interface="south"} 25',
      'surgegate_interface_share_calls_per_second{interface="east"} 80',
      'surgegate_neighbour_share_calls_per_second{interface="east",neighbour="*"} +Inf',
      'surgegate_neighbour_share_calls_per_second{interface="east",neighbour="carrier"} 40',
      'surgegate_neighbour_calls_asked_total{interface="east",neighbour="carrier"} 20',
      'surgegate_neighbour_calls_gapped_total{interface="south",neighbour="*"} 10',
      'surgegate_neighbour_calls_admitted_total{interface="south",neighbour="*"} 5',
      'surgegate_lane_waiting_calls{interface="south"} 7',
      'surgegate_lane_oldest_seconds{interface="south"} 0.12',
      'surgegate_lane_wait_seconds_bucket{interface="south",le="0.2"} 1',
      'surgegate_scan_interval_seconds{interface="south"} 0.15',
      'surgegate_scan_batch_calls{interface="south"} 3',
      'surgegate_kernel_queue_ratio{interface="south"} 0.25',
      'surgegate_kernel_drops_total{interface="south"} 3',
      'surgegate_oc_sent_loss_ratio{interface="east",neighbour="carrier"} 0.4',
      'surgegate_oc_not_complying{interface="east",neighbour="carrier"} 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
    expect(text).not.toContain('surgegate_interface_normal_calls_per_second{interface="east"}');
    expect(text).not.toContain('surgegate_kernel_queue_ratio{interface="east"}');
    expect(text).not.toContain('surgegate_oc_not_complying{interface="south"');
  });

  it('tell rate from loss, and nothing of an oc that is stopped', async () => {
    const view = loopView();
    const [south, east] = view.throttle.interfaces;
    const withOc = (oc: { algorithm: 'loss' | 'rate'; value: number; validityMs: number }) => {
      const neighbours = [
        { name: 'carrier', newCallsPerSecond: 40, isServed: false, oc: { ...oc, sequence: '1.00000' } },
      ];
      return { ...view, throttle: throttleOf({ interfaces: [south!, { ...east!, neighbours }] }) };
    };
    const rate = await textOf(withOc({ algorithm: 'rate', value: 55, validityMs: 500 }));
    expect(rate).toContain('surgegate_oc_sent_requests_per_second{interface="east",neighbour="carrier"} 55\n');
    expect(rate).not.toContain('surgegate_oc_sent_loss_ratio{');
    const stopped = await textOf(withOc({ algorithm: 'loss', value: 0, validityMs: 0 }));
    expect(stopped).not.toContain('surgegate_oc_sent_loss_ratio{');
    const asked = switchSample('sw1', { oc: { algorithm: 'rate', perSecond: 70 } });
    const received = await textOf({ ...view, sample: sampleOf({ switches: [asked] }) });
    expect(received).toContain('surgegate_oc_received_requests_per_second{switch="sw1"} 70\n');
  });

  it('show gaps by cause, and with control off only those of the operator', async () => {
    const gaps = throttleOf().gaps;
    const throttle = throttleOf({ gaps: [...gaps, { ...gaps[0]!, cause: 'mass-calling' }] });
    const on = await textOf(loopView({ throttle }));
    expect(on).toContain('surgegate_gaps{cause="mass-calling"} 1\n');
    expect(on).toContain('surgegate_gaps{cause="operator"} 1\n');
    expect(on).toContain('surgegate_gap_calls_total{cause="hard-to-reach",result="refused"} 0\n');
    const off = await textOf(loopView({ throttle, isEnabled: false }));
    expect(off).toContain('surgegate_control_enabled 0\n');
    expect(off).toContain('surgegate_gaps{cause="mass-calling"} 0\n');
    expect(off).toContain('surgegate_gaps{cause="operator"} 1\n');
  });

  it('sum refusals of shadow mode over methods, and show what was counted of oc', async () => {
    const counters = createCounters();
    for (const method of ['SUBSCRIBE', 'OPTIONS', 'OPTIONS'] as const)
      counters.shadowed.count(interfaceIndex('south'), method, 'non-essential', 'reject', 'mode');
    counters.ocSent = 4;
    counters.ocReceived = 2;
    const text = await textOf(undefined, counters);
    expect(text).toContain(
      'surgegate_shadow_refusals_total{interface="south",class="non-essential",reason="mode"} 3\n',
    );
    expect(text).toContain('surgegate_oc_sent_total 4\n');
    expect(text).toContain('surgegate_oc_received_total 2\n');
  });

  it('say nothing of the loop before its first throttle, and never a called number', async () => {
    const before = parseMetrics(await textOf(undefined)).samples.map(({ name }) => name);
    expect(before).not.toContain('surgegate_running_mode');
    const { samples } = parseMetrics(await textOf(loopView()));
    expect(samples.filter(({ labels }) => Object.values(labels).some((label) => /^\d{4,15}$/.test(label)))).toEqual([]);
  });
});
