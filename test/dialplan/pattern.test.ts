import { describe, expect, it } from 'vitest';
import { compareSpecificity, parsePattern, patternKey } from '../../src/dialplan/pattern.ts';

const one = (text: string) => parsePattern(text)![0]!;

describe('patterns', () => {
  it.each([
    ['1-NXX-NXX-XXXX', '1nxxnxxxxxx'],
    ['NX{2}', '[2-9][0-9][0-9]'],
    ['Z', '[1-9]'],
    ['[13-5]', '[1345]'],
    ['[*0]1', '[0*]1'],
    ['+1 710.', '+1710.'],
  ])('%s is %s', (a, b) => {
    expect(parsePattern(a)!.map(patternKey)).toEqual(parsePattern(b)!.map(patternKey));
  });

  it('{m,n} makes one sequence for each length', () => {
    expect(parsePattern('+1X{0,9}')!.map((p) => p.places.length)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(parsePattern('X{2,3}1X{0,1}')!.map((p) => p.places.length)).toEqual([3, 4, 4, 5]);
  });

  it.each(['', 'bob', '1.2', '..', '[', '[]', '[5-2]', '[a]', '1{', '1{0}', '1{3,2}', '{2}', 'X{99}', 'X{1,9}X{1,9}'])(
    'not a pattern: %j',
    (text) => {
      expect(parsePattern(text)).toBeUndefined();
    },
  );

  it('a dot alone matches any number', () => {
    expect(parsePattern('.')).toEqual([{ places: [], open: true }]);
  });
});

describe('which pattern wins', () => {
  // the first of each pair, for a number that both match
  it.each([
    ['911', '9XX'],
    ['9XX', '9.'],
    ['9.', 'XXX'], // the first difference decides, from the left
    ['9', '9.'],
    ['9X.', '9.'],
    ['1[01]X', '1NX'],
    ['NXX', 'ZXX'],
    ['ZXX', 'XXX'],
    ['[2-4]11', 'N11'],
    ['1-555-XXX-XXXX', '1-NXX-[01]XX-XXXX'],
    ['1-710-627-4387', '1-710-NXX-XXXX'],
    ['+1911', '+1X{3}'],
    ['X', '.'],
  ])('%s before %s', (a, b) => {
    expect(compareSpecificity(one(a), one(b))).toBeLessThan(0);
    expect(compareSpecificity(one(b), one(a))).toBeGreaterThan(0);
  });

  it.each([
    ['[2-5]00', '[4-7]00'],
    ['N.', '[1-8].'],
    ['911', '911'],
  ])('%s and %s tie', (a, b) => {
    expect(compareSpecificity(one(a), one(b))).toBe(0);
  });
});
