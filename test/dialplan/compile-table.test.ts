import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleOfUri } from '../../src/classify/digit-table.ts';
import { compileTable } from '../../src/dialplan/compile-table.ts';
import { parsePattern } from '../../src/dialplan/pattern.ts';

function lookup(patterns: readonly string[], numbers: readonly string[]): (string | undefined)[] {
  const table = compileTable(
    patterns.flatMap((text, rule) => parsePattern(text)!.map((pattern) => ({ pattern, rule }))),
  )!;
  return numbers.map((number) => {
    const uri = Buffer.from(`sip:${number.replaceAll('#', '%23')}@h`);
    return patterns[ruleOfUri(table, uri, 0, uri.length)];
  });
}

describe('the digit table', () => {
  it.each<[string, string[], [string, string | undefined][]]>([
    [
      'the longer literal',
      ['1212.', '1.', '1212555.'],
      [
        ['12125551212', '1212555.'],
        ['1212444', '1212.'],
        ['13', '1.'],
      ],
    ],
    [
      'a whole number before any rest',
      ['911.', '911'],
      [
        ['911', '911'],
        ['9110', '911.'],
      ],
    ],
    [
      'any rest may be none',
      ['911.'],
      [
        ['911', '911.'],
        ['91', undefined],
      ],
    ],
    [
      'a dead end falls back to the shorter',
      ['1.', '12345'],
      [
        ['1234', '1.'],
        ['12346', '1.'],
        ['123456', '1.'],
      ],
    ],
    [
      'ranges',
      ['[2-4]X', '[35]1', 'X1'],
      [
        ['21', '[2-4]X'],
        ['31', '[35]1'],
        ['51', '[35]1'],
        ['61', 'X1'],
        ['62', undefined],
      ],
    ],
    [
      'a tie: the rule written first',
      ['[2-5]0', '[4-7]0'],
      [
        ['40', '[2-5]0'],
        ['70', '[4-7]0'],
      ],
    ],
    [
      'the same tie, the other way round',
      ['[4-7]0', '[2-5]0'],
      [
        ['40', '[4-7]0'],
        ['20', '[2-5]0'],
      ],
    ],
    [
      'nothing matches nothing',
      [],
      [
        ['1', undefined],
        ['', undefined],
      ],
    ],
    [
      'any rest matches no digit at all',
      ['.'],
      [
        ['', '.'],
        ['+*#', '.'],
      ],
    ],
  ])('%s', (_, patterns, expected) => {
    expect(
      lookup(
        patterns,
        expected.map(([number]) => number),
      ),
    ).toEqual(expected.map(([, pattern]) => pattern));
  });

  it('gives up on a plan that would fill memory', () => {
    const entry = (text: string, rule: number) => parsePattern(text)!.map((pattern) => ({ pattern, rule }));
    const nasty = Array.from({ length: 36 }, (_, i) => entry(`${'X'.repeat(i)}[1-5]${'X'.repeat(39 - i)}`, i)).flat();
    expect(compileTable(nasty)).toBeUndefined();
  }, 60_000);

  it('has room for thousands of prefixes', () => {
    const patterns = Array.from({ length: 5000 }, (_, i) => `1${String(i * 197).padStart(6, '0')}.`);
    expect(lookup(patterns, ['1000197555', '1000196555'])).toEqual(['1000197.', undefined]);
  });

  it('agrees with regular expressions and the stated rule', () => {
    const element = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...'0123') },
      fc.constantFrom(...'NXZ*#'),
      fc.constantFrom('[0-2]', '[13]', '[2-9]', 'X{2}', '1{0,1}', '[01]{1,2}'),
    );
    const pattern = fc
      .tuple(
        fc.constantFrom('', '', '+'),
        fc.array(element, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('', '', '.'),
      )
      .map(([plus, elements, rest]) => plus + elements.join('') + rest);
    const number = fc
      .tuple(fc.constantFrom('', '', '+'), fc.array(fc.constantFrom(...'01230123456789*#'), { maxLength: 8 }))
      .map(([plus, digits]) => plus + digits.join(''));
    fc.assert(
      fc.property(
        fc.array(pattern, { minLength: 1, maxLength: 8 }),
        fc.array(number, { minLength: 1, maxLength: 20 }),
        (patterns, numbers) => {
          const unique = [...new Set(patterns)].filter((text) => parsePattern(text) !== undefined);
          expect(lookup(unique, numbers)).toEqual(numbers.map((each) => naive(unique, each)));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** The winner, found the slow way: every pattern spelled out, matched as a regular expression, compared by widths. */
function naive(patterns: readonly string[], number: string): string | undefined {
  const candidates = patterns.flatMap((text, rule) => spelled(text).map((elements) => ({ text, rule, elements })));
  const matching = candidates.filter(({ elements }) => {
    const source = elements.map((e) => (e === '.' ? '.*' : /^[+*#]$/.test(e) ? `\\${e}` : classOf(e)));
    return new RegExp(`^${source.join('')}$`).test(number);
  });
  matching.sort((a, b) => {
    for (let i = 0; i < 50; i++) {
      const difference = width(a.elements[i]) - width(b.elements[i]);
      if (difference !== 0) return difference;
    }
    return a.rule - b.rule;
  });
  return matching[0]?.text;
}

function spelled(text: string): string[][] {
  let all: string[][] = [[]];
  for (const found of text.matchAll(/(\[[^\]]+\]|.)(?:\{(\d)(?:,(\d))?\})?/g)) {
    const least = Number(found[2] ?? 1);
    const most = Number(found[3] ?? least);
    all = all.flatMap((before) =>
      Array.from({ length: most - least + 1 }, (_, i) => [...before, ...Array<string>(least + i).fill(found[1]!)]),
    );
  }
  return all;
}

function classOf(element: string): string {
  return { N: '[2-9]', X: '[0-9]', Z: '[1-9]' }[element] ?? element;
}

function width(element: string | undefined): number {
  if (element === undefined) return 0;
  if (element === '.') return 99;
  const expression = new RegExp(`^${/^[+*#]$/.test(element) ? `\\${element}` : classOf(element)}$`);
  return [...'0123456789*#+'].filter((symbol) => expression.test(symbol)).length;
}
