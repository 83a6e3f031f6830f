import { describe, expect, it } from 'vitest';
import { parseOrchestratorConfig } from '../../../src/config/orchestrator-load.ts';
import type { OrchestratorConfig } from '../../../src/config/orchestrator-schema.ts';
import {
  type ApplicationSettings,
  boundedSettings,
  type Claim,
  settingsOf,
} from '../../../src/orchestrator/registry/application-settings.ts';

const settings: ApplicationSettings = {
  name: 'web',
  isEssential: true,
  priority: 5,
  isExempt: false,
  maximum: { memoryBytes: 1000 },
  minimum: { memoryBytes: 100 },
};
const claim: Claim = { essential: true, priority: 5, maximum: {}, minimum: {} };

describe('what configuration says bounds what is claimed', () => {
  it.each<[string, Partial<ApplicationSettings>, Partial<Claim>, Partial<ApplicationSettings>]>([
    ['a higher priority is not believed', {}, { priority: 9 }, { priority: 5 }],
    ['a lower one is', {}, { priority: 2 }, { priority: 2 }],
    ['who is configured as not essential is not, whatever it says', { isEssential: false }, {}, { isEssential: false }],
    ['who says that it is not essential is not', {}, { essential: false }, { isEssential: false }],
    ['who is exempt is essential', { isExempt: true }, { essential: false }, { isExempt: true, isEssential: true }],
    ['the least maximum counts: its own', {}, { maximum: { memoryBytes: 500 } }, { maximum: { memoryBytes: 500 } }],
    ['the least maximum counts: ours', {}, { maximum: { memoryBytes: 5000 } }, { maximum: { memoryBytes: 1000 } }],
    [
      'of what only one names that one counts',
      {},
      { maximum: { cpuCores: 2 } },
      { maximum: { cpuCores: 2, memoryBytes: 1000 } },
    ],
    ['a minimum above ours is not believed', {}, { minimum: { memoryBytes: 900 } }, { minimum: { memoryBytes: 100 } }],
    ['a lower one is', {}, { minimum: { memoryBytes: 50 } }, { minimum: { memoryBytes: 50 } }],
    [
      'of a resource that we do not name its minimum counts',
      {},
      { minimum: { cpuCores: 1 } },
      { minimum: { cpuCores: 1, memoryBytes: 100 } },
    ],
    [
      'no minimum is above the maximum',
      {},
      { maximum: { memoryBytes: 60, cpuCores: 1 }, minimum: { cpuCores: 4 } },
      { minimum: { memoryBytes: 60, cpuCores: 1 }, maximum: { memoryBytes: 60, cpuCores: 1 } },
    ],
  ])('%s', (_what, configured, claimed, expected) => {
    expect(boundedSettings({ ...settings, ...configured }, { ...claim, ...claimed })).toMatchObject(expected);
  });

  it('before it says anything it counts alone', () => expect(boundedSettings(settings, undefined)).toEqual(settings));
});

it('settings come from the configuration', () => {
  const text = 'applications: [ { name: web, priority: 3, essential: false, maximum: { cpuCores: 2 } } ]';
  const { config } = parseOrchestratorConfig(text, '/a/b.yaml', {}) as { config: OrchestratorConfig };
  expect(config.applications.map(settingsOf)).toEqual([
    { name: 'web', priority: 3, isEssential: false, isExempt: false, maximum: { cpuCores: 2 }, minimum: {} },
  ]);
});
