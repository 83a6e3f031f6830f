// URIs: RFC 3261 §19.1 and §25.1, RFC 3966, and the comparison of §19.1.4 by its own examples.
import { describe, expect, it } from 'vitest';
import { parseUri, sameUri, unescapeUri } from '../../src/sip/uri.ts';

const uri = (text: string) => {
  const parsed = parseUri(text);
  if (parsed === undefined) throw new Error(`${text} is refused`);
  return parsed;
};

describe('parseUri', () => {
  it.each([
    // RFC 3261 §19.1.3
    ['sip:alice@atlanta.com', { scheme: 'sip', user: 'alice', host: 'atlanta.com', port: undefined }],
    ['sip:alice:secretword@atlanta.com;transport=tcp', { user: 'alice', password: 'secretword', host: 'atlanta.com' }],
    ['sips:alice@atlanta.com?subject=project%20x&priority=urgent', { scheme: 'sips', host: 'atlanta.com' }],
    ['sip:+1-212-555-1212:1234@gateway.com;user=phone', { user: '+1-212-555-1212', password: '1234' }],
    ['sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com', { user: undefined, host: 'atlanta.com' }],
    ['sip:alice;day=tuesday@atlanta.com', { user: 'alice;day=tuesday', host: 'atlanta.com', params: [] }],
    ['SIP:a@ExAmple.COM:05060', { scheme: 'sip', host: 'example.com', port: 5060 }],
    ['sip:[2001:DB8::1]:5070;lr', { host: '[2001:db8::1]', port: 5070, params: [{ name: 'lr', value: undefined }] }],
    ['sip:a@[::ffff:192.0.2.1]', { host: '[::ffff:192.0.2.1]' }],
    ['sip:*31#5551212@gw_1.example', { user: '*31#5551212', host: 'gw_1.example' }],
    ['sip:a@3f2a9c1b7d2e', { host: '3f2a9c1b7d2e' }],
    ['sip:a@example.com.', { host: 'example.com.' }],
    ['sip:a@b;N%61me=V%61l', { params: [{ name: 'name', value: 'V%61l' }] }],
    ['tel:+1-201-555-0123', { scheme: 'tel', user: '+1-201-555-0123', host: '' }],
    ['tel:7042;phone-context=example.com', { user: '7042', params: [{ name: 'phone-context', value: 'example.com' }] }],
    ['tel:*32#;phone-context=+1-914', { user: '*32#' }],
    ['urn:service:sos.fire', { scheme: 'urn', user: undefined, rest: 'service:sos.fire' }],
    ['soap.beep://192.0.2.103:3002', { scheme: 'other', schemeName: 'soap.beep', rest: '//192.0.2.103:3002' }],
  ])('takes %s', (text, expected) => {
    expect(uri(text)).toMatchObject(expected);
  });

  it.each([
    '',
    'sip',
    'sip:',
    ':a',
    '1sip:a@b',
    'sip:@b',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip: a@c',
    'sip:a@b ',
    'sip:a@b:',
    'sip:a@b:65536',
    'sip:a@b:5x',
    'sip:a@b;',
    'sip:a@b;;lr',
    'sip:a@b;=x',
    'sip:a@b;x=',
    'sip:a@b?',
    'sip:a@b?x',
    'sip:a@b?x=1&',
    'sip:a@b?x=1;y',
    'sip:a%4@b',
    'sip:a%zz@b',
    'sip:a<@b',
    'sip:a@b\r\n',
    'sip:a@-b',
    'sip:a@b-',
    'sip:a@b..c',
    'sip:a@.b',
    'sip:a@256.0.0.1',
    'sip:a@1.2.3',
    'sip:a@1.2.3.4.5',
    'sip:a@2001:db8::1',
    'sip:a@[2001:db8::1',
    'sip:a@[1::2::3]',
    'sip:a@[1:2:3:4:5:6:7]',
    'sip:a@[1:2:3:4:5:6:7:8:9]',
    'sip:a@[12345::]',
    'sip:a@[::1%eth0]',
    'sip:a@[]',
    'sip:ü@b',
    'tel:',
    'tel:+',
    'tel:abcx',
    'tel:+1a',
    'tel:1;',
    'tel:1;=',
    'urn:',
    'urn:service sos',
  ])('refuses %j', (text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  it('reads a range of bytes only', () => {
    const bytes = Buffer.from('<sip:a@b:50601>');
    expect(parseUri(bytes, 1, 13)).toMatchObject({ host: 'b', port: 5060 });
  });

  it('undoes escapes once', () => {
    expect(unescapeUri('v%61lue%25%34%31%0')).toBe('value%41%0');
  });
});

describe('sameUri', () => {
  it.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1', 'TEL:+1'],
  ])('%s is %s', (a, b) => {
    expect([sameUri(uri(a), uri(b)), sameUri(uri(b), uri(a))]).toEqual([true, true]);
  });

  it.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:a@b', 'sips:a@b'],
    ['sip:a@b', 'sip:a:x@b'],
    ['sip:a%40@b', 'sip:a%3F@b'],
    ['sip:b', 'sip:a@b'],
    ['urn:service:sos', 'urn:service:sos.fire'],
  ])('%s is not %s', (a, b) => {
    expect([sameUri(uri(a), uri(b)), sameUri(uri(b), uri(a))]).toEqual([false, false]);
  });
});
