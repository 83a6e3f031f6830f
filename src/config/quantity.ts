// Amounts of the host's resources as people write them: a number, or a number with k, M, G, T (powers of 1000) or Ki, Mi, Gi, Ti
// (powers of 1024) behind it.
import * as z from 'zod';
import type { resourceNames } from '../congestion/amounts.ts';
import { section } from './fields.ts';

const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `1.5Gi` → 1610612736. Undefined for bad syntax, less than 0, or more than fits a number exactly. */
export function parseQuantity(written: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kMGT]i?|Ki)?B?$/.exec(String(written));
  const factor = factors[match?.[2] ?? ''];
  if (match === null || factor === undefined) return undefined;
  const amount = Number(match[1]) * factor;
  return amount <= Number.MAX_SAFE_INTEGER ? amount : undefined;
}

/** One amount; of what, and so its unit, says another key where `unit` does not. */
export function quantity(unit = 'cores, bytes or bytes per second') {
  const allowed = `0 or more (${unit}), also with k, M, G, T, Ki, Mi, Gi or Ti behind it`;
  const error = `allowed: ${allowed}`;
  return z
    .union([z.number(), z.string()], { error })
    .meta({ unit, allowed })
    .transform((written, context): number => {
      const amount = parseQuantity(written);
      if (amount !== undefined) return amount;
      context.issues.push({ code: 'custom', message: error, input: written });
      return z.NEVER;
    });
}

const units = {
  cpuCores: 'cores',
  memoryBytes: 'bytes',
  diskBytes: 'bytes',
  diskBytesPerSecond: 'bytes per second',
  networkBytesPerSecond: 'bytes per second',
} as const satisfies Record<(typeof resourceNames)[number], string>;

/** A mapping of resources to amounts; what is left out is not spoken of. */
export const quantities = () =>
  section({
    cpuCores: quantity(units.cpuCores).optional(),
    memoryBytes: quantity(units.memoryBytes).optional(),
    diskBytes: quantity(units.diskBytes).optional(),
    diskBytesPerSecond: quantity(units.diskBytesPerSecond).optional(),
    networkBytesPerSecond: quantity(units.networkBytesPerSecond).optional(),
  });
