import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesAddress, type Source, writeTopVia } from '../../src/sip/top-via.ts';
import { parseVia } from '../../src/sip/via.ts';
import { Writer } from '../../src/sip/writer.ts';
import { invite, peekText } from './peek-text.ts';

const source = { remoteAddress: '198.51.100.7', remotePort: 40_001 };

function written(via: string, from: Source = source): string {
  const w = new Writer(new Uint8Array(1024));
  writeTopVia(w, peekText(invite([`Via: ${via}`])), from);
  return Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
}

describe('received (RFC 3261 §18.2.1)', () => {
  it.each([
    ['SIP/2.0/UDP 198.51.100.7', ''],
    ['SIP/2.0/UDP 198.51.100.7:5070;branch=1', ''],
    ['SIP/2.0/UDP 198.51.100.7 :5070', ''],
    ['SIP/2.0/UDP 198.51.100.70;branch=1', ';received=198.51.100.7'],
    ['SIP/2.0/UDP 98.51.100.7;branch=1', ';received=198.51.100.7'],
    ['SIP/2.0/UDP 10.0.0.1;branch=1', ';received=198.51.100.7'],
    ['SIP/2.0/UDP client.example.com;branch=1', ';received=198.51.100.7'],
    // a name that begins with the address is another host
    ['SIP/2.0/UDP 198.51.100.7.example.com;branch=1', ';received=198.51.100.7'],
  ])('%s gets %j', (via, added) => {
    expect(written(via)).toBe(via + added);
    // the same by its number
    expect(written(via, { ...source, v4: 0xc6336407 })).toBe(via + added);
  });

  it.each([
    ['SIP/2.0/UDP [2001:db8::1]:5060', '2001:db8::1', ''],
    ['SIP/2.0/UDP [2001:DB8::1]', '2001:db8::1', ''],
    ['SIP/2.0/UDP [2001:db8::11]', '2001:db8::1', ';received=2001:db8::1'],
    ['SIP/2.0/UDP [2001:db8:0::1]', '2001:db8::1', ';received=2001:db8::1'],
    ['SIP/2.0/UDP host.example', '2001:db8::1', ';received=2001:db8::1'],
  ])('%s from %s gets %j: an IPv6 address without brackets', (via, remoteAddress, added) => {
    expect(written(via, { remoteAddress, remotePort: 1 })).toBe(via + added);
    expect(parseVia(Buffer.from(via + added), 0, via.length + added.length)).toBeDefined();
  });
});

describe('rport (RFC 3581 §4): its value, and received even where sent-by is right', () => {
  it.each([
    ['SIP/2.0/UDP 198.51.100.7;rport;branch=1', 'SIP/2.0/UDP 198.51.100.7;rport=40001;branch=1;received=198.51.100.7'],
    ['SIP/2.0/UDP 10.0.0.1;branch=1;rport', 'SIP/2.0/UDP 10.0.0.1;branch=1;rport=40001;received=198.51.100.7'],
    ['SIP/2.0/UDP a; RPORT ;branch=1', 'SIP/2.0/UDP a; rport=40001 ;branch=1;received=198.51.100.7'],
  ])('%s', (via, expected) => {
    expect(written(via)).toBe(expected);
  });
});

describe('what the sender wrote itself says nothing', () => {
  it.each([
    ['SIP/2.0/UDP a;received=192.0.2.9;branch=1', 'SIP/2.0/UDP a;branch=1;received=198.51.100.7'],
    // it says so even where it is right: there is one way to write it
    ['SIP/2.0/UDP 198.51.100.7;received=198.51.100.7', 'SIP/2.0/UDP 198.51.100.7;received=198.51.100.7'],
    ['SIP/2.0/UDP a;rport=9;branch=1', 'SIP/2.0/UDP a;branch=1;rport=40001;received=198.51.100.7'],
    ['SIP/2.0/UDP a;rport=;branch=1', 'SIP/2.0/UDP a;branch=1;rport=40001;received=198.51.100.7'],
    ['SIP/2.0/UDP a;received=b;rport;branch=1', 'SIP/2.0/UDP a;branch=1;rport=40001;received=198.51.100.7'],
    ['SIP/2.0/UDP a;rport=9;x;received=b', 'SIP/2.0/UDP a;x;rport=40001;received=198.51.100.7'],
    ['SIP/2.0/UDP a ; Received = b ; RPort = 9 ; x', 'SIP/2.0/UDP a  ; x;rport=40001;received=198.51.100.7'],
  ])('%s', (via, expected) => {
    expect(written(via).replaceAll(/ +/g, ' ')).toBe(expected.replaceAll(/ +/g, ' '));
  });

  it('leaves one received and one rport for a parser that takes no two', () => {
    for (const via of [
      'SIP/2.0/UDP a;rport;received=b',
      'SIP/2.0/UDP a;received=b',
      'SIP/2.0/UDP a;rport=1',
      'SIP/2.0/UDP a;rport',
    ]) {
      const text = written(via);
      expect(parseVia(Buffer.from(text), 0, text.length)).toMatchObject({
        received: '198.51.100.7',
        rport: via.includes('rport') ? 40_001 : undefined,
      });
    }
  });
});

it('leaves the second via-parm alone', () => {
  expect(written('SIP/2.0/UDP a;rport, SIP/2.0/UDP b;rport')).toBe('SIP/2.0/UDP a;rport=40001;received=198.51.100.7');
});

it('compares the host of sent-by with an address to its end', () => {
  const p = peekText(invite(['Via: SIP/2.0/UDP [::1];branch=1']));
  expect(namesAddress(p, '::1')).toBe(true);
  expect(namesAddress(p, '::')).toBe(false);
  expect(namesAddress(p, '::12')).toBe(false);
});

it('compares and writes an address by its number as by its text', () => {
  const address = fc.ipV4();
  const near = fc.oneof(
    address,
    address.map((a) => `${a}0`),
    address.map((a) => a.slice(0, -1)),
    fc.constantFrom('1.2.3', '1.2.3.4.5', '1..2.3', '1.2.3.4.', '256.1.1.1', 'a.1.2.3', '', '1.2.3.-4'),
  );
  fc.assert(
    fc.property(address, fc.option(near), fc.constantFrom('', ':5060', ' :5060', ';x', ' '), (from, other, after) => {
      const v4 = from.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      const via = `SIP/2.0/UDP ${other ?? from}${after}`;
      const byText = { remoteAddress: from, remotePort: 5 };
      expect(written(via, { ...byText, v4 })).toBe(written(via, byText));
      expect(written(`${via};rport`, { ...byText, v4 })).toBe(written(`${via};rport`, byText));
    }),
  );
});
