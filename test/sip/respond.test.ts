import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../src/sip/parse.ts';
import { statusLine, writeResponse } from '../../src/sip/respond.ts';
import { Chunk, Writer } from '../../src/sip/writer.ts';
import { invite, message, peekText } from './peek-text.ts';

const source = { remoteAddress: '198.51.100.7', remotePort: 40_001 };
const status = statusLine(503, 'Service Unavailable');
const tail = new Chunk('Content-Length: 0\r\n\r\n');

function response(request: string, high = 0xdeadbeef, low = 1): string {
  const w = new Writer(new Uint8Array(4096));
  writeResponse(w, peekText(request), status, source, high, low, tail);
  expect(w.full).toBe(false);
  return Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
}

const rest = [
  'From: <sip:alice@example.com>;tag=a1',
  'To: <sip:bob@example.com>;tag=deadbeef00000001',
  'Call-ID: c1@192.0.2.1',
  'CSeq: 7 INVITE',
  'Content-Length: 0',
];
const answered = '198.51.100.7;branch=1';

describe('RFC 3261 §8.2.6.2: all Vias in their order', () => {
  it.each<[string, string[], string[]]>([
    ['one', [`Via: SIP/2.0/UDP ${answered}`], [`Via: SIP/2.0/UDP ${answered}`]],
    [
      'several lines',
      [`Via: SIP/2.0/UDP ${answered}`, 'Via: SIP/2.0/TCP b;branch=2', 'v: SIP/2.0/TLS c'],
      [`Via: SIP/2.0/UDP ${answered}`, 'Via: SIP/2.0/TCP b;branch=2', 'v: SIP/2.0/TLS c'],
    ],
    [
      'joined by commas',
      [`v: SIP/2.0/UDP 10.0.0.1;rport , SIP/2.0/TCP b,SIP/2.0/TLS c`],
      ['Via: SIP/2.0/UDP 10.0.0.1;rport=40001;received=198.51.100.7 , SIP/2.0/TCP b,SIP/2.0/TLS c'],
    ],
    [
      'separated by other headers',
      [
        `VIA:SIP/2.0/UDP ${answered}, SIP/2.0/TCP b`,
        'X: y',
        'v : SIP/2.0/TLS c , SIP/2.0/UDP d',
        'Subject: z',
        'Via: SIP/2.0/UDP e',
      ],
      [`Via: SIP/2.0/UDP ${answered}, SIP/2.0/TCP b`, 'Via: SIP/2.0/TLS c , SIP/2.0/UDP d', 'Via: SIP/2.0/UDP e'],
    ],
    [
      'folded',
      [`Via: SIP/2.0/UDP\r\n ${answered}\r\n , SIP/2.0/TCP b`, 'Via:\r\n SIP/2.0/TLS c'],
      [`Via: SIP/2.0/UDP\r\n ${answered}\r\n , SIP/2.0/TCP b`, 'Via:\r\n SIP/2.0/TLS c'],
    ],
    [
      'a forged received at the top only',
      ['Via: SIP/2.0/UDP a;received=192.0.2.66', 'Via: SIP/2.0/UDP b;received=192.0.2.2'],
      ['Via: SIP/2.0/UDP a;received=198.51.100.7', 'Via: SIP/2.0/UDP b;received=192.0.2.2'],
    ],
  ])('%s', (_, vias, expected) => {
    expect(response(invite(vias))).toBe(message('SIP/2.0 503 Service Unavailable', ...expected, ...rest));
  });

  it('after the headers too, and with bare line feeds', () => {
    const late = message(
      'INVITE sip:bob@example.com SIP/2.0',
      'From: <sip:alice@example.com>;tag=a1',
      'To: <sip:bob@example.com>',
      'Call-ID: c1@192.0.2.1',
      'CSeq: 7 INVITE',
      `Via: SIP/2.0/UDP ${answered}`,
      'Via: SIP/2.0/UDP b',
    );
    const expected = message(
      'SIP/2.0 503 Service Unavailable',
      `Via: SIP/2.0/UDP ${answered}`,
      'Via: SIP/2.0/UDP b',
      ...rest,
    );
    expect(response(late)).toBe(expected);
    expect(response(late.replaceAll('\r\n', '\n')).replaceAll('\r\n', '\n')).toBe(expected.replaceAll('\r\n', '\n'));
  });
});

