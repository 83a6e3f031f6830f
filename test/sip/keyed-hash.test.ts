import { expect, it } from 'vitest';
import { hex, KeyedHash, readHex, writeHex } from '../../src/sip/keyed-hash.ts';

// Published vectors of HalfSipHash-2-4-64: key 00..07, input 00..n-1, output in little-endian order.
const published = [
  '218d1f59b9b83cc8',
  'be552412f8387315',
  '064f39ef7c50eb57',
  'ce0f1a45f7060679',
  'd5e78a175be52ea1',
  'cb9d7c3f2f3db580',
  'ce3e91358aa2bc25',
  'ff202728b07bc684',
  'edfee820bce4858c',
  '5b51cccc13888307',
];

it.each(published.map((output, length) => ({ length, output })))(
  'hashes $length bytes as published',
  ({ length, output }) => {
    const key = Uint8Array.from({ length: 8 }, (_, i) => i);
    const input = Uint8Array.from({ length }, (_, i) => i);
    const hash = new KeyedHash(key);
    hash.start();
    for (let i = 0; i < length; i += 3) hash.add(input, i, Math.min(length, i + 3));
    hash.finish();
    const out = Buffer.alloc(8);
    out.writeUInt32LE(hash.low, 0);
    out.writeUInt32LE(hash.high, 4);
    expect(out.toString('hex')).toBe(output);
  },
);

it('tells the borders of fields', () => {
  const hash = new KeyedHash(Buffer.from('12345678'));
  const of = (...fields: string[]) => {
    hash.start();
    for (const f of fields) hash.addField(Buffer.from(f), 0, f.length);
    hash.finish();
    return hex(hash.high) + hex(hash.low);
  };
  expect(of('ab', 'c')).not.toBe(of('a', 'bc'));
  expect(of('ab', 'c')).toBe(of('ab', 'c'));
});

it('writes and reads hexadecimal words', () => {
  const bytes = new Uint8Array(8);
  writeHex(bytes, 0, 0xdeadbeef);
  expect(Buffer.from(bytes).toString()).toBe('deadbeef');
  expect(readHex(bytes, 0)).toBe(0xdeadbeef);
  expect(readHex(Buffer.from('deadbeeg'), 0)).toBe(-1);
});
