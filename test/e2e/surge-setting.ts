// What the surge suites share: an edge that is told nothing but the address of a switch of limited capacity, and callers who call
// all over the country.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwitchOrder } from '../../src/lab/switch-process.ts';
import { type Edge, type EngineName, startEdge } from '../peers/edge.ts';
import type { Lab } from '../peers/lab-test.ts';
import { type LimitedSwitch, startLimitedSwitch } from '../peers/limited-switch.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';

export const capacityPerSecond = 60;

export interface SurgeSetting {
  readonly limited: LimitedSwitch;
  readonly edge: Edge;
}

export async function setUpSurge(
  lab: Lab,
  order: SwitchOrder = {},
  rest: Readonly<Record<string, unknown>> = {},
  ofSwitch: Readonly<Record<string, unknown>> = {},
  engine: EngineName = 'embedded',
): Promise<SurgeSetting> {
  const limited = await startLimitedSwitch(lab, { capacityPerSecond, ...order });
  const sides = { south: {}, east: { trust: { resourcePriority: true } } };
  const edge = await startEdge(lab, {
    engine,
    sides,
    switches: [{ name: 'switch', address: `udp:${limited.address}`, ...ofSwitch }],
    rest,
  });
  return { limited, edge };
}

/** The modes that the log says were entered, in order. */
export function modesOf(edge: Edge): string[] {
  return [...edge.log().matchAll(/"from":"(L\d)","to":"(L\d)"/g)].map((match) => match[2]!);
}

export async function refusedBy(edge: Edge): Promise<number> {
  const metrics = await edge.metrics();
  return metrics.sum('surgegate_requests_total', { method: 'INVITE', decision: 'reject' });
}

const dialled = 2000;

/** `uac-surge`: each call to the next of 2,000 numbers without anything in common. */
export async function startSurge(lab: Lab, options: SippOptions): Promise<Sipp> {
  const file = join(lab.dir, 'numbers.csv');
  const numbers = Array.from({ length: dialled }, (_, i) =>
    String(2_000_000_000 + ((i * 4_294_967_291) % 7_999_999_993)),
  );
  writeFileSync(file, `SEQUENTIAL\n${numbers.map((number) => `${number};\n`).join('')}`);
  return startSipp(lab, 'uac-surge', { ...options, extra: ['-inf', file] });
}
