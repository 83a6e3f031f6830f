// The ordinary capacity cut into shares: max-min fair by weight among interfaces, and within each among its neighbours, so that a
// flood on one costs another nothing that it needs.
import type { InterfaceSample } from './load-sample.ts';
import { maxMinShares } from './shares.ts';

export interface Asked {
  readonly name: InterfaceSample['name'];
  readonly weight: number;
  readonly neighbours: readonly { readonly name: string; readonly weight: number; readonly demandPerSecond: number }[];
}

export interface InterfaceShare {
  readonly name: InterfaceSample['name'];
  /** Ordinary new calls per second; `Infinity`: not limited. */
  readonly perSecond: number;
  /** `isServed`: it gets all that it asks for while others do not. */
  readonly neighbours: readonly { readonly name: string; readonly perSecond: number; readonly isServed: boolean }[];
}

/**
 * Whoever gets all that it asks for may send a quarter and a few calls more than it did: its calls do not come evenly, and its
 * next second may bring more. On the average it takes what it asked for, so nothing is given twice.
 */
const headroomRatio = 1.25;
const headroomPerSecond = 8;

/** `capacityPerSecond` 0 to Infinity. While that is more than all ask for, nobody is limited. */
export function cutShares(asked: readonly Asked[], capacityPerSecond: number): InterfaceShare[] {
  const demands = asked.map((one) => one.neighbours.reduce((sum, { demandPerSecond }) => sum + demandPerSecond, 0));
  const isEnough = demands.reduce((sum, demand) => sum + demand, 0) <= capacityPerSecond;
  const cuts = maxMinShares(
    capacityPerSecond,
    asked.map(({ weight }, i) => ({ weight, demandPerSecond: demands[i]! })),
  );
  return asked.map((one, i) => {
    const free = one.neighbours.map(({ name }) => ({
      name,
      perSecond: Number.POSITIVE_INFINITY,
      isServed: !isEnough,
    }));
    if (isEnough) return { name: one.name, perSecond: Number.POSITIVE_INFINITY, neighbours: free };
    const cut = cuts[i]!;
    if (isServed(cut, demands[i]!)) return { name: one.name, perSecond: withHeadroom(cut), neighbours: free };
    const own = maxMinShares(cut, one.neighbours);
    const neighbours = one.neighbours.map(({ name, demandPerSecond }, k) => {
      const share = own[k]!;
      const isOne = isServed(share, demandPerSecond);
      return { name, perSecond: isOne ? withHeadroom(share) : share, isServed: isOne };
    });
    return { name: one.name, perSecond: cut, neighbours };
  });
}

const isServed = (share: number, demand: number): boolean => share >= demand * (1 - 1e-9);
const withHeadroom = (share: number): number => share * headroomRatio + headroomPerSecond;
