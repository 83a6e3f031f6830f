import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAnswer, transactionKey } from '../../src/lab/answer.ts';
import { parameter, topVia } from '../../src/lab/parameter.ts';
import { headerTag, scanLines, uriUser } from '../../src/lab/scan-lines.ts';
import { cutStream } from '../../src/lab/stream-cut.ts';

const invite = (lines: string[]): Buffer =>
  Buffer.from(['INVITE sip:Bob@example.com SIP/2.0', ...lines, '', 'body'].join('\r\n'), 'latin1');
const basic = [
  'Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1;rport',
  'From: "x;tag=no" <sip:a@example.com;tag=no>;tag=f1',
  'To: <sip:b@example.com>',
  'Call-ID: c1',
  'CSeq: 1 INVITE',
];
const source = { address: '127.0.0.9', port: 4321 };

describe('scanLines', () => {
  it('finds what answers need, in compact and folded forms too', () => {
    const scanned = scanLines(
      invite([
        'v: SIP/2.0/UDP a.example.com:5070;branch=z9hG4bK1',
        'VIA : SIP/2.0/TCP b',
        'f: <sip:a@example.com>',
        ' ;tag=f1',
        't: <sip:b@example.com>;tag=t1',
        'i: c1',
        'CSeq:1 INVITE',
        'Record-Route: <sip:p1;lr>,',
        '\t<sip:p2;lr>',
        'm: <sip:a@1.2.3.4>',
        'Require: 100rel',
      ]),
    )!;
    expect(scanned.method).toBe('INVITE');
    expect(scanned.uri).toBe('sip:Bob@example.com');
    expect(scanned.viaLines).toHaveLength(2);
    expect(headerTag(scanned, 'from')).toBe('f1');
    expect(headerTag(scanned, 'to')).toBe('t1');
    expect(scanned.callId).toBe('c1');
    expect(scanned.require).toBe('100rel');
    expect(scanned.recordRouteLines).toHaveLength(1);
    expect(scanned.topVia).toMatchObject({ branch: 'z9hG4bK1', host: 'a.example.com', port: 5070, rport: false });
    expect(scanned.bytes.toString('latin1', scanned.bodyStart)).toBe('body');
  });

  it('is undefined for what cannot be answered', () => {
    for (const text of [
      '',
      '\r\n\r\n',
      'hello\r\n\r\n',
      'INVITE sip:b SIP/2.0\r\n\r\n',
      'SIP/2.0 200 OK\r\nVia: x\r\n',
    ]) {
      expect(scanLines(Buffer.from(text, 'latin1'))).toBeUndefined();
    }
    expect(scanLines(invite(basic.slice(1)))).toBeUndefined();
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(200), (noise, at) => {
        const bytes = invite(basic);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        const scanned = scanLines(bytes);
        if (scanned === undefined) return;
        transactionKey(scanned);
        headerTag(scanned, 'from');
        buildAnswer(scanned, source, { status: 200, toTag: 'x' });
      }),
    );
  });
});

describe('buildAnswer', () => {
  it('copies Via, From, To, Call-ID and CSeq, and fills rport and received', () => {
    const answer = buildAnswer(scanLines(invite(basic))!, source, { status: 486, toTag: 't9' })!.toString('latin1');
    expect(answer).toBe(
      [
        'SIP/2.0 486 Busy Here',
        'Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1;rport=4321;received=127.0.0.9',
        basic[1],
        'To: <sip:b@example.com>;tag=t9',
        'Call-ID: c1',
        'CSeq: 1 INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('leaves a Via alone whose sent-by is the source', () => {
    const lines = ['Via: SIP/2.0/UDP 127.0.0.9:4321;branch=z9hG4bK1, SIP/2.0/UDP b', ...basic.slice(1)];
    const answer = buildAnswer(scanLines(invite(lines))!, source, { status: 180, toTag: '' })!.toString('latin1');
    expect(answer).toContain(`${lines[0]}\r\n`);
  });
});

describe('values', () => {
  it('a comma between quotes does not end a Via', () => {
    const { branch, rport } = topVia('Via: SIP/2.0/UDP h;oc;oc-algo="loss,rate";branch=z9hG4bK1;rport, SIP/2.0/UDP i');
    expect([branch, rport]).toEqual(['z9hG4bK1', true]);
    expect(topVia('Via: SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/UDP i;rport').rport).toBe(false);
  });

  it.each([
    ['<sip:a;tag=u@b>;tag=T1;x', 'tag', 'T1'],
    ['sip:a@b; TAG = q', 'tag', 'q'],
    ['<sip:a@b>', 'tag', ''],
    ['"a>;tag=x" <sip:a@b>;tag=y', 'tag', 'y'],
  ])('parameter of %s', (value, name, expected) => {
    expect(parameter(value, name).trim()).toBe(expected);
  });

  it.each([
    ['sip:Busy@h', 'busy'],
    ['sips:a:pw@h', 'a'],
    ['sip:h', ''],
    ['sip:a;p=1@h', 'a'],
    ['urn:service:sos', ''],
  ])('user of %s', (uri, user) => {
    expect(uriUser(uri)).toBe(user);
  });
});

describe('cutStream', () => {
  const one = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc';
  const two = 'OPTIONS sip:b SIP/2.0\r\nl : 0\r\n\r\n';

  it('cuts at any split and keeps the rest', () => {
    const all = Buffer.from(`\r\n\r\n${one}\r\n${two}`, 'latin1');
    for (let i = 0; i <= all.length; i++) {
      const first = cutStream(all.subarray(0, i));
      const second = cutStream(Buffer.concat([first.rest, all.subarray(i)]));
      expect([...first.messages, ...second.messages].map(String)).toEqual([one, two]);
      expect(second.broken).toBe(false);
    }
  });

  it('gives up without a length, with a huge one, and on endless heads', () => {
    expect(cutStream(Buffer.from('OPTIONS sip:a SIP/2.0\r\n\r\n')).broken).toBe(true);
    expect(cutStream(Buffer.from('OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999\r\n\r\n')).broken).toBe(true);
    expect(cutStream(Buffer.alloc(70_000, 65)).broken).toBe(true);
  });
});
