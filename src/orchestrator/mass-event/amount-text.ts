// Amounts of resources as a person reads them, in causes and details.
import type { ResourceName } from '../../congestion/amounts.ts';

/** `191 GB`, `12.5 MB/s`, `1.5 cores`, `0.12 cores`; three digits or so. Decimal units, as the seed's 200 GB. */
export function amountText(resource: ResourceName, amount: number): string {
  if (resource === 'cpuCores') return `${digits(amount)} cores`;
  const step = byteSteps.find(({ from }) => amount >= from) ?? { from: 1, unit: 'B' };
  return `${digits(amount / step.from)} ${step.unit}${resource.endsWith('PerSecond') ? '/s' : ''}`;
}

const byteSteps = [
  { from: 1e12, unit: 'TB' },
  { from: 1e9, unit: 'GB' },
  { from: 1e6, unit: 'MB' },
  { from: 1e3, unit: 'kB' },
] as const;

/** 0.9 → `90 %`, 0.955 → `95.5 %`. */
export const percentText = (ratio: number): string => `${digits(ratio * 100)} %`;

/** To a tenth; below 1 to two significant digits, down to a thousandth. */
function digits(value: number): string {
  const size = Math.abs(value);
  const steps = size >= 1 ? 10 : size >= 0.1 ? 100 : 1000;
  return String(Math.round(value * steps) / steps);
}
