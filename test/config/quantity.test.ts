import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../src/config/quantity.ts';

describe('an amount', () => {
  it.each([
    [8, 8],
    [0, 0],
    [1.5, 1.5],
    ['12', 12],
    ['1.5k', 1500],
    ['2M', 2_000_000],
    ['2MB', 2_000_000],
    ['8 G', 8_000_000_000],
    ['1T', 1e12],
    ['1Ki', 1024],
    ['1KiB', 1024],
    ['1.5Gi', 1_610_612_736],
    ['2Ti', 2 ** 41],
  ])('%j is %d', (written, amount) => expect(parseQuantity(written)).toBe(amount));

  it.each(['', 'G', '-1', '1.', '.5', '1K', '1ki', '8Go', '1 GiBi', '1e9', '9999999T', 'NaN', -1, Number.NaN, 1e300])(
    '%j is none',
    (written) => expect(parseQuantity(written)).toBeUndefined(),
  );
});
