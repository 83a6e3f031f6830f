import { describe, expect, it } from 'vitest';
import {
  decimal,
  equalsExactly,
  equalsIgnoreCase,
  isDigit,
  isSpace,
  latin1,
  skipQuoted,
  skipSpace,
  trimSpaceEnd,
} from '../../src/sip/bytes.ts';

const of = (text: string) => Buffer.from(text, 'latin1');

describe('comparisons', () => {
  it.each([
    ['Via', 'via', true],
    ['VIA', 'via', true],
    ['v\x69a', 'via', true],
    ['via ', 'via', false],
    ['vi', 'via', false],
    // only letters have a case: these differ from - and @ in the same bit
    ['call\rid', 'call-id', false],
    ['a`', 'a@', false],
  ])('%j without case is %j: %j', (text, lower, expected) => {
    expect(equalsIgnoreCase(of(text), 0, text.length, lower)).toBe(expected);
  });

  it('is exact with case', () => {
    expect(equalsExactly(of('xINVITE'), 1, 7, 'INVITE')).toBe(true);
    expect(equalsExactly(of('xInvite'), 1, 7, 'INVITE')).toBe(false);
    expect(equalsExactly(of('INVITES'), 0, 7, 'INVITE')).toBe(false);
  });

  it('never compares beyond the bytes there are', () => {
    expect(equalsIgnoreCase(of('si'), 0, 4, 'sip:')).toBe(false);
    expect(equalsExactly(of('SIP'), 0, 7, 'SIP/2.0')).toBe(false);
  });
});

it('takes folding for white space (RFC 3261 §25.1 LWS)', () => {
  expect([32, 9, 13, 10].every(isSpace)).toBe(true);
  expect([0, 11, 12, 160].some(isSpace)).toBe(false);
  expect(skipSpace(of(' \r\n\t a '), 0, 7)).toBe(5);
  expect(skipSpace(of('   '), 0, 2)).toBe(2);
  expect(trimSpaceEnd(of('a \r\n\t '), 0, 6)).toBe(1);
  expect(trimSpaceEnd(of('   '), 1, 3)).toBe(1);
});

it('finds the end of a quoted string, escapes included', () => {
  expect(skipQuoted(of('"a\\"b" c'), 0, 8)).toBe(5);
  expect(skipQuoted(of('"\\\\"x'), 0, 5)).toBe(3);
  expect(skipQuoted(of('"open'), 0, 5)).toBe(5);
  expect(skipQuoted(of('"open\\'), 0, 6)).toBe(6);
});

it.each([
  ['0', 255, 0],
  ['255', 255, 255],
  ['256', 255, -1],
  ['000070', 255, 70],
  ['', 255, -1],
  ['7x', 255, -1],
  ['-7', 255, -1],
  ['4294967296', 2 ** 32, 2 ** 32],
  ['4294967297', 2 ** 32, -1],
  ['9'.repeat(400), 2 ** 32, -1],
])('reads %j up to %j as %j', (text, max, expected) => {
  expect(decimal(of(text), 0, text.length, max)).toBe(expected);
});

it('knows digits, and keeps a character a byte', () => {
  expect([47, 48, 57, 58].map(isDigit)).toEqual([false, true, true, false]);
  expect(latin1(Uint8Array.from([65, 0xe4, 0xff, 0]), 0, 4)).toBe('A\u00e4\u00ff\0');
});
