import { expect, it } from 'vitest';
import { headerLines } from '../../src/sip/header-lines.ts';
import { invite, peekText } from './peek-text.ts';

function values(text: string, name: string, compact = ''): string[] {
  const p = peekText(text);
  return headerLines(p, name, compact).map((line) => p.text(line.valueStart, line.valueEnd));
}

it('finds all lines of a name in order, without case, in the compact form, with space before the colon', () => {
  const text = invite(['Via: a;1', 'X-Other: Via: no', 'v: b, c', 'VIA : d', 'v\t:e', 'Viah: no']);
  expect(values(text, 'via', 'v')).toEqual(['a;1', 'b, c', 'd', 'e']);
  expect(values(text, 'via')).toEqual(['a;1', 'd']);
});

it('keeps folded lines whole (RFC 3261 §7.3.1)', () => {
  const text = invite(['Via: a', 'Route: <sip:x>,\r\n  <sip:y>\r\n\t;z', 'Route:\r\n <sip:w>']);
  expect(values(text, 'route')).toEqual(['<sip:x>,\r\n  <sip:y>\r\n\t;z', '<sip:w>']);
});

it('tells the whole line, its line end included', () => {
  const p = peekText(invite(['Via: a', 'Route: <sip:x>\r\n ;y', 'Route: z']));
  const text = headerLines(p, 'route', '').map((line) => p.text(line.start, line.end));
  expect(text).toEqual(['Route: <sip:x>\r\n ;y\r\n', 'Route: z\r\n']);
});

it('does not look into the body, and takes bare line feeds', () => {
  expect(values(`${invite(['Via: a'], 'Content-Length: 12')}Route: no\r\n\r\n`, 'route')).toEqual([]);
  expect(values(invite(['Via: a', 'Route: x']).replaceAll('\r\n', '\n'), 'route')).toEqual(['x']);
});

it('takes an empty value, and no line without a colon', () => {
  expect(values(invite(['Via: a', 'Route:', 'Route: ', 'Route']), 'route')).toEqual(['', '']);
});
