// A called number as the Monitor tells of it, for the tests of gaps.
import type { NumberSample } from '../../src/control/load-sample.ts';

export const numberSample = (digits: string, attempts: number, more: Partial<NumberSample> = {}): NumberSample => ({
  digits,
  isPrefix: false,
  attempts,
  excess: 0,
  answers: 0,
  refusedByGap: 0,
  ...more,
});
