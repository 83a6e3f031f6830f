// An exponential average of amounts over uneven intervals: after one time constant a step has come through by 63 %.
import { type Amounts, byResource } from '../../congestion/amounts.ts';

/** `elapsedMs` since `previous`; what only one of the two names is that one's: a new resource begins with what it is, and one of which
 * nothing is known any more is left out. */
export function smooth(previous: Amounts, raw: Amounts, elapsedMs: number, timeConstantMs: number): Amounts {
  const weight = timeConstantMs <= 0 ? 1 : 1 - Math.exp(-Math.max(0, elapsedMs) / timeConstantMs);
  return byResource((name) => {
    const value = raw[name];
    const before = previous[name];
    return value === undefined || before === undefined ? value : before + (value - before) * weight;
  });
}
