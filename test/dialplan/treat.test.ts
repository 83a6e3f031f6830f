import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialRule } from '../../src/classify/plan.ts';
import { treatNumber, treatUri } from '../../src/dialplan/treat.ts';

const rule: DialRule = {
  name: 'test',
  class: 'ordinary',
  route: 'default',
  treatment: undefined,
  announce: '',
  insertResourcePriority: '',
  insertRank: 0,
  refuse: undefined,
};
const strip = (n: number, prefix = ''): DialRule => ({ ...rule, treatment: { strip: n, prefix, replace: undefined } });
const replace = (number: string): DialRule => ({ ...rule, treatment: { strip: 0, prefix: '', replace: number } });

describe('the Request-URI after treatment', () => {
  it.each<[string, DialRule, string]>([
    ['sip:*2722125551212@h', strip(4), 'sip:2125551212@h'],
    ['sip:%2a2722125551212@h', strip(4), 'sip:2125551212@h'],
    ['sip:2125551212@h:5061;user=phone?Subject=x', strip(0, '1'), 'sip:12125551212@h:5061;user=phone?Subject=x'],
    [
      'sips:+1-212-555-1212;npdi;rn=+12125550000@[2001:db8::1]',
      strip(2, '9'),
      'sips:92125551212;npdi;rn=+12125550000@[2001:db8::1]',
    ],
    ['sip:2125551212:secret@h', strip(3), 'sip:5551212:secret@h'],
    ['tel:+1-212-555-1212;phone-context=+1', strip(2), 'tel:2125551212;phone-context=+1'],
    ['tel:12', strip(0, '+49'), 'tel:+4912'],
    ['SIP:5551212@h', replace('18005551212'), 'SIP:18005551212@h'],
    ['sip:123@h', strip(1, '*5#'), 'sip:*5%2323@h'],
    ['sip:1%2323@h', strip(1), 'sip:%2323@h'],
    // untouched
    ['sip:5551212@h', rule, 'sip:5551212@h'],
    ['sip:example.com', strip(1), 'sip:example.com'],
    ['urn:service:sos', strip(1), 'urn:service:sos'],
    // an announcement
    ['sip:5551212@h', { ...rule, announce: 'sip:vacant@ann.example.com' }, 'sip:vacant@ann.example.com'],
    ['tel:5551212', { ...rule, announce: 'sip:vacant@ann.example.com' }, 'sip:vacant@ann.example.com'],
  ])('%s', (uri, treatment, expected) => {
    expect(treatUri(treatment, uri)).toBe(expected);
  });

  it('strips then prefixes, for any number', () => {
    const digits = (max: number) =>
      fc.array(fc.constantFrom(...'0123456789*'), { maxLength: max }).map((all) => all.join(''));
    fc.assert(
      fc.property(digits(20), fc.nat(10), digits(6), (number, n, prefix) => {
        const treatment = { strip: n, prefix, replace: undefined };
        expect(treatNumber(treatment, number)).toBe(prefix + number.slice(n));
        expect(treatUri(strip(n, prefix), `sip:${number}@h;x=y`)).toBe(`sip:${prefix}${number.slice(n)}@h;x=y`);
      }),
    );
  });
});
