// What allocation knows of an application: what it is, what it has, what it uses. Plain data; amounts as the congestion API has them.
import type { Amounts } from '../../congestion/amounts.ts';

export interface ApplicationLoad {
  readonly name: string;
  /** false: dumped from L1 on. */
  readonly isEssential: boolean;
  /** 0 to 9, 9 the highest. */
  readonly priority: number;
  /** A priority application (GETS, emergency, government): neither asked to shed nor forced, and the emergency reserve is for it. */
  readonly isExempt: boolean;
  /** The most that it may have, and the least that it can work with in L0. */
  readonly maximum: Amounts;
  readonly minimum: Amounts;
  /** What it may use now. Allocation itself remembers this, and reads it only of an application that it does not know yet (a restart). */
  readonly allocated: Amounts;
  /** What it uses now, smoothed: the greater of what it reports and what its adapter sees. */
  readonly used: Amounts;
  /** What it used before the event began; in L0 the same as `used`. */
  readonly usedBefore: Amounts;
}

export interface HostLoad {
  /** What the host has; a resource that is left out is not rationed. */
  readonly maximum: Amounts;
  readonly used: Amounts;
}
