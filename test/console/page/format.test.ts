import { describe, expect, it } from 'vitest';
import {
  bytes,
  clockTime,
  grouped,
  momentText,
  rate,
  shareText,
  short,
  span,
} from '../../../src/console/page/format.ts';

const thin = '\u202f';

describe('numbers of the page', () => {
  it.each([
    [0, '0'],
    [4.26, '4.3'],
    [9.96, '10'],
    [140.4, '140'],
    [4012, `4${thin}012`],
    [1234567, `1${thin}234${thin}567`],
    [null, '–'],
    [undefined, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('a rate of %s is %s', (value, text) => expect(rate(value)).toBe(text));

  it.each([
    [999, '999'],
    [0.5, '0.5'],
    [1000, '1k'],
    [2500, '2.5k'],
    [1_200_000, '1.2M'],
  ])('on an axis %s is %s', (value, text) => expect(short(value)).toBe(text));

  it('groups keep a fraction as it is', () => expect(grouped(12345.678)).toBe(`12${thin}345.678`));

  it.each([
    [0, '0 B'],
    [1500, '1.5 kB'],
    [650_000_000, '650 MB'],
  ])('%s bytes are %s', (value, text) => expect(bytes(value)).toBe(text));
});

describe('a share', () => {
  it.each([
    [10, 10, '100 %'],
    [11, 10, '100 %'],
    [9999, 10_000, '99.9 %'],
    [999_999, 1_000_000, '99.9 %'],
    [1, 1_000_000, '0.1 %'],
    [0, 10, '0 %'],
    [1, 2, '50 %'],
    [2, 3, '66 %'],
  ])('%s of %s is %s: whole only where nothing is missing, nothing only where there is nothing', (part, whole, text) =>
    expect(shareText(part, whole)).toBe(text),
  );
  it('of nothing there is none', () => expect(shareText(0, 0)).toBeNull());
});

describe('times', () => {
  it.each([
    [-3, '0 s'],
    [59.4, '59 s'],
    [60, '1 min'],
    [252, '4 min 12 s'],
    [3600, '1 h'],
    [7500, '2 h 5 min'],
  ])('%s seconds are %s', (seconds, text) => expect(span(seconds)).toBe(text));

  it('a moment of another day has its date', () => {
    const noon = new Date(2026, 10, 23, 12, 5, 9).getTime();
    expect(clockTime(noon)).toBe('12:05:09');
    expect(momentText(noon, noon + 3_600_000)).toBe('12:05:09');
    expect(momentText(noon, noon + 86_400_000)).toBe('2026-11-23 12:05:09');
  });
});
