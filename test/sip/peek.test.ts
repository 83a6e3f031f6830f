import { describe, expect, it } from 'vitest';
import { type Peek, peek } from '../../src/sip/peek.ts';
import { invite, message, peekText } from './peek-text.ts';

const via = 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport';

describe('a whole request', () => {
  const text = message(
    'INVITE sip:bob@example.com;x=y SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport , SIP/2.0/TCP b',
    'v: SIP/2.0/TLS c',
    'Max-Forwards: 70',
    'Route: <sip:r1;lr>, <sip:r2>',
    'Route: <sip:r3>',
    'From: "A" <sip:alice@example.com;tag=no>;x=1;tag=a1;y',
    'To: <sip:bob@example.com>;tag=b1',
    'Call-ID: c1@192.0.2.1',
    'CSeq: 0007 INVITE',
    'Contact: <sip:alice@192.0.2.1>',
    'Resource-Priority: ets.0',
    'Resource-Priority: wps.1',
    'Require: 100rel',
    'Proxy-Require: foo',
    'Content-Length: 4',
  );
  const p = peekText(`${text}bodyTRAILER`);

  it('has its parts', () => {
    const of = (start: number, end: number) => p.text(start, end);
    expect(p).toMatchObject({ fault: 'none', isRequest: true, method: 'INVITE', status: 0, hasSecondVia: true });
    expect(p).toMatchObject({
      cseqNumber: 7,
      cseqMethod: 'INVITE',
      maxForwards: 70,
      contentLength: 4,
      headerCount: 15,
    });
    expect(p).toMatchObject({ routeCount: 2, resourcePriorityCount: 2 });
    expect({
      method: of(p.methodStart, p.methodEnd),
      uri: of(p.uriStart, p.uriEnd),
      via: of(p.viaStart, p.viaEnd),
      via2: of(p.via2Start, p.via2End),
      viaBlock: of(p.viaBlockStart, p.viaBlockEnd),
      sentBy: of(p.sentByStart, p.sentByEnd),
      branch: of(p.branchStart, p.branchEnd),
      rport: of(p.rportStart, p.rportEnd),
      received: of(p.receivedStart, p.receivedEnd),
      from: of(p.fromStart, p.fromEnd),
      fromTag: of(p.fromTagStart, p.fromTagEnd),
      to: of(p.toStart, p.toEnd),
      toTag: of(p.toTagStart, p.toTagEnd),
      callId: of(p.callIdStart, p.callIdEnd),
      cseq: of(p.cseqStart, p.cseqEnd),
      maxForwards: of(p.maxForwardsStart, p.maxForwardsEnd),
      route: of(p.routeStart, p.routeEnd),
      resourcePriority: of(p.resourcePriorityStart, p.resourcePriorityEnd),
      require: of(p.requireStart, p.requireEnd),
      proxyRequire: of(p.proxyRequireStart, p.proxyRequireEnd),
    }).toEqual({
      method: 'INVITE',
      uri: 'sip:bob@example.com;x=y',
      via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport',
      via2: 'SIP/2.0/TCP b',
      viaBlock: 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport , SIP/2.0/TCP b\r\nv: SIP/2.0/TLS c\r\n',
      sentBy: '192.0.2.1:5060',
      branch: 'z9hG4bK1',
      rport: 'rport',
      received: '',
      from: '"A" <sip:alice@example.com;tag=no>;x=1;tag=a1;y',
      fromTag: 'a1',
      to: '<sip:bob@example.com>;tag=b1',
      toTag: 'b1',
      callId: 'c1@192.0.2.1',
      cseq: '0007 INVITE',
      maxForwards: '70',
      route: '<sip:r1;lr>, <sip:r2>',
      resourcePriority: 'ets.0',
      require: '100rel',
      proxyRequire: 'foo',
    });
  });

  it('ends where Content-Length says (RFC 3261 §18.3)', () => {
    expect(p.text(p.bodyStart, p.end)).toBe('body');
    expect(p.text(p.headersStart, p.headersStart + 3)).toBe('Via');
  });
});

