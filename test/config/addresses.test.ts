import { describe, expect, it } from 'vitest';
import { inBlock, parseAddress } from '../../src/admission/cidr.ts';
import { formatSocketAddress, parseHostPort, parseListen, parseTarget } from '../../src/config/addresses.ts';
import { cidrKey, parseCidr } from '../../src/config/cidr.ts';

describe('a socket address', () => {
  it.each([
    ['udp:127.0.0.1:5060', { transport: 'udp', host: '127.0.0.1', port: 5060 }],
    ['tls:[2001:db8::1]:0', { transport: 'tls', host: '2001:db8::1', port: 0 }],
    ['ws:127.0.0.1:80', { transport: 'ws', host: '127.0.0.1', port: 80 }],
    ['wss:[::1]:443', { transport: 'wss', host: '::1', port: 443 }],
  ])('%s is read and written back', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
    expect(formatSocketAddress(parseListen(text)!)).toBe(text);
  });

  it.each([
    '',
    'udp',
    'udp:',
    'udp:5060',
    'UDP:127.0.0.1:5060',
    'udp:127.0.0.1:',
    'udp:127.0.0.1:5060 ',
    'udp:127.0.0:5060',
    'udp:[fe80::1%eth0]:5060',
    'udp:[127.0.0.1]:5060',
    'wsss:127.0.0.1:80',
    'ws://127.0.0.1:80',
  ])('%j is none', (text) => expect(parseListen(text)).toBeUndefined());

  it('of a switch may have a name, and has a port', () => {
    expect(parseTarget('tcp:sw1.example.net:5060')).toEqual({ transport: 'tcp', host: 'sw1.example.net', port: 5060 });
    expect(parseTarget('tcp:sw1.example.net')).toBeUndefined();
    expect(parseTarget('ws:sw1.example.net:80')).toBeUndefined();
    expect(parseTarget('wss:10.0.0.5:443')).toBeUndefined();
    expect(parseTarget('tcp:sw_1:5060')).toBeUndefined();
    expect(parseTarget('tcp:10.0.0.256:5060')).toBeUndefined();
  });
});

describe('a host with or without a port', () => {
  it.each([
    ['203.0.113.5', { host: '203.0.113.5', port: undefined }],
    ['203.0.113.5:5060', { host: '203.0.113.5', port: 5060 }],
    ['sip.example.net', { host: 'sip.example.net', port: undefined }],
    ['2001:db8::1', { host: '2001:db8::1', port: undefined }],
    ['[2001:db8::1]:5060', { host: '2001:db8::1', port: 5060 }],
  ])('%s', (text, expected) => expect(parseHostPort(text)).toEqual(expected));
});

describe('a block', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['0.0.0.0/0', '203.0.113.5', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::/0', '2001:db8::1', true],
  ])('%s and %s: %s', (block, address, expected) => {
    expect(inBlock(parseAddress(address)!, parseCidr(block)!)).toBe(expected);
  });

  it.each([
    '',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '10.0.0',
    'fe80::1%eth0',
    '2001:db8::1/64',
    'a/8',
    '10.0.0.0/8/8',
  ])('%j is none', (text) => expect(parseCidr(text)).toBeUndefined());

  it('has one key in all its spellings', () => {
    expect(cidrKey(parseCidr('2001:DB8:0:0::/32')!)).toBe(cidrKey(parseCidr('2001:db8::/32')!));
    expect(cidrKey(parseCidr('10.0.0.0/8')!)).not.toBe(cidrKey(parseCidr('10.0.0.0/9')!));
  });
});
