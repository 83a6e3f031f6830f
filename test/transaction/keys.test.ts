import { describe, expect, it } from 'vitest';
import { methods } from '../../src/sip/method.ts';
import { Peek, peek } from '../../src/sip/peek.ts';
import { ackFitsResponse, clientKey, clientKeyOf, hasMagicBranch, serverKey } from '../../src/transaction/keys.ts';

interface Parts {
  method: string;
  uri: string;
  via: string;
  from: string;
  to: string;
  callId: string;
  cseq: string;
}

const invite: Parts = {
  method: 'INVITE',
  uri: 'sip:bob@biloxi.com',
  via: 'SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff',
  from: '<sip:alice@atlanta.com>;tag=88sja8x',
  to: 'Bob <sip:bob@biloxi.com>',
  callId: '987asjd97y7atg',
  cseq: '986759 INVITE',
};

/** A peek filled by hand from well-formed parts, so that this test does not depend on the scanner. */
function peekOf(change: Partial<Parts>): Peek {
  const parts = { ...invite, ...change };
  const { method, uri, via, from, to, callId, cseq } = parts;
  const message = `${method} ${uri} SIP/2.0\r\nVia: ${via}\r\nFrom: ${from}\r\nTo: ${to}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\n\r\n`;
  const peek = new Peek();
  peek.bytes = Buffer.from(message, 'latin1');
  const known = (word: string) => methods.find((name) => name === word) ?? 'other';
  peek.method = known(method);
  peek.cseqMethod = known(cseq.split(' ').at(-1)!);
  peek.cseqNumber = Number.parseInt(cseq, 10);
  const span = (outer: string, inner: string): [number, number] => {
    const base = message.indexOf(outer);
    const start = base + outer.indexOf(inner);
    return inner === '' ? [-1, -1] : [start, start + inner.length];
  };
  const tag = (value: string) => /;tag=(.*)$/.exec(value)?.[1] ?? '';
  const sentByText = /^SIP *\/ *2\.0 *\/ *\w+ +([^;]*)/.exec(via)![1]!;
  const branchText = /;branch=([^;]*)/.exec(via)?.[1] ?? '';
  [peek.methodStart, peek.methodEnd] = span(method, method);
  [peek.uriStart, peek.uriEnd] = span(`${method} ${uri}`, uri);
  [peek.viaStart, peek.viaEnd] = span(`Via: ${via}`, via);
  [peek.sentByStart, peek.sentByEnd] = span(`Via: ${via}`, sentByText);
  [peek.branchStart, peek.branchEnd] = span(`Via: ${via}`, branchText);
  [peek.fromTagStart, peek.fromTagEnd] = span(`From: ${from}`, tag(from));
  [peek.toTagStart, peek.toTagEnd] = span(`To: ${to}`, tag(to));
  [peek.callIdStart, peek.callIdEnd] = span(`Call-ID: ${callId}`, callId);
  [peek.cseqStart, peek.cseqEnd] = span(`CSeq: ${cseq}`, cseq);
  return peek;
}

const via = (sentBy: string, branch: string, transport = 'UDP') => `SIP/2.0/${transport} ${sentBy};branch=${branch}`;
const key = (change: Partial<Parts>) => serverKey(peekOf(change));

