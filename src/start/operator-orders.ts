// What the operator has ordered of this process by hand: gaps and code blocks, each with an end. A reload keeps them, a restart
// does not: who needs one for longer than that has it in the dial plan.
import {
  expireGaps,
  type GapRequest,
  listGaps,
  noOperatorGaps,
  type OperatorGaps,
  placeGap,
  removeGap,
} from '../control/operator-gaps.ts';
import type { Gap } from '../control/throttle.ts';

export class OperatorOrders {
  private inForce: OperatorGaps = noOperatorGaps;
  private readonly now: () => number;

  /** `now`: the clock of the samples, ms. */
  constructor(now: () => number) {
    this.now = now;
  }

  /** In force now, by digits. */
  gaps(): readonly Gap[] {
    this.inForce = expireGaps(this.inForce, this.now());
    return this.inForce.size === 0 ? [] : listGaps(this.inForce, this.now());
  }

  /** The gap in force, and whether it took the place of another; or one line that says what is wrong with the request. */
  place(request: GapRequest): { readonly placed: Gap; readonly isNew: boolean } | { readonly error: string } {
    const before = expireGaps(this.inForce, this.now());
    const result = placeGap(before, request, this.now());
    if ('error' in result) return result;
    this.inForce = result.gaps;
    return { placed: result.placed, isNew: !before.has(result.placed.digits) };
  }

  /** Whether there was one on these digits. */
  remove(digits: string): boolean {
    const { gaps, wasThere } = removeGap(this.inForce, digits, this.now());
    this.inForce = gaps;
    return wasThere;
  }
}
