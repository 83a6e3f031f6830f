import { expect, it } from 'vitest';
import { parseOrchestratorConfig } from '../../src/config/orchestrator-load.ts';
import type { OrchestratorConfig } from '../../src/config/orchestrator-schema.ts';
import { defaultAllocationRules } from '../../src/orchestrator/allocation/allocation-rules.ts';
import {
  configuredAllocationRules,
  configuredEventRules,
  configuredSheddingRules,
} from '../../src/orchestrator/configured-rules.ts';
import { eventRules } from '../../src/orchestrator/mass-event/event-rules.ts';
import { sheddingRules } from '../../src/orchestrator/shedding/shedding-rules.ts';

const configOf = (text: string) =>
  (parseOrchestratorConfig(text, '/a/b.yaml', {}) as { config: OrchestratorConfig }).config;

it('without anything configured the rules are the defaults', () => {
  const config = configOf('');
  expect(configuredEventRules(config)).toEqual(eventRules);
  expect(configuredAllocationRules(config)).toEqual(defaultAllocationRules);
  expect(configuredSheddingRules(config)).toEqual(sheddingRules);
});

it('the reserve, the split, the minima and the deadline are those of the configuration', () => {
  const config = configOf(
    'reserveRatio: 0.3\nsplit: proportional\nminimumRatio: { L1: 0.9, L2: 0.5, L3: 0.1 }\nshedding: { deadlineSeconds: 4, toleranceRatio: 0.1 }',
  );
  expect(configuredAllocationRules(config)).toMatchObject({
    reserveRatio: 0.3,
    split: 'proportional',
    minimumRatios: { L0: 1, L1: 0.9, L2: 0.5, L3: 0.1 },
  });
  expect(configuredSheddingRules(config)).toMatchObject({ shedDeadlineMs: 4000, toleranceRatio: 0.1 });
});

it('thresholds of every form take the place of the defaults, named after what they say', () => {
  const config = configOf(`
thresholds:
  - { when: [ { resource: memoryBytes, amount: 190G, clearAmount: 180G } ], mode: L1 }
  - { when: [ { overallRatio: 0.95 }, { resource: cpuCores, ratio: 0.9, clearRatio: 0.8 } ], mode: L3, setSeconds: 5, clearSeconds: 2 }
  - { when: [ { resource: diskBytes, available: 10G } ], mode: L2 }
`);
  expect(configuredEventRules(config).thresholds).toEqual([
    {
      name: 'memoryBytes 190 GB',
      when: [{ resource: 'memoryBytes', amount: 190e9, clearAmount: 180e9 }],
      proposes: 'L1',
      setDwellMs: 2000,
      clearDwellMs: 1000,
    },
    {
      name: 'overall 95 % and cpuCores 90 %',
      when: [{ overallRatio: 0.95 }, { resource: 'cpuCores', ratio: 0.9, clearRatio: 0.8 }],
      proposes: 'L3',
      setDwellMs: 5000,
      clearDwellMs: 2000,
    },
    {
      name: 'diskBytes 10 GB left',
      when: [{ resource: 'diskBytes', available: 10e9 }],
      proposes: 'L2',
      setDwellMs: 2000,
      clearDwellMs: 1000,
    },
  ]);
});

it('no thresholds at all are none', () =>
  expect(configuredEventRules(configOf('thresholds: []')).thresholds).toEqual([]));
