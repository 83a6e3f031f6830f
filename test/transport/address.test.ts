// Addresses: text and bytes, checked against Node and against the URL parser's canonical form.
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressHash, addressText, isWildcard, parseAddress } from '../../src/transport/address.ts';
import { advertisedHost } from '../../src/transport/advertise.ts';

describe('parseAddress and addressText', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['::', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['64:ff9b::10.1.2.3', '64:ff9b::a01:203'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, printed) => {
    expect(addressText(parseAddress(text)!)).toBe(printed);
  });

  it.each(['', 'localhost', '1.2.3', '1.2.3.256', '::1::', '[127.0.0.1', '127.0.0.1:5060'])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('agrees with the URL parser', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        fc.pre(isIP(text) !== 0);
        const parsed = parseAddress(text)!;
        const canonical = new URL(`http://${text.includes(':') ? `[${text}]` : text}/`).hostname.replace(/[[\]]/g, '');
        if (!canonical.startsWith('::ffff:')) expect(addressText(parsed)).toBe(canonical);
        expect(parseAddress(addressText(parsed))).toEqual(parsed);
      }),
    );
  });

  it('hashes equal addresses equally, to 32 bits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const hash = addressHash(parseAddress(text)!);
        expect(addressHash(parseAddress(addressText(parseAddress(text)!))!)).toBe(hash);
        expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
      }),
    );
    expect(addressHash(parseAddress('::ffff:10.1.2.3')!)).toBe(addressHash(parseAddress('10.1.2.3')!));
  });

  it('knows wildcards', () => {
    expect(['0.0.0.0', '::', '[::]', '::1', '0.0.0.1'].map((text) => isWildcard(parseAddress(text)!))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('advertisedHost', () => {
  const address = (text: string, internal = false) =>
    ({ address: text, family: text.includes(':') ? 'IPv6' : 'IPv4', internal }) as never;
  const machine = {
    lo: [address('127.0.0.1', true), address('::1', true)],
    eth0: [address('fe80::1'), address('192.0.2.7'), address('2001:db8::7')],
  };
  it.each([
    ['sip.example.net', '0.0.0.0', 'sip.example.net'],
    ['2001:db8::9', '::', '[2001:db8::9]'],
    ['[2001:db8::9]', '::', '[2001:db8::9]'],
    [undefined, '127.0.0.1', '127.0.0.1'],
    [undefined, '::1', '[::1]'],
    [undefined, '0.0.0.0', '192.0.2.7'],
    [undefined, '::', '[2001:db8::7]'],
  ])('%s on %s is %s', (configured, bound, host) => {
    expect(advertisedHost(configured, bound, machine)).toBe(host);
  });
  it('falls back to loopback', () => {
    expect(advertisedHost(undefined, '0.0.0.0', {})).toBe('127.0.0.1');
    expect(advertisedHost(undefined, '::', {})).toBe('[::1]');
  });
});