describe('server keys with the magic cookie (RFC 3261 §17.2.3)', () => {
  it('ACK and CANCEL find their INVITE, whatever else they carry', () => {
    const own = key({});
    expect(own).toBe('INVITE pc33.atlanta.com:5060 z9hG4bKkjshdyff');
    expect(key({ method: 'ACK', cseq: '986759 ACK', to: 'Bob <sip:bob@biloxi.com>;tag=99sa0xk' })).toBe(own);
    expect(key({ method: 'CANCEL', cseq: '986759 CANCEL' })).toBe(own);
  });

  it('branch, sent-by and method tell transactions apart', () => {
    const keys = [
      key({}),
      key({ via: via('pc33.atlanta.com', 'z9hG4bKkjshdyfg') }),
      key({ via: via('pc34.atlanta.com', 'z9hG4bKkjshdyff') }),
      key({ via: via('pc33.atlanta.com:5070', 'z9hG4bKkjshdyff') }),
      key({ method: 'OPTIONS', cseq: '986759 OPTIONS' }),
      key({ method: 'BYE', cseq: '986759 BYE' }),
      key({ method: 'FOO', cseq: '986759 FOO' }),
      key({ method: 'BAR', cseq: '986759 BAR' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['case of the host', via('PC33.Atlanta.COM', 'z9hG4bK1'), via('pc33.atlanta.com', 'z9hG4bK1')],
    ['port 5060 written out', via('pc33.atlanta.com:5060', 'z9hG4bK1'), via('pc33.atlanta.com', 'z9hG4bK1')],
    [
      'white space about the colon',
      via('pc33.atlanta.com : 5061', 'z9hG4bK1'),
      via('pc33.atlanta.com:5061', 'z9hG4bK1'),
    ],
    ['IPv6', via('[2001:DB8::1]:5060', 'z9hG4bK1'), via('[2001:db8::1]', 'z9hG4bK1')],
    ['TLS', via('pc33.atlanta.com:5061', 'z9hG4bK1', 'TLS'), via('pc33.atlanta.com', 'z9hG4bK1', 'tls')],
  ])('sent-by is compared as such: %s', (_what, one, other) => {
    expect(key({ via: one })).toBe(key({ via: other }));
  });

  it('the default port is the transport’s', () => {
    expect(key({ via: via('a.example', 'z9hG4bK1', 'TLS') })).not.toBe(
      key({ via: via('a.example', 'z9hG4bK1', 'TCP') }),
    );
  });

  it.each([
    ['z9hG4bKx', true],
    ['z9hG4bK', false], // RFC 4475 §3.2.1
    ['z9hG4b', false],
    ['390skdjuw', false],
    ['', false],
  ])('magic branch: %s', (branch, expected) => {
    expect(hasMagicBranch(peekOf({ via: branch === '' ? 'SIP/2.0/UDP a.example' : via('a.example', branch) }))).toBe(
      expected,
    );
  });
});

describe('server keys of RFC 2543 clients (RFC 3261 §17.2.3)', () => {
  const old = { via: 'SIP/2.0/UDP 192.0.2.1' };
  const ack = { ...old, method: 'ACK', cseq: '986759 ACK', to: 'Bob <sip:bob@biloxi.com>;tag=1' };

  it('ACK and CANCEL find their INVITE', () => {
    expect(key(ack)).toBe(key(old));
    expect(key({ ...old, method: 'CANCEL', cseq: '986759 CANCEL' })).toBe(key(old));
  });

  it.each<[string, Partial<Parts>]>([
    ['Request-URI', { uri: 'sip:carol@biloxi.com' }],
    ['From tag', { from: '<sip:alice@atlanta.com>;tag=other' }],
    ['Call-ID', { callId: 'other' }],
    ['CSeq number', { cseq: '986760 INVITE' }],
    ['top Via', { via: 'SIP/2.0/UDP 192.0.2.2' }],
    ['method', { method: 'OPTIONS', cseq: '986759 OPTIONS' }],
  ])('%s tells transactions apart', (_what, change) => {
    expect(key({ ...old, ...change })).not.toBe(key(old));
  });

  it('the To tag counts for other methods only', () => {
    const bye = { ...old, method: 'BYE', cseq: '2 BYE' };
    expect(key({ ...bye, to: '<sip:b@c>;tag=1' })).not.toBe(key({ ...bye, to: '<sip:b@c>;tag=2' }));
  });

  it('an ACK with another To tag than the response acknowledges something else', () => {
    expect(ackFitsResponse(peekOf(ack), '1')).toBe(true);
    expect(ackFitsResponse(peekOf(ack), '2')).toBe(false);
    expect(ackFitsResponse(peekOf({ ...ack, via: invite.via }), '2')).toBe(true);
  });
});

describe('client keys (RFC 3261 §17.1.3)', () => {
  it('branch and CSeq method', () => {
    expect(clientKey(peekOf({}))).toBe(clientKeyOf('z9hG4bKkjshdyff', 'INVITE'));
    expect(clientKey(peekOf({ cseq: '986759 CANCEL' }))).toBe(clientKeyOf('z9hG4bKkjshdyff', 'CANCEL'));
    expect(clientKey(peekOf({ cseq: '986759   FOO' }))).toBe(clientKeyOf('z9hG4bKkjshdyff', 'FOO'));
  });
});

describe('the same keys from scanned bytes', () => {
  const scanned = (lines: string[]) => {
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    const into = new Peek();
    peek(into, bytes, 0, bytes.length, false);
    expect(into.fault).toBe('none');
    return into;
  };
  const rest = ['From: <sip:a@b>;tag=f', 'To: <sip:c@d>', 'Call-ID: 1@a', 'Content-Length: 0'];

  it('a request, with folding and compact forms', () => {
    const plain = scanned([
      'INVITE sip:c@d SIP/2.0',
      'Via: SIP/2.0/UDP A.example;rport;branch=z9hG4bK1',
      'CSeq: 7 INVITE',
      ...rest,
    ]);
    const other = scanned([
      'ACK sip:c@d SIP/2.0',
      'v: SIP / 2.0 / UDP\r\n a.example : 5060;branch=z9hG4bK1;rport',
      'CSeq: 7 ACK',
      ...rest,
    ]);
    expect(serverKey(plain)).toBe('INVITE a.example:5060 z9hG4bK1');
    expect(serverKey(other)).toBe(serverKey(plain));
  });

  it('a response', () => {
    const response = scanned([
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP a.example;branch=z9hG4bK1',
      'CSeq: 7  CANCEL',
      ...rest,
    ]);
    expect(clientKey(response)).toBe(clientKeyOf('z9hG4bK1', 'CANCEL'));
  });
});
