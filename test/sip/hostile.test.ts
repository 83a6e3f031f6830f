// Hostile input: nothing throws, and the work is in proportion to the length. Work is counted in bytes read, so that a
// busy machine does not decide: twice the input may cost at most `worstRatio` times as many (a quadratic scan: four).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../src/sip/parse.ts';
import { Peek, peek } from '../../src/sip/peek.ts';
import { parseUri } from '../../src/sip/uri.ts';
import { parseVia } from '../../src/sip/via.ts';
import { edits, generated, mutate } from './generate.ts';

const worstRatio = 2.1;
const largestBytes = 16 * 1024;
/** Reads for each byte of a message, at most: each byte is looked at by a few scans in turn. */
const worstReadsPerByte = 16;

const head = 'INVITE sip:bob@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\nCall-ID: a\r\nTo: <sip:b@c>\r\n';
const via = 'Via: SIP/2.0/UDP a;branch=z9hG4bK1';
const from = 'From: <sip:a@b>;tag=1';

/** Each makes a message of about `n` bytes. */
const shapes: Record<string, (n: number) => string> = {
  commas: (n) => `${head}${via}${','.repeat(n)}\r\n${from}\r\n\r\n`,
  'Via values': (n) => `${head}Via: ${'SIP/2.0/UDP a,'.repeat(n / 14)}SIP/2.0/UDP a\r\n${from}\r\n\r\n`,
  'Via parameters': (n) => `${head}${via}${';a=b'.repeat(n / 4)}\r\n${from}\r\n\r\n`,
  'valueless Via parameters': (n) => `${head}${via}${';a'.repeat(n / 2)}\r\n${from}\r\n\r\n`,
  quotes: (n) => `${head}${via}\r\nFrom: ${'"'.repeat(n)}\r\n\r\n`,
  'quoted pairs': (n) => `${head}${via}\r\nFrom: "${'\\"'.repeat(n / 2)}" <sip:a@b>;tag=1\r\n\r\n`,
  'open quotes in parameters': (n) => `${head}${via}\r\n${from}${';a="'.repeat(n / 4)}\r\n\r\n`,
  backslashes: (n) => `${head}${via}\r\n${from}\r\nSubject: ${'\\'.repeat(n)}\r\n\r\n`,
  'escaped control characters': (n) => `${head}${via}\r\n${from}\r\nSubject: ${'\\\0'.repeat(n / 2)}\r\n\r\n`,
  'folded lines': (n) => `${head}${via}\r\n${from}\r\nSubject: a${'\r\n b'.repeat(n / 4)}\r\n\r\n`,
  'folded From': (n) => `${head}${via}\r\nFrom: a${'\r\n b'.repeat(n / 4)} <sip:a@b>;tag=1\r\n\r\n`,
  spaces: (n) => `${head}${via}\r\nFrom:${' '.repeat(n)}<sip:a@b>;tag=1\r\n\r\n`,
  'spaces before a colon': (n) => `${head}${via}\r\nFrom${' '.repeat(n)}: <sip:a@b>;tag=1\r\n\r\n`,
  'spaces in parameters': (n) => `${head}${via}${' ; a = b'.repeat(n / 8)}\r\n${from}\r\n\r\n`,
  brackets: (n) => `${head}${via}\r\nContact: ${'<'.repeat(n)}\r\n${from}\r\n\r\n`,
  Contacts: (n) => `${head}${via}\r\nContact: <sip:a@b>${',<sip:a@b>'.repeat(n / 10)}\r\n${from}\r\n\r\n`,
  Routes: (n) => `${head}${via}\r\nRoute: <sip:a;lr>${',<sip:a;lr>'.repeat(n / 11)}\r\n${from}\r\n\r\n`,
  'URI parameters': (n) => `${head}${via}\r\nFrom: <sip:a@b${';a=b'.repeat(n / 4)}>;tag=1\r\n\r\n`,
  'a URI without an at sign': (n) => `${head}${via}\r\nFrom: <sip:${';:'.repeat(n / 2)}>;tag=1\r\n\r\n`,
  'a long host': (n) => `${head}Via: SIP/2.0/UDP ${'a.'.repeat(n / 2)}a\r\n${from}\r\n\r\n`,
  'an open IPv6 reference': (n) => `${head}Via: SIP/2.0/UDP ${'['.repeat(n)}\r\n${from}\r\n\r\n`,
  digits: (n) => `${head}${via}\r\n${from}\r\nContent-Length: ${'0'.repeat(n)}\r\n\r\n`,
  'option tags': (n) => `${head}${via}\r\n${from}\r\nRequire: a${',a'.repeat(n / 2)}\r\n\r\n`,
  'r-values': (n) => `${head}${via}\r\n${from}\r\nResource-Priority: a.b${',a.b'.repeat(n / 4)}\r\n\r\n`,
  headers: (n) => `${head}${via}\r\n${from}\r\n${'a:\r\n'.repeat(n / 4)}\r\n`,
  'line breaks first': (n) => `${'\r\n'.repeat(n / 2)}${head}${via}\r\n${from}\r\n\r\n`,
  'a long Request-URI': (n) => `INVITE sip:${'a'.repeat(n)}@b SIP/2.0\r\n${via}\r\n\r\n`,
  'a Request-URI of headers': (n) => `INVITE sip:a@b?${'a=b&'.repeat(n / 4)} SIP/2.0\r\n${via}\r\n\r\n`,
  'bytes of all kinds': (n) =>
    head + Array.from({ length: n }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(''),
};

/** How many bytes `run` reads of `text`. */
function reads(text: string, run: (bytes: Uint8Array, length: number) => void): number {
  let count = 0;
  const bytes = Uint8Array.from(Buffer.from(text, 'latin1'));
  const counting = new Proxy(bytes, {
    get(target, key) {
      count++;
      return Reflect.get(target, key, target);
    },
  });
  run(counting, bytes.length);
  return count;
}

const peeked = new Peek();

describe('the work is in proportion to the length', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it.each([
      ['parseMessage', (bytes: Uint8Array, length: number) => void parseMessage(bytes, 0, length)],
      ['peek', (bytes: Uint8Array, length: number) => peek(peeked, bytes, 0, length, false)],
    ])(`${name}: %s`, (_, run) => {
      const half = reads(shape(largestBytes / 2), run);
      const whole = reads(shape(largestBytes), run);
      expect(whole / half).toBeLessThan(worstRatio);
      expect(whole / largestBytes).toBeLessThan(worstReadsPerByte);
    });
  }
});

