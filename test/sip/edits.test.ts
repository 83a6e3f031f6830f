import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Edits } from '../../src/sip/edits.ts';
import { Writer } from '../../src/sip/writer.ts';

function apply(text: string, changes: readonly [number, number, string][]): string {
  const edits = new Edits();
  for (const [start, end, by] of changes) edits.replace(start, end, by);
  const w = new Writer(new Uint8Array(4096));
  edits.write(w, Buffer.from(text, 'latin1'), 0, text.length);
  return Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
}

it('changes nothing without edits, and takes them in any order', () => {
  expect(apply('abcdef', [])).toBe('abcdef');
  expect(
    apply('abcdef', [
      [4, 5, 'E'],
      [0, 1, ''],
      [2, 2, '-'],
    ]),
  ).toBe('b-cdEf');
  expect(apply('abc', [[3, 3, '!']])).toBe('abc!');
});

it('at one place puts what is inserted before what is replaced, whichever came first', () => {
  expect(
    apply('abc', [
      [0, 1, 'A'],
      [0, 0, '^'],
    ]),
  ).toBe('^Abc');
  expect(
    apply('abc', [
      [0, 0, '^'],
      [0, 1, 'A'],
    ]),
  ).toBe('^Abc');
  expect(
    apply('abc', [
      [0, 1, ''],
      [0, 0, '^'],
    ]),
  ).toBe('^bc');
});

it('keeps the order of what is inserted at one place', () => {
  expect(
    apply('abc', [
      [1, 1, '1'],
      [1, 2, 'B'],
      [1, 1, '2'],
      [1, 1, '3'],
    ]),
  ).toBe('a123Bc');
});

it('lets a replacement end where another begins', () => {
  expect(
    apply('abcd', [
      [2, 4, 'Y'],
      [0, 2, 'X'],
    ]),
  ).toBe('XY');
  expect(
    apply('abcd', [
      [0, 2, 'X'],
      [2, 2, '-'],
      [2, 4, ''],
    ]),
  ).toBe('X-');
});

it('writes a part of the message only', () => {
  const edits = new Edits();
  edits.replace(3, 4, '!');
  const w = new Writer(new Uint8Array(16));
  edits.write(w, Buffer.from('0123456789'), 2, 6);
  expect(Buffer.from(w.bytes.subarray(0, w.at)).toString()).toBe('2!45');
});

it('does the same as replacing from the back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.string({ maxLength: 3, unit: 'grapheme-ascii' })), { maxLength: 8 }),
      (pieces) => {
        const text = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz';
        let at = 0;
        const changes: [number, number, string][] = [];
        for (const [gap, length, by] of pieces) {
          const start = at + gap + 1; // no two at one place: that order has its own tests
          changes.push([start, start + length, by]);
          at = start + length;
        }
        let expected = text;
        for (const [start, end, by] of changes.toReversed())
          expected = expected.slice(0, start) + by + expected.slice(end);
        expect(apply(text, changes)).toBe(expected);
        expect(apply(text, changes.toReversed())).toBe(expected);
      },
    ),
  );
});

it('puts what another writer has written in place of a range, and serves again once cleared', () => {
  const text = Buffer.from('abc', 'latin1');
  const other = new Writer(new Uint8Array(16));
  const edits = new Edits();
  for (const middle of ['123', '']) {
    other.start();
    other.text(middle);
    edits.clear();
    edits.replace(3, 3, '!');
    edits.replaceByWritten(1, 2, other);
    const w = new Writer(new Uint8Array(16));
    edits.write(w, text, 0, 3);
    expect(Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1')).toBe(`a${middle}c!`);
  }
});
