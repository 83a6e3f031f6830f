import { expect, it } from 'vitest';
import { amountText, percentText } from '../../../src/orchestrator/mass-event/amount-text.ts';

it.each([
  ['cpuCores', 0.12, '0.12 cores'],
  ['cpuCores', 0.1249, '0.12 cores'],
  ['cpuCores', 0.0123, '0.012 cores'],
  ['cpuCores', 0.000_000_1, '0 cores'],
  ['cpuCores', 0, '0 cores'],
  ['cpuCores', 0.999, '1 cores'],
  ['cpuCores', 1.54, '1.5 cores'],
  ['memoryBytes', 191_000_000_000, '191 GB'],
  ['memoryBytes', 12, '12 B'],
  ['networkBytesPerSecond', 12_540_000, '12.5 MB/s'],
] as const)('%s %f is %s', (resource, amount, text) => expect(amountText(resource, amount)).toBe(text));

it('a share is a percentage to a tenth', () => {
  expect([0.9, 0.955, 0.0025].map(percentText)).toEqual(['90 %', '95.5 %', '0.25 %']);
});
