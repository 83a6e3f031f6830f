// What the operator has ordered of this process by hand: gaps and code blocks, each with an end. A reload keeps them, a restart
// does not: who needs one for longer than that has it in the dial plan.
import type { GapTable } from '../admission/gaps.ts';
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
  private readonly table: GapTable;
  private readonly now: () => number;

  /** `table`: where the gaps of every cause are counted. `now`: the clock of the samples, ms. */
  constructor(table: GapTable, now: () => number) {
    this.table = table;
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

  /** Gaps of every cause with what they have let pass and refused; the operator's also where no throttle has had them yet. */
  list(): { gap: Gap; passed: number; refused: number }[] {
    const others: { gap: Gap; passed: number; refused: number }[] = [];
    const counts = new Map<string, { passed: number; refused: number }>();
    this.table.each((gap, passed, refused) => {
      if (gap.cause !== 'operator') others.push({ gap, passed, refused });
      else counts.set(`${gap.digits} ${gap.limit.kind}`, { passed, refused });
    });
    const own = this.gaps().map((gap) => {
      const { passed, refused } = counts.get(`${gap.digits} ${gap.limit.kind}`) ?? { passed: 0, refused: 0 };
      return { gap, passed, refused };
    });
    return [...own, ...others];
  }

  /** The clock of the gaps' ends, and that of the wall, ms. */
  clocks(): { nowMs: number; unixMs: number } {
    return { nowMs: this.now(), unixMs: Date.now() };
  }
}
