import { expect, it } from 'vitest';
import { createOrchestratorMetrics } from '../../src/orchestrator/orchestrator-metrics.ts';
import { StepRecord } from '../../src/orchestrator/step-record.ts';
import { HostWorld, settings } from './host-world.ts';

it('tells of the host and of each application maximum, reserve, allocation, use and what is available', async () => {
  const world = new HostWorld({ cpuCores: 10 }, [
    settings('web', { minimum: { cpuCores: 1 }, maximum: { cpuCores: 4 } }),
  ]);
  world.register('web');
  world.seconds(10, { web: { used: { cpuCores: 3 } } });
  const silent = { info() {}, warn() {}, debug() {} };
  const adapterState = { limits: {}, isSuspended: false, used: { cpuCores: 3 }, maximum: { cpuCores: 6 } };
  const { registry } = createOrchestratorMetrics({
    ...{ orchestrator: world.orchestrator, applications: world.applications, peers: world.peers },
    counts: new StepRecord(silent),
    adapters: { counts: new Map([['web', { set: 1, failed: 2 }]]), stateOf: () => adapterState },
    reserveRatio: () => 0.2,
    now: () => world.nowMs,
  });
  const text = await registry.metrics();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  const host = (what: string) => value(`surgegate_host_${what}{resource="cpuCores"}`);
  const web = (what: string) => value(`surgegate_application_${what}{application="web",resource="cpuCores"}`);
  expect([host('maximum'), host('reserve'), host('allocated'), host('used')]).toEqual([10, 2, 4, 3]);
  expect(host('available')).toBeCloseTo(4, 1);
  expect([web('maximum'), web('reserved'), web('allocated'), web('virtual_maximum')]).toEqual([4, 1, 4, 6]);
  expect([web('used'), web('available')].map(Math.round)).toEqual([3, 1]);
  expect(value('surgegate_adapter_passes_total{application="web",result="failed"}')).toBe(2);
  expect(value('surgegate_host_mode')).toBe(0);
  expect(value('surgegate_shedding_events_total{application="web",what="forced"}')).toBe(0);
});
