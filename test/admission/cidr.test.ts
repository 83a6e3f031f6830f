import { expect, it } from 'vitest';
import { inBlock, parseAddress, parseBlock } from '../../src/admission/cidr.ts';

it.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.4', '10.1.2.3', false],
  ['10.1.2.4', '0.0.0.0/0', true],
  ['::1', '0.0.0.0/0', false],
  ['::1', '::1/128', true],
  ['2001:db8::5', '2001:db8::/32', true],
  ['2001:db9::5', '2001:db8::/32', false],
  ['2001:db8:8000::1', '2001:db8:8000::/33', true],
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
] as const)('%s in %s is %s', (address, block, expected) => {
  expect(inBlock(parseAddress(address)!, parseBlock(block)!)).toBe(expected);
});

it.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4/33',
  '::1/129',
  ':::',
  '1::2::3',
  'host',
  '1:2:3:4:5:6:7:8:9',
  '1.2.3.4/x',
])('refuses %s', (text) => {
  expect(parseBlock(text)).toBeUndefined();
});
