// One via-parm: RFC 3261 §20.42 and §25.1, RFC 3581, RFC 7339 §4.1.
import { describe, expect, it } from 'vitest';
import { parseVia, readVia } from '../../src/sip/via.ts';

const via = (text: string) => parseVia(Buffer.from(text, 'latin1'), 0, text.length);

describe('parseVia', () => {
  it.each([
    ['SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7', { port: 5060, branch: 'z9hG4bK87asdks7' }],
    ['SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207\r\n ;branch=z9hG4bK77asjd', { received: '192.0.2.207' }],
    ['SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=a7c6', { port: 4000, ttl: 16 }],
    ['SIP/2.0/tls h', { transport: 'TLS', host: 'h', port: undefined, branch: undefined, rport: undefined }],
    ['SIP/2.0/UDP h;rport', { rport: null }],
    ['SIP/2.0/UDP h;RPORT=5061', { rport: 5061 }],
    ['SIP/2.0/UDP [::1]:5060;received=[::2]', { host: '[::1]', received: '::2' }],
    ['SIP/2.0/UDP h;received=::2', { received: '::2' }],
    ['SIP/2.0/UDP h;oc;oc-algo="loss,rate";branch=x', { branch: 'x' }],
    ['sip/2.0/UDP h;x="\\"";branch=x', { branch: 'x' }],
    ['SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks', { transport: 'WSS' }],
    ['SIP/2.0/UDP h;x=a/b@c', { host: 'h' }],
  ])('takes %s', (text, expected) => {
    expect(via(text)).toMatchObject(expected);
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/2.0 UDP h',
    'SIP/3.0/UDP h',
    'SIPS/2.0/UDP h',
    'SIP/2.0/UDP;h',
    'SIP/2.0/UDP h:',
    'SIP/2.0/UDP h:x',
    'SIP/2.0/UDP h:70000',
    'SIP/2.0/UDP h h2',
    'SIP/2.0/UDP h;',
    'SIP/2.0/UDP h;;branch=x',
    'SIP/2.0/UDP h;branch',
    'SIP/2.0/UDP h;branch=',
    'SIP/2.0/UDP h;branch="x"',
    'SIP/2.0/UDP h;branch=x;branch=y',
    'SIP/2.0/UDP h;branch=x y',
    'SIP/2.0/UDP h;rport=x',
    'SIP/2.0/UDP h;rport=70000',
    'SIP/2.0/UDP h;rport;rport',
    'SIP/2.0/UDP h;received',
    'SIP/2.0/UDP h;received=a/b',
    'SIP/2.0/UDP h;received=[::1',
    'SIP/2.0/UDP h;ttl=256',
    'SIP/2.0/UDP h;maddr',
    'SIP/2.0/UDP h;x="',
    'SIP/2.0/UDP h;x="a\\"',
    'SIP/2.0/UDP h,SIP/2.0/UDP i',
    'SIP/2.0/UDP ::1',
    'SIP/2.0/UDP a@b',
  ])('refuses %j', (text) => {
    expect(via(text)).toBeUndefined();
  });

  it('gives offsets of what is edited', () => {
    const text = '  SIP/2.0/UDP h:5060;rport=1 ;received=1.2.3.4 ; branch=x  ';
    const v = via(text)!;
    expect([
      text.slice(v.start, v.end),
      text.slice(v.sentByStart, v.sentByEnd),
      text.slice(v.rportStart, v.rportEnd),
      text.slice(v.receivedStart, v.receivedEnd),
      text.slice(v.paramsStart, v.end),
    ]).toEqual([text.trim(), 'h:5060', 'rport=1', 'received=1.2.3.4', ';rport=1 ;received=1.2.3.4 ; branch=x']);
  });
});

describe('readVia', () => {
  it('stops at a comma that is not quoted', () => {
    const text = 'SIP/2.0/UDP h;x="a,b" , SIP/2.0/UDP i';
    expect(readVia(Buffer.from(text), 0, text.length)).toMatchObject({ host: 'h', end: 21 });
  });
});
