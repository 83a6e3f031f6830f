import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AckGlance } from '../../src/sip/ack-glance.ts';
import { latin1 } from '../../src/sip/bytes.ts';
import { Peek, peek } from '../../src/sip/peek.ts';

const glance = new AckGlance();
const tagOf = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return glance.find(bytes, 0, bytes.length) ? latin1(bytes, glance.tagStart, glance.tagEnd) : undefined;
};
const ack = (...lines: string[]) => `${['ACK sip:b@c SIP/2.0', ...lines].join('\r\n')}\r\n\r\n`;

it.each([
  [ack('Via: SIP/2.0/UDP a', 'To: <sip:b@c>;tag=t1'), 't1'],
  [ack('t: sip:b@c;tag=t1', 'From: <sip:a@c>;tag=f1'), 't1'],
  [ack('TO: "x>;tag=no" <sip:b@c;tag=no>;x=1;tag=t1;y'), 't1'],
  [ack('From: <sip:a@c>;tag=f1', 'To: <sip:b@c>'), undefined],
  [ack('Topic: x;tag=t1', 'Target: y;tag=t1'), undefined],
  [ack('Via: SIP/2.0/UDP a').replace('ACK', 'BYE'), undefined],
  ['ACK sip:b@c SIP/2.0', undefined],
  ['ACK ', undefined],
  ['', undefined],
])('finds the To tag of %j', (text, tag) => {
  expect(tagOf(text)).toBe(tag);
});

it('finds what peek finds, whatever the order of the headers', () => {
  const lines = fc.shuffledSubarray(
    [
      'Via: SIP/2.0/UDP a;branch=z9hG4bK1',
      'To: <sip:b@c>;tag=t1',
      'From: <sip:a@c>;tag=f1',
      'Call-ID: x',
      'CSeq: 1 ACK',
      'Max-Forwards: 7',
    ],
    { minLength: 6 },
  );
  fc.assert(
    fc.property(lines, (chosen) => {
      const bytes = Buffer.from(ack(...chosen));
      const p = new Peek();
      peek(p, bytes, 0, bytes.length, false);
      expect(p.fault).toBe('none');
      expect(tagOf(bytes.toString())).toBe(p.text(p.toTagStart, p.toTagEnd));
    }),
  );
});
