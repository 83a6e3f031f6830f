import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleOfUri } from '../../src/classify/digit-table.ts';
import { compileTable } from '../../src/dialplan/compile-table.ts';
import { parsePattern } from '../../src/dialplan/pattern.ts';

const patterns = ['911', '9011', '*272X.', '+12125551212', '12125551212', '#31#5', '10001', '.'];
const table = compileTable(
  patterns.flatMap((text, rule) => parsePattern(text)!.map((pattern) => ({ pattern, rule }))),
)!;

function found(uri: string): string | undefined {
  // the walk must not look outside the URI
  const bytes = Buffer.from(`911@${uri}@911`, 'latin1');
  return patterns[ruleOfUri(table, bytes, 4, bytes.length - 4)];
}

describe('the number in a Request-URI', () => {
  it.each([
    ['sip:911@example.com', '911'],
    ['SIP:911@example.com', '911'],
    ['sips:911@example.com', '911'],
    ['tel:911', '911'],
    ['TEL:911', '911'],
    ['tel:911;phone-context=+1', '911'],
    ['tel:9-1-1;phone-context=example.com', '911'],
    ['sip:9-1-1@example.com', '911'],
    ['sip:(9)1.1@example.com', '911'],
    ['sip:911;phone-context=+1@example.com;user=phone', '911'],
    ['sip:911:secret@example.com', '911'],
    ['sip:%39%31%31@example.com', '911'],
    ['sip:9%2D11@example.com', '911'],
    ['sip:911@[2001:db8::1]:5061;transport=tcp', '911'],
    ['sip:+12125551212@10.0.0.1;user=phone', '+12125551212'],
    ['sip:%2b12125551212@10.0.0.1', '+12125551212'],
    ['sip:+1-212-555-1212;npdi;rn=+12125550000@10.0.0.1', '+12125551212'],
    ['tel:+1(212)555.1212', '+12125551212'],
    ['sip:1-212-555-1212@10.0.0.1', '12125551212'],
    ['sip:*27212125551212@10.0.0.1', '*272X.'],
    ['sip:%2a2725551212@10.0.0.1', '*272X.'],
    ['sip:%2331%235@10.0.0.1', '#31#5'],
    ['tel:#31#5', '#31#5'],
    ['sip:4@example.com', '.'],
    ['sip:9111@example.com', '.'],
  ])('%s', (uri, pattern) => {
    expect(found(uri)).toBe(pattern);
  });

  it.each([
    ['a name', 'sip:bob@example.com'],
    ['a name that begins with a number', 'sip:911abc@example.com'],
    ['a name that ends with a number', 'sip:abc911@example.com'],
    ['no user', 'sip:example.com'],
    ['a host of digits', 'sip:10.0.0.1'],
    ['a host of digits and a port', 'sip:10.0.0.1:5060;transport=udp'],
    ['a host that looks like 911', 'sip:911'],
    ['an escape cut off', 'sip:91%31'],
    ['an escape of no hexadecimal digits', 'sip:91%G1@example.com'],
    ['an escape with a second byte of none', 'sip:9%3G11@example.com'],
    ['an escape with a space', 'sip:9%3 11@example.com'],
    ['an escape above ASCII', 'sip:91%F1@example.com'],
    ['an escaped at sign', 'sip:911%40@example.com'],
    ['an escaped semicolon', 'sip:911%3B@example.com'],
    ['a question mark', 'sip:911?x@example.com'],
    ['a space', 'sip:9 11@example.com'],
    ['bytes above ASCII', 'sip:9\xb9\xb9@example.com'],
    ['another scheme', 'http://911@example.com'],
    ['nearly sip', 'sit:911@example.com'],
    ['nearly sips', 'sipx:911@example.com'],
    ['nearly tel', 'ted:911'],
    ['urn', 'urn:service:sos'],
    ['nothing', ''],
    ['a scheme alone', 'sip:'],
  ])('none: %s', (_, uri) => {
    expect(found(uri)).toBeUndefined();
  });

  it('stands any bytes, and never looks outside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('sip:', 'tel:', 'sips:', ''), (noise, scheme) => {
        const uri = Buffer.concat([Buffer.from(scheme), noise]);
        const alone = ruleOfUri(table, uri, 0, uri.length);
        const within = Buffer.concat([Buffer.from('sip:5@'), uri, Buffer.from('@911')]);
        expect(ruleOfUri(table, within, 6, 6 + uri.length)).toBe(alone);
        expect(alone).toBeGreaterThanOrEqual(-1);
        expect(alone).toBeLessThan(patterns.length);
      }),
    );
  });
});
