import { describe, expect, it } from 'vitest';
import { writeAck, writeCancel, writeRequestLine, writeRest, writeUpstream } from '../../src/forward/rewrite.ts';
import { takeOwnRoutes } from '../../src/forward/routes.ts';
import { Edits } from '../../src/sip/edits.ts';
import type { Peek } from '../../src/sip/peek.ts';
import { Writer } from '../../src/sip/writer.ts';
import { invite, message, peekText } from '../sip/peek-text.ts';

const source = { remoteAddress: '198.51.100.7', remotePort: 40_001 };
const w = new Writer(new Uint8Array(8192));
const written = () => Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');

function sent(
  text: string,
  change: { topLines?: string; uri?: string; stripPriority?: boolean } = {},
  ownHost = '',
): string {
  const p = peekText(text);
  const edits = new Edits();
  if (ownHost !== '') takeOwnRoutes(p, (_, uri) => p.text(uri.hostStart, uri.hostEnd) === ownHost, edits);
  const { topLines = '', uri, stripPriority = false } = change;
  writeRequestLine(w, p, uri);
  w.text(topLines);
  writeRest(w, p, source, edits, stripPriority);
  return written();
}

const direct = 'Via: SIP/2.0/UDP 198.51.100.7;branch=1';
const head = [
  'From: <sip:alice@example.com>;tag=a1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1@192.0.2.1',
  'CSeq: 7 INVITE',
];
const rest = [...head, 'Content-Length: 0'];
const first = 'INVITE sip:bob@example.com SIP/2.0';

describe('a request that is sent on (RFC 3261 §16.6)', () => {
  it('gets our lines above all others and one hop less, and keeps every other byte', () => {
    const body = 'v=0\r\nRoute: <sip:us>\r\n';
    const text = `${invite([direct, 'v:SIP/2.0/TCP b , SIP/2.0/TCP c'], 'X-Odd :\t odd\r\n  folded ', `Content-Length: ${body.length}`)}${body}`;
    const topLines = 'Via: ours\r\nRecord-Route: <sip:core>\r\nRecord-Route: <sip:south>\r\n';
    expect(sent(text, { topLines })).toBe(
      text.replace('\r\n', `\r\n${topLines}`).replace('Max-Forwards: 70', 'Max-Forwards: 69'),
    );
  });

  it('gets Max-Forwards 70 where it has none', () => {
    const text = invite([direct], 'Content-Length: 0').replace('Max-Forwards: 70\r\n', '');
    expect(sent(text, { topLines: 'Via: ours\r\n' })).toBe(
      message(first, 'Via: ours', 'Max-Forwards: 70', direct, ...rest),
    );
  });

  it.each([
    ['1', '0'],
    ['255', '254'],
    ['  \r\n 010  ', '  \r\n 9  '],
  ])('Max-Forwards %j becomes %j', (given, expected) => {
    expect(sent(invite([direct]).replace('Max-Forwards: 70', `Max-Forwards:${given}`))).toContain(
      `Max-Forwards:${expected}\r\n`,
    );
  });

  it('says in the Via of its sender where it came from', () => {
    const viaOf = (via: string) => sent(invite([`Via: ${via}`, 'X: y'], 'Content-Length: 0')).split('\r\n')[1];
    expect(viaOf('SIP/2.0/UDP 10.0.0.1;branch=1 , SIP/2.0/UDP z')).toBe(
      'Via: SIP/2.0/UDP 10.0.0.1;branch=1;received=198.51.100.7 , SIP/2.0/UDP z',
    );
    expect(viaOf('SIP/2.0/UDP 10.0.0.1;rport;branch=1')).toBe(
      'Via: SIP/2.0/UDP 10.0.0.1;rport=40001;branch=1;received=198.51.100.7',
    );
    expect(viaOf('SIP/2.0/UDP 10.0.0.1;received=192.0.2.66;rport=1;b')).toBe(
      'Via: SIP/2.0/UDP 10.0.0.1;b;rport=40001;received=198.51.100.7',
    );
  });

  it('has another Request-URI where one is given', () => {
    expect(sent(invite([direct]), { uri: 'sip:+15551230000@sw' }).split('\r\n')[0]).toBe(
      'INVITE sip:+15551230000@sw SIP/2.0',
    );
  });

  it('loses every Resource-Priority of a sender without trust, and has ours', () => {
    const text = message(
      first,
      'Resource-Priority: ets.0,\r\n wps.0',
      direct,
      'RESOURCE-PRIORITY :esnet.0',
      'Max-Forwards: 70',
      ...rest,
      'Resource-Priority:',
    );
    const topLines = 'Via: ours\r\nResource-Priority: ets.1\r\n';
    expect(sent(text, { topLines, stripPriority: true })).toBe(
      message(first, 'Via: ours', 'Resource-Priority: ets.1', direct, 'Max-Forwards: 69', ...rest),
    );
    expect(sent(text)).toContain('Resource-Priority: ets.0,\r\n wps.0\r\n');
  });

  it('loses our Route where it is the first line, at the place of what is put in', () => {
    const text = message(
      first,
      'Route: <sip:us;lr>, <sip:us;lr>',
      'Route: <sip:us>,<sip:x;lr>',
      direct,
      'Max-Forwards: 70',
      ...rest,
    );
    expect(sent(text, { topLines: 'Via: ours\r\n' }, 'us')).toBe(
      message(first, 'Via: ours', 'Route: <sip:x;lr>', direct, 'Max-Forwards: 69', ...rest),
    );
  });

  it('gets Content-Length where it came without (step 9): the next hop may be a stream', () => {
    const text = `${invite([direct])}v=0\r\n`;
    expect(sent(text, { topLines: 'Via: ours\r\n' })).toBe(
      `${message(first, 'Via: ours', 'Content-Length: 5', direct, 'Max-Forwards: 69', ...head)}v=0\r\n`,
    );
  });

  it('loses what stands behind its body on UDP', () => {
    expect(sent(`${invite([direct], 'Content-Length: 2')}abXYZ`).endsWith('\r\n\r\nab')).toBe(true);
  });
});

