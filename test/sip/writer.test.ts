import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Chunk, Writer } from '../../src/sip/writer.ts';

const written = (w: Writer) => Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');

it('copies ranges of any length and place, from one source and another', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40)), { maxLength: 10 }),
      (parts) => {
        const w = new Writer(new Uint8Array(512));
        let expected = '';
        for (const [bytes, a, b] of parts) {
          const start = Math.min(a, b, bytes.length);
          const end = Math.min(Math.max(a, b), bytes.length);
          w.range(bytes, start, end);
          expected += Buffer.from(bytes.subarray(start, end)).toString('latin1');
        }
        expect(written(w)).toBe(expected);
        expect(w.full).toBe(false);
      },
    ),
  );
});

it('copies from and into the middle of a larger buffer', () => {
  const pool = Buffer.from('....abcdefgh....', 'latin1').subarray(4, 12);
  const into = Buffer.alloc(20, '-').subarray(3, 15);
  const w = new Writer(into);
  w.range(pool, 1, 7);
  expect(into.toString('latin1')).toBe('bcdefg------');
});

it.each([0, 1, 9, 10, 99, 100, 65_535, 2_147_483_647, 4_294_967_295])('writes %d', (n) => {
  const w = new Writer(new Uint8Array(16));
  w.number(n);
  expect(written(w)).toBe(String(n));
});

it('writes Latin-1 text and chunks', () => {
  const w = new Writer(new Uint8Array(16));
  w.text('M\u00fcller');
  w.chunk(new Chunk('\u00df!'));
  expect(written(w)).toBe('M\u00fcller\u00df!');
});

it('leaves out what does not fit, says so, and begins anew', () => {
  const w = new Writer(new Uint8Array(12));
  w.text('12345');
  w.range(Buffer.from('12345678'), 0, 8);
  expect([written(w), w.full]).toEqual(['12345', true]);
  w.start();
  w.chunk(new Chunk('123456789012'));
  expect([w.at, w.full]).toEqual([12, false]);
  w.chunk(new Chunk('3'));
  expect([w.at, w.full]).toEqual([12, true]);
  w.start();
  w.text('123');
  w.number(7); // asks for ten digits
  expect([w.at, w.full]).toEqual([3, true]);
});