describe('nothing throws', () => {
  it('on 80 kB of each shape, 20,000 Via parameters among them', () => {
    for (const shape of Object.values(shapes)) {
      const bytes = Buffer.from(shape(80_000), 'latin1');
      parseMessage(bytes, 0, bytes.length);
      peek(peeked, bytes, 0, bytes.length, false);
    }
  });

  const structural = fc.string({
    unit: fc.constantFrom(
      ...'SIP/2.0 :;,<>"\\[]@=?%\r\n\t\0a1.-*\xff',
      '\r\n',
      'sip:',
      'Via:',
      'SIP/2.0/UDP ',
      ';branch=',
    ),
    maxLength: 200,
  });

  it('on messages out of structural characters', () => {
    fc.assert(
      fc.property(structural, structural, (start, rest) => {
        const bytes = Buffer.from(`${start}\r\n${rest}`, 'latin1');
        parseMessage(bytes, 0, bytes.length);
        peek(peeked, bytes, 0, bytes.length, false);
        peek(peeked, bytes, 0, bytes.length, true);
        parseUri(bytes, 0, bytes.length);
        parseVia(bytes, 0, bytes.length);
      }),
      { numRuns: 5000 },
    );
  });

  it('on mutated messages, in any range of them', () => {
    fc.assert(
      fc.property(generated, edits, fc.nat(), fc.nat(), (g, list, a, b) => {
        const bytes = mutate(g.bytes, list);
        const start = a % (bytes.length + 1);
        const end = start + (b % (bytes.length - start + 1));
        parseMessage(bytes, start, end);
        peek(peeked, bytes, start, end, false);
        parseUri(bytes, start, end);
        parseVia(bytes, start, end);
      }),
      { numRuns: 2000 },
    );
  });

  it('and what lies outside the range does not matter', () => {
    fc.assert(
      fc.property(generated, edits, structural, (g, list, around) => {
        const bytes = mutate(g.bytes, list);
        const alone = parseMessage(bytes, 0, bytes.length);
        const before = Buffer.from(around, 'latin1');
        const within = parseMessage(
          Buffer.concat([before, bytes, before]),
          before.length,
          before.length + bytes.length,
        );
        expect(within.kind).toBe(alone.kind);
        if (alone.kind === 'fault') expect(within).toEqual(alone);
      }),
      { numRuns: 1500 },
    );
  });
});