describe('a response on its way up loses our Via alone (RFC 3261 §16.7 step 3)', () => {
  const up = (...vias: string[]) => {
    writeUpstream(w, peekText(message('SIP/2.0 200 OK', 'Server: x', ...vias, ...rest)));
    return written();
  };
  const left = (...vias: string[]) => message('SIP/2.0 200 OK', 'Server: x', ...vias, ...rest);
  it.each<[string, string[], string[]]>([
    [
      'in its own line',
      ['Via: SIP/2.0/UDP us;branch=1', 'v: SIP/2.0/UDP b, SIP/2.0/UDP c'],
      ['v: SIP/2.0/UDP b, SIP/2.0/UDP c'],
    ],
    ['apart', ['Via: SIP/2.0/UDP us', 'X: y', 'Via: SIP/2.0/UDP b'], ['X: y', 'Via: SIP/2.0/UDP b']],
    [
      'joined',
      ['Via: SIP/2.0/UDP us;x="," , SIP/2.0/UDP b;rport=1,SIP/2.0/UDP c'],
      ['Via: SIP/2.0/UDP b;rport=1,SIP/2.0/UDP c'],
    ],
    ['folded', ['Via:\r\n SIP/2.0/UDP\r\n us\r\n ;branch=1\r\n ', 'Via: SIP/2.0/UDP b'], ['Via: SIP/2.0/UDP b']],
    ['folded and joined', ['v:\r\n SIP/2.0/UDP us\r\n ,\r\n\tSIP/2.0/UDP b\r\n ;x'], ['v:\r\n SIP/2.0/UDP b\r\n ;x']],
    ['without another', ['Via: SIP/2.0/UDP us'], []],
  ])('%s', (_, vias, expected) => {
    expect(up(...vias)).toBe(left(...expected));
  });

  it('and gets Content-Length where it came without', () => {
    const vias = ['Via: SIP/2.0/UDP us', 'Via: SIP/2.0/UDP b'];
    writeUpstream(w, peekText(`${message('SIP/2.0 200 OK', ...vias, ...head)}v=0`));
    expect(written()).toBe(`${message('SIP/2.0 200 OK', 'Content-Length: 3', vias[1]!, ...head)}v=0`);
  });

  it('with bare line feeds', () => {
    writeUpstream(w, peekText(left('Via: SIP/2.0/UDP us', 'Via: SIP/2.0/UDP b').replaceAll('\r\n', '\n')));
    expect(written()).toBe(left('Via: SIP/2.0/UDP b').replaceAll('\r\n', '\n'));
  });

  it('keeps its body', () => {
    writeUpstream(
      w,
      peekText(`${message('SIP/2.0 200 OK', 'Via: SIP/2.0/UDP us', 'Via: SIP/2.0/UDP b', ...head, 'l: 5')}\r\n\r\nx`),
    );
    expect(written().endsWith('l: 5\r\n\r\n\r\n\r\nx')).toBe(true);
  });
});

describe('ACK and CANCEL of our own', () => {
  const outgoing = (): Peek =>
    peekText(
      message(
        'INVITE sip:bob@10.0.1.1:5060 SIP/2.0',
        'Via: SIP/2.0/UDP 10.0.0.1:5050;branch=z9hG4bKsg1',
        'Via: SIP/2.0/UDP 198.51.100.7;branch=1',
        'Record-Route: <sip:us>',
        'Route: <sip:p1;lr>,\r\n <sip:p2;lr>',
        'Max-Forwards: 12',
        'Require: 100rel',
        'Proxy-Require: x',
        'f: "A" <sip:alice@example.com>;tag=a1',
        't: <sip:bob@example.com>',
        'Route: <sip:p3>',
        'i: c1@192.0.2.1',
        'CSeq: 0007  INVITE',
        'Content-Length: 0',
      ),
    );
  const common = (method: string, to: string) =>
    message(
      `${method} sip:bob@10.0.1.1:5060 SIP/2.0`,
      'Via: SIP/2.0/UDP 10.0.0.1:5050;branch=z9hG4bKsg1',
      'Route: <sip:p1;lr>,\r\n <sip:p2;lr>',
      'Route: <sip:p3>',
      'From: "A" <sip:alice@example.com>;tag=a1',
      `To: ${to}`,
      'Call-ID: c1@192.0.2.1',
      `CSeq: 7 ${method}`,
      'Max-Forwards: 70',
      'Content-Length: 0',
    );

  it('ACK has the To of the response and one Via, the Route of the INVITE (§17.1.1.3)', () => {
    const busy = message('SIP/2.0 486 Busy', 'Via: x', ...rest).replace(
      'To: <sip:bob@example.com>',
      'To: <sip:bob@example.com>;tag=b1',
    );
    writeAck(w, outgoing(), peekText(busy));
    expect(written()).toBe(common('ACK', '<sip:bob@example.com>;tag=b1'));
    expect(peekText(written()).fault).toBe('none');
  });

  it('CANCEL has the To of the INVITE, and neither Require nor Proxy-Require (§9.1)', () => {
    writeCancel(w, outgoing());
    expect(written()).toBe(common('CANCEL', '<sip:bob@example.com>'));
    expect(peekText(written()).fault).toBe('none');
  });
});
