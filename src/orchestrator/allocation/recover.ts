// Seed: what an application reports unused is recovered. OpenSIPS's rule for shrinking (auto-scaling of its workers): not if the load
// that follows would cross the upper threshold, because then it would have to grow again at once.
import { allocatedOf, type Part } from './part.ts';

export type Recovery =
  | { readonly kind: 'recovered'; readonly allocated: number }
  /** `projectedRatio`: what use would be of the allocation that is left. */
  | { readonly kind: 'refused'; readonly projectedRatio: number };

/** `unused`: what it gives back of its allocation. Its minimum stays with it. */
export function recover(part: Part, unused: number, keepBelowRatio: number): Recovery {
  const had = allocatedOf(part);
  const left = Math.min(had, Math.max(part.minimum, had - unused));
  const used = part.used ?? 0;
  if (used > left * keepBelowRatio) {
    return { kind: 'refused', projectedRatio: left === 0 ? Number.POSITIVE_INFINITY : used / left };
  }
  return { kind: 'recovered', allocated: left };
}
