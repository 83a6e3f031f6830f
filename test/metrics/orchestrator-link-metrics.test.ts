import { expect, it } from 'vitest';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import { createCounters, SwitchCounters } from '../../src/metrics/counters.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { OrderedView } from '../../src/metrics/orchestrator-link-metrics.ts';
import { linkView } from './link.ts';

async function linesOf(some: Partial<OrderedView> = {}): Promise<string> {
  const { registry } = createMetrics({
    version: '0',
    counters: createCounters(),
    sockets: () => [],
    switches: () => ['sw1', 'sw2'].map((name) => ({ name, up: true, counters: new SwitchCounters() })),
    transactions: () => ({}),
    penalisedSources: () => 0,
    reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: 0 }),
    draining: () => false,
    loop: () => undefined,
    ordered: () => ({ links: [], controls: noOperatorControls, ...some }),
  });
  return registry.metrics();
}

it('without an orchestrator or order there is no boundary, and every control is 0', async () => {
  const text = await linesOf();
  for (const line of [
    'surgegate_boundary_calls_per_second +Inf',
    'surgegate_operator_override{mode="L0"} 0',
    'surgegate_operator_override{mode="L3"} 0',
    'surgegate_switch_drained{switch="sw1"} 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).not.toMatch(/^surgegate_orchestrator_\w+\{/m);
});

it('each link says what it was told, and how messages fared', async () => {
  const lost = linkView({
    ...{ name: 'b', isUp: false, answeredSecondsAgo: undefined, mode: undefined, allocation: {}, allowed: {} },
    boundaryPerSecond: Number.POSITIVE_INFINITY,
  });
  const text = await linesOf({ links: [linkView({ name: 'a' }), lost] });
  for (const line of [
    'surgegate_boundary_calls_per_second 800',
    'surgegate_orchestrator_up{orchestrator="a"} 1',
    'surgegate_orchestrator_up{orchestrator="b"} 0',
    'surgegate_orchestrator_orders_age_seconds{orchestrator="a"} 0.5',
    'surgegate_orchestrator_mode{orchestrator="a"} 1',
    'surgegate_orchestrator_reduction_ratio{orchestrator="a"} 0.25',
    'surgegate_orchestrator_notices{orchestrator="a"} 1',
    'surgegate_orchestrator_allocation{orchestrator="a",resource="cpuCores",kind="allocation"} 0.4',
    'surgegate_orchestrator_allocation{orchestrator="a",resource="cpuCores",kind="allowed"} 0.2',
    'surgegate_orchestrator_messages_total{orchestrator="a",kind="report",result="sent"} 60',
    'surgegate_orchestrator_messages_total{orchestrator="a",kind="pre-congestion",result="failed"} 1',
    'surgegate_orchestrator_failures_total{orchestrator="a",kind="timeout"} 2',
    'surgegate_orchestrator_failures_total{orchestrator="a",kind="refused"} 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).not.toContain('surgegate_orchestrator_mode{orchestrator="b"}');
  expect(text).not.toContain('surgegate_orchestrator_orders_age_seconds{orchestrator="b"}');
  expect(text).not.toContain('surgegate_orchestrator_allocation{orchestrator="b"');
  expect(text).not.toContain('kind="report",result="failed"');
});

it('what operators hold in force', async () => {
  const held = { untilMs: 1, reason: '', by: 'ann' };
  const drainedSwitches = new Map([['sw2', held]]);
  const text = await linesOf({
    controls: { mode: { mode: 'L2', ...held }, drain: held, shadow: undefined, drainedSwitches },
  });
  expect(text).toContain('surgegate_operator_override{mode="L2"} 1\n');
  expect(text).toContain('surgegate_operator_override{mode="L1"} 0\n');
  expect(text).toContain('surgegate_switch_drained{switch="sw2"} 1\n');
});