describe('every fault', () => {
  const good = invite([via]);
  const faults: [Peek['fault'], string][] = [
    ['keep-alive', '\r\n\r\n'],
    ['keep-alive', '\0\0'],
    ['keep-alive', ''],
    ['not-sip', 'hello'],
    ['not-sip', good.replace('SIP/2.0\r', 'HTTP/1.1\r')],
    ['not-sip', good.replace('INVITE sip:bob@example.com SIP/2.0', 'INVITE SIP/2.0')],
    ['not-sip', good.replace('INVITE sip:bob@example.com SIP/2.0', 'Via: x sip:a SIP/2.0')],
    ['bad-version', good.replace(' SIP/2.0\r', ' SIP/3.0\r')],
    ['no-via', good.replace('Via:', 'Vla:')],
    ['no-from', good.replace('From:', 'Form:')],
    ['no-to', good.replace('To:', 'Oo:')],
    ['no-call-id', good.replace('Call-ID:', 'Call-IE:')],
    ['no-cseq', good.replace('CSeq:', 'CSeg:')],
    ['bad-cseq', good.replace('7 INVITE', '7 BYE')],
    ['bad-cseq', good.replace('7 INVITE', '2147483648 INVITE')],
    ['bad-cseq', good.replace('7 INVITE', 'INVITE')],
    ['bad-cseq', good.replace('7 INVITE', '7')],
    ['bad-cseq', good.replace('7 INVITE', '7INVITE')],
    ['bad-cseq', good.replace('7 INVITE', '7 INVITE 8')],
    ['bad-cseq', good.replace('INVITE sip', 'NEW sip').replace('7 INVITE', '7 NEWER')],
    ['duplicate-header', good.replace('To:', 'f: <sip:x@y>\r\nTo:')],
    ['duplicate-header', good.replace('From:', 't: <sip:x@y>\r\nFrom:')],
    ['duplicate-header', good.replace('CSeq:', 'i: x\r\nCSeq:')],
    ['duplicate-header', good.replace('CSeq:', 'CSeq: 7 INVITE\r\nCSeq:')],
    ['duplicate-header', good.replace('CSeq:', 'Max-Forwards: 70\r\nCSeq:')],
    ['duplicate-header', good.replace('CSeq:', 'l: 0\r\nContent-Length: 0\r\nCSeq:')],
    ['bad-content-length', good.replace('CSeq:', 'l: -1\r\nCSeq:')],
    ['bad-content-length', good.replace('CSeq:', 'l: 99999999999999999999\r\nCSeq:')],
    ['truncated', good.replace('CSeq:', 'l: 1\r\nCSeq:')],
    ['too-many-headers', good.replace('CSeq:', `${'X: y\r\n'.repeat(260)}CSeq:`)],
    ['bad-via', good.replace(via, 'Via: SIP/2.0 host')],
    ['bad-via', good.replace(via, 'Via: SIP/2.0/UDP')],
    ['bad-via', good.replace(via, 'Via: SIP/2.0/UDP ;branch=z9hG4bK1')],
    ['bad-header', good.slice(0, -2)],
  ];
  it.each(faults)('%s: %j', (fault, text) => {
    expect(peekText(text).fault).toBe(fault);
  });

  it('none', () => {
    expect(peekText(good).fault).toBe('none');
    expect(peekText(`\r\n\0\r\n${good}`).fault).toBe('none');
    expect(peekText(good.replaceAll('\r\n', '\n')).fault).toBe('none');
  });

  it('finds the headers beside a line that is none', () => {
    for (const line of ['nonsense', ': no name', 'X\r\n: y', 'X \r\n: y', 'Via', 'CSeq']) {
      const p = peekText(good.replace('CSeq:', `${line}\r\nCSeq:`));
      expect([p.cseqNumber, p.text(p.viaStart, p.viaEnd)]).toEqual([7, via.slice(5)]);
    }
  });

  it('keeps what is needed for an answer', () => {
    const p = peekText(good.replace('7 INVITE', '7 BYE'));
    expect([p.text(p.branchStart, p.branchEnd), p.text(p.callIdStart, p.callIdEnd)]).toEqual([
      'z9hG4bK1',
      'c1@192.0.2.1',
    ]);
  });
});

describe('responses', () => {
  const of = (line: string) => peekText(invite([via]).replace('INVITE sip:bob@example.com SIP/2.0', line));
  it.each([
    ['SIP/2.0 200 OK', 200],
    ['SIP/2.0 180 ', 180],
    ['SIP/2.0 486', 486],
    ['sip/2.0 699 x', 699],
  ])('%s', (line, status) => {
    expect(of(line)).toMatchObject({ fault: 'none', isRequest: false, status, cseqMethod: 'INVITE' });
  });
  it.each(['SIP/2.0 700 OK', 'SIP/2.0 099 OK', 'SIP/2.0 20 OK', 'SIP/2.0 2000 OK', 'SIP/2.0  200 OK'])(
    'not %s',
    (line) => {
      expect(of(line).fault).toBe('not-sip');
    },
  );
  it.each(['SIP/3.0 200 OK', 'SIP/2.00 200 OK'])('of another version: %s', (line) => {
    expect(of(line).fault).toBe('bad-version');
  });
});

it('cuts nothing from a stream, which is framed already', () => {
  const text = `${invite([via], 'Content-Length: 2')}abcd`;
  expect(peekText(text, true).end - peekText(text, false).end).toBe(2);
});

it('forgets the message before', () => {
  const p = peekText(
    message(
      'INVITE sip:a SIP/2.0',
      'Via: SIP/2.0/UDP a;received=b;rport, SIP/2.0/UDP c',
      'Route: x',
      'Resource-Priority: ets.0',
      'Require: a',
      'Proxy-Require: b',
      'Contact: c',
      'Max-Forwards: 3',
      'From: a;tag=1',
      'To: b;tag=2',
      'Call-ID: c',
      'CSeq: 1 INVITE',
      'Content-Length: 0',
    ),
  );
  const fresh = peekText('x');
  peek(p, p.bytes, p.bytes.length, p.bytes.length, false);
  const { bytes: _, view: _v, start: _s, end: _e, fault: _f, ...left } = p;
  const { bytes: _b, view: _w, start: _t, end: _n, fault: _g, ...clean } = fresh;
  expect(left).toEqual(clean);
});
