// Applications for the tests of whole steps: what a case does not speak of is ordinary, and new.
import type { ApplicationLoad } from '../../../src/orchestrator/allocation/application-load.ts';

export function applicationOf(name: string, special: Partial<ApplicationLoad> = {}): ApplicationLoad {
  const amounts = { maximum: {}, minimum: {}, allocated: {}, used: {}, usedBefore: special.used ?? {} };
  return { name, isEssential: true, priority: 5, isExempt: false, ...amounts, ...special };
}
