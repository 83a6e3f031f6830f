import { expect, it } from 'vitest';
import { methodOf, methods } from '../../src/sip/method.ts';

const read = (text: string) => methodOf(Buffer.from(text, 'latin1'), 0, text.length);

it.each(methods.filter((method) => method !== 'other'))('knows %s, and not what is like it', (method) => {
  expect(read(method)).toBe(method);
  // RFC 3261 §7.1: methods are case-sensitive
  expect(read(method.toLowerCase())).toBe('other');
  expect(read(`${method}X`)).toBe('other');
  expect(read(method.slice(0, -1))).toBe('other');
  for (let i = 0; i < method.length; i++) expect(read(`${method.slice(0, i)}_${method.slice(i + 1)}`)).toBe('other');
});

it.each(['', 'other', 'X', 'CANCELLED', "!interesting-Method0123456789_*+`.%indeed'~"])('%j is another', (text) => {
  expect(read(text)).toBe('other');
});
