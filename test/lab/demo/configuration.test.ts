// The configuration files of the demo are valid, and say what the demo is about.
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { parseOrchestratorConfig } from '../../../src/config/orchestrator-load.ts';
import { restoreBaseline } from '../../../src/control/baseline.ts';
import { applications, edgeFile, normalsFile, orchestratorFile } from '../../../src/lab/demo/configuration.ts';
import { defaultOptions, planOf } from '../../../src/lab/demo/plan.ts';

const plan = planOf(defaultOptions);
const folder = '/nowhere/demo';
const token = (name: string): string => `token-of-${name}-0123456789`;
const tokens = {
  applications: { surgegate: token('surgegate'), web: token('web'), shop: token('shop'), batch: token('batch') },
  operator: token('operator'),
};
const groups = { web: { path: 'demo-web' }, shop: { path: 'demo-shop' }, batch: { path: 'demo-batch', cores: 0.3 } };

function orchestratorOf(written: string) {
  const loaded = parseOrchestratorConfig(written, `${folder}/orchestrator.yaml`);
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  return loaded;
}

describe("the demo's orchestrator", () => {
  it('knows its applications and limits them by control groups', () => {
    const { config, warnings } = orchestratorOf(orchestratorFile(plan, { folder, tokens, groups }));
    expect(warnings).toEqual([]);
    expect(config.applications.map(({ name }) => name)).toEqual(applications);
    expect(config.applications.map(({ adapter }) => adapter)).toEqual([
      { kind: 'advise' },
      { kind: 'cgroup', path: 'demo-web' },
      { kind: 'cgroup', path: 'demo-shop' },
      { kind: 'cgroup', path: 'demo-batch', baseline: { cpuCores: 0.3 } },
    ]);
    expect(config.applications.filter(({ essential }) => !essential).map(({ name }) => name)).toEqual(['batch']);
    expect(config.shedding.deadlineSeconds).toBe(plan.shedSeconds);
    expect(config.thresholds).toEqual([]);
  });

  it('only asks where there are none', () => {
    const { config } = orchestratorOf(orchestratorFile(plan, { folder, tokens, groups: {} }));
    expect(new Set(config.applications.map(({ adapter }) => adapter.kind))).toEqual(new Set(['advise']));
  });
});

describe("the demo's edge", () => {
  it('is a valid one', () => {
    const place = { folder, switchAddress: '127.0.0.1:5080', orchestrator: 'http://127.0.0.1:9465', token: token('e') };
    const loaded = parseConfig(edgeFile(place), `${folder}/edge.yaml`);
    if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
    expect(loaded.config.orchestrator.kind).toBe('links');
    expect(loaded.config.interfaces.east?.trust.resourcePriority).toBe(true);
  });

  it('knows what is normal from the start', () => {
    const { south, east } = JSON.parse(normalsFile(plan)) as Record<string, { calls: unknown }>;
    const rules = { normalFloorPerSecond: 10 };
    expect(restoreBaseline(south?.calls, rules)).toMatchObject({ isKnown: true, normalPerSecond: 98 });
    expect(restoreBaseline(east?.calls, rules)).toMatchObject({ isKnown: true, normalPerSecond: 10 });
  });
});
