import { expect, it } from 'vitest';
import { invite, message, peekText } from './peek-text.ts';

const via = 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1';

it('knows compact forms, any case, space before the colon, folded values', () => {
  const p = peekText(
    message(
      'INVITE sip:bob@example.com SIP/2.0',
      'V:SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'f \t:\r\n <sip:a@b>\r\n ;tag=a1 ',
      'T:<sip:b@c>',
      'I: c1',
      'cSEQ:\t7\r\n\tINVITE',
      'M: <sip:x>',
      'MAX-forwards:8',
      'L:0',
    ),
  );
  expect(p.fault).toBe('none');
  expect(p.text(p.fromStart, p.fromEnd)).toBe('<sip:a@b>\r\n ;tag=a1');
  expect(p.text(p.fromTagStart, p.fromTagEnd)).toBe('a1');
  expect(p.text(p.toStart, p.toEnd)).toBe('<sip:b@c>');
  expect(p).toMatchObject({ cseqNumber: 7, maxForwards: 8, contentLength: 0 });
});

it('is not taken in by names of the same length and first letter', () => {
  const near = ['Vib: x', 'Fron: x', 'Tp: x', 'Cseg: x', 'Routf: x', 'Call-IE: x', 'Contacu: x', 'Requirf: x'];
  const p = peekText(
    invite([via], ...near, 'Max-Forwardt: 3', 'Proxy-Requirf: x', 'Content-Lengti: 9', 'Resource-Prioritz: x'),
  );
  expect(p).toMatchObject({
    fault: 'none',
    routeCount: 0,
    resourcePriorityCount: 0,
    maxForwards: 70,
    contentLength: -1,
  });
  expect([p.requireStart, p.proxyRequireStart]).toEqual([-1, -1]);
});

it('tells letters of a compact name from bytes that differ in the bit of case', () => {
  // 'F' ^ 0x20 is 'f'; 0x06 | 0x20 is '&': neither is a name of ours
  expect(peekText(invite([via], '\x16: x', '\x46: <sip:x@y>')).fault).toBe('duplicate-header');
  expect(peekText(invite([via], '\x06: x', '\x14: x')).fault).toBe('none');
});

it.each([
  ['70', 70],
  ['0', 0],
  ['255', 255],
  ['256', -2],
  ['-1', -2],
  ['', -2],
  ['7 0', -2],
])('reads Max-Forwards %j as %d', (value, expected) => {
  const p = peekText(invite([via]).replace('Max-Forwards: 70', `Max-Forwards: ${value}`));
  expect(p).toMatchObject({ fault: 'none', maxForwards: expected });
});

it('takes the first Require and Proxy-Require, and counts Route and Resource-Priority', () => {
  const p = peekText(invite([via], 'Require: c', 'Require: d', 'Proxy-Require: e', 'Proxy-Require: f'));
  expect([p.requireStart, p.proxyRequireStart].map((at) => p.text(at, at + 1))).toEqual(['c', 'e']);
});

it('tells whether all Via lines stand together', () => {
  const together = peekText(invite([`${via},\r\n SIP/2.0/UDP b`, 'v: SIP/2.0/UDP c']));
  expect(together.text(together.viaBlockStart, together.viaBlockEnd)).toContain('UDP c\r\n');
  const apart = peekText(invite([via, 'X: y', 'v: SIP/2.0/UDP c']));
  expect(apart.viaBlockStart).toBe(-1);
  expect(apart.text(apart.via2Start, apart.via2End)).toBe('SIP/2.0/UDP c');
  const apartAgain = peekText(invite([via, 'X: y', 'v: SIP/2.0/UDP c', 'v: SIP/2.0/UDP d']));
  expect(apartAgain.viaBlockStart).toBe(-1);
});
