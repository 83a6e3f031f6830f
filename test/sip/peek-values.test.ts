import { describe, expect, it } from 'vitest';
import type { Peek } from '../../src/sip/peek.ts';
import { tagEnd, tagStart } from '../../src/sip/peek-values.ts';
import { invite, peekText } from './peek-text.ts';

const top = (value: string, ...more: string[]) => peekText(invite([`Via: ${value}`, ...more.map((v) => `Via: ${v}`)]));

function parts(p: Peek) {
  return {
    via: p.text(p.viaStart, p.viaEnd),
    sentBy: p.text(p.sentByStart, p.sentByEnd),
    branch: p.text(p.branchStart, p.branchEnd),
    rport: p.text(p.rportStart, p.rportEnd),
    received: p.text(p.receivedStart, p.receivedEnd),
    via2: p.text(p.via2Start, p.via2End),
  };
}
const nothing = { branch: '', rport: '', received: '', via2: '' };

describe('the top Via', () => {
  it.each<[string, Partial<ReturnType<typeof parts>>]>([
    ['SIP/2.0/UDP a.example', { sentBy: 'a.example' }],
    ['SIP/2.0/UDP a.example:5060;rport=', { sentBy: 'a.example:5060', rport: 'rport=' }],
    ['SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bKx', { sentBy: '[2001:db8::1]:5070', branch: 'z9hG4bKx' }],
    ['SIP / 2.0 / UDP  a.example: 4000 ;ttl=16', { sentBy: 'a.example: 4000' }],
    [
      'SIP/2.0/TCP a;RPORT=9;Branch = z9 ;ReceiveD=1.2.3.4',
      { sentBy: 'a', branch: 'z9', rport: 'RPORT=9', received: 'ReceiveD=1.2.3.4' },
    ],
    ['SIP/2.0/UDP a; rport ; branch=b', { sentBy: 'a', rport: 'rport', branch: 'b' }],
    // a parameter that begins with the name of another, or that stands in a quoted string
    ['SIP/2.0/UDP a;rports;branchx=no;x=";branch=no,";branch=yes', { sentBy: 'a', branch: 'yes' }],
    ['SIP/2.0/UDP a;x="\\";branch=no";branch=yes', { sentBy: 'a', branch: 'yes' }],
    // the first of each counts
    ['SIP/2.0/UDP a;branch=1;branch=2;rport;rport=3', { sentBy: 'a', branch: '1', rport: 'rport' }],
    ['SIP/2.0/UDP a\r\n ;branch=\r\n z9', { sentBy: 'a', branch: 'z9' }],
  ])('%s', (value, expected) => {
    const p = top(value);
    expect(p.fault).toBe('none');
    expect(parts(p)).toEqual({ ...nothing, via: value, ...expected });
  });

  it.each([
    ['joined', top('SIP/2.0/UDP a;branch=1 , SIP/2.0/TCP b;branch=2,SIP/2.0/TCP c')],
    ['joined without parameters', top('SIP/2.0/UDP a;branch=1,SIP/2.0/TCP b;branch=2')],
    ['in another line', top('SIP/2.0/UDP a;branch=1', 'SIP/2.0/TCP b;branch=2, SIP/2.0/TCP c', 'SIP/2.0/TCP d')],
    ['folded', top('SIP/2.0/UDP a;branch=1\r\n ,\r\n SIP/2.0/TCP b;branch=2\r\n , SIP/2.0/TCP c')],
  ])('and a second one %s', (_, p) => {
    expect(p.hasSecondVia).toBe(true);
    expect(parts(p)).toMatchObject({ via: 'SIP/2.0/UDP a;branch=1', via2: 'SIP/2.0/TCP b;branch=2', branch: '1' });
  });

  it('does not take a comma inside a quoted string for a second one', () => {
    expect(top('SIP/2.0/UDP a;oc-algo="loss,rate";branch=1')).toMatchObject({ hasSecondVia: false, via2Start: -1 });
  });

  it('takes nothing of the second for the top one', () => {
    expect(parts(top('SIP/2.0/UDP a, SIP/2.0/UDP b;branch=no;rport;received=x'))).toMatchObject({
      ...nothing,
      via2: expect.anything(),
    });
  });
});

describe('tags', () => {
  it.each([
    ['<sip:a@b>;tag=1', '1'],
    ['<sip:a@b> ; TAG = 1 ;x', '1'],
    ['sip:a@b;tag=1', '1'],
    ['<sip:a@b;tag=no>', ''],
    ['<sip:a@b;tag=no>;tag=1', '1'],
    ['"x <;tag=no>" <sip:a@b>;tag=1', '1'],
    ['"x\\" ;tag=no" <sip:a@b>;tag=1', '1'],
    ['<sip:a@b>;x=">;tag=no";tag=1', '1'],
    ['<sip:a@b>;x="<";tag=1', '1'],
    ['<sip:a@b>;x=">";y', ''],
    ['<sip:a@b>;tags=no;xtag=no', ''],
    ['<sip:a@b>;tag', ''],
    ['"tag=no" <sip:a@b>', ''],
    ['<sip:a@b>;tag=1\r\n ;x', '1'],
  ])('%s: %j', (value, tag) => {
    const bytes = Buffer.from(value, 'latin1');
    const start = tagStart(bytes, 0, bytes.length);
    expect(start < 0 ? '' : value.slice(start, tagEnd(bytes, start, bytes.length))).toBe(tag);
  });
});

it('compares the method of CSeq with the request’s, unknown ones included', () => {
  const of = (method: string, cseq: string) =>
    peekText(invite(['Via: SIP/2.0/UDP a']).replace('INVITE sip', `${method} sip`).replace('7 INVITE', cseq)).fault;
  expect(of('NEWMETHOD', '7 NEWMETHOD')).toBe('none');
  expect(of('NEWMETHOD', '7 NEWMETHoD')).toBe('bad-cseq');
  expect(of('BYE', '2147483647\tBYE')).toBe('none');
});

it.each([
  ['OPTIONS sip:a SIP/2.0', 'sip:a', 'none'],
  ['OPTIONS sip:a b SIP/2.0', 'sip:a b', 'bad-start-line'],
  ['OPTIONS  sip:a SIP/2.0', ' sip:a', 'bad-start-line'],
  ['OPTIONS <sip:a> SIP/2.0', '<sip:a>', 'bad-start-line'],
  ['OPTIONS sip:a SIP/2.0 ', 'sip:a', 'bad-start-line'],
  ['OPTIONS urn:service:sos SIP/2.0', 'urn:service:sos', 'none'],
])('RFC 4475 §3.1.2: white space and brackets in %j', (line, uri, fault) => {
  const p = peekText(
    invite(['Via: SIP/2.0/UDP a'])
      .replace('INVITE sip:bob@example.com SIP/2.0', line)
      .replace('7 INV', '7 OPTIONS')
      .replace('OPTIONSITE', 'OPTIONS'),
  );
  expect([p.fault, p.text(p.uriStart, p.uriEnd)]).toEqual([fault, uri]);
});