describe('the To tag', () => {
  const to = (value: string) => invite([`Via: SIP/2.0/UDP ${answered}`]).replace('To: <sip:bob@example.com>', value);
  it.each([
    ['To: <sip:bob@example.com>', 'To: <sip:bob@example.com>;tag=deadbeef00000001'],
    ['t:sip:bob@example.com;x=y', 'To: sip:bob@example.com;x=y;tag=deadbeef00000001'],
    ['To: <sip:bob@example.com;tag=no>', 'To: <sip:bob@example.com;tag=no>;tag=deadbeef00000001'],
    ['To: ";tag=no" <sip:bob@example.com>', 'To: ";tag=no" <sip:bob@example.com>;tag=deadbeef00000001'],
    ['To: <sip:bob@example.com>;tag=own', 'To: <sip:bob@example.com>;tag=own'],
    ['To: <sip:bob@example.com>; Tag = own', 'To: <sip:bob@example.com>; Tag = own'],
  ])('%s becomes %s', (given, expected) => {
    expect(response(to(given)).split('\r\n')[3]).toBe(expected);
  });

  it('is not in 100 Trying', () => {
    expect(response(to('To: <sip:bob@example.com>'), 0, 0)).toContain('\r\nTo: <sip:bob@example.com>\r\n');
  });
});

it('answers compact forms with long ones, and passes the full parser', () => {
  const text = response(
    message(
      'OPTIONS sip:x SIP/2.0',
      'v:SIP/2.0/UDP a;rport',
      'f:<sip:a@b>;tag=1',
      't:<sip:x>',
      'i:z',
      'CSeq:9\t OPTIONS',
      'l:0',
    ),
  );
  expect(text.split('\r\n').slice(2, 6)).toEqual([
    'From: <sip:a@b>;tag=1',
    'To: <sip:x>;tag=deadbeef00000001',
    'Call-ID: z',
    'CSeq: 9\t OPTIONS',
  ]);
  const bytes = Buffer.from(text, 'latin1');
  expect(parseMessage(bytes, 0, bytes.length).kind).not.toBe('fault');
});

it('answers a request that lacks headers with those that there are', () => {
  const text = response(
    message('INVITE sip:x SIP/2.0', `Via: SIP/2.0/UDP ${answered}`, 'From: <sip:a@b>;tag=1', 'CSeq: 1 INVITE'),
  );
  expect(text).toBe(
    message(
      'SIP/2.0 503 Service Unavailable',
      `Via: SIP/2.0/UDP ${answered}`,
      'From: <sip:a@b>;tag=1',
      'CSeq: 1 INVITE',
      'Content-Length: 0',
    ),
  );
});

it('answers a request whose headers never end, or are too many, Vias apart', () => {
  const many = invite(
    [`Via: SIP/2.0/UDP ${answered}`, 'X: y', 'Via: SIP/2.0/UDP b'],
    ...Array<string>(300).fill('X: y'),
  );
  expect(response(many)).toContain(`Via: SIP/2.0/UDP ${answered}\r\nVia: SIP/2.0/UDP b\r\nFrom`);
  expect(response(invite([`Via: SIP/2.0/UDP ${answered}`, 'X: y', 'Via: SIP/2.0/UDP b']).slice(0, -4))).toContain(
    'UDP b\r\nFrom',
  );
});

it('tells when the answer does not fit', () => {
  for (const size of [20, 100, 200]) {
    const w = new Writer(new Uint8Array(size));
    writeResponse(w, peekText(invite([`Via: SIP/2.0/UDP ${answered}`])), status, source, 1, 2, tail);
    expect([w.full, w.at <= size]).toEqual([true, true]);
  }
});
