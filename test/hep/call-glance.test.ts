import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallGlance } from '../../src/hep/call-glance.ts';
import { latin1 } from '../../src/sip/bytes.ts';
import { Peek, peek } from '../../src/sip/peek.ts';

const glance = new CallGlance();
function look(text: string) {
  const bytes = Buffer.from(`xx${text}`, 'latin1');
  if (!glance.find(bytes, 2, bytes.length)) return undefined;
  return { id: latin1(bytes, glance.idStart, glance.idEnd), status: glance.status, mayBegin: glance.mayBegin };
}
const message = (first: string, ...lines: string[]) => `${[first, ...lines].join('\r\n')}\r\n\r\n`;
const request = (method: string, ...lines: string[]) => message(`${method} sip:b@c SIP/2.0`, ...lines);

describe('what a message tells of its call', () => {
  it.each([
    [request('INVITE', 'To: <sip:b@c>', 'Call-ID: 1@a'), { id: '1@a', status: 0, mayBegin: true }],
    [request('INVITE', 'i:1@a', 't:<sip:b@c>'), { id: '1@a', status: 0, mayBegin: true }],
    [request('INVITE', 'Call-ID: 1@a', 'To: <sip:b@c>;tag=x'), { id: '1@a', status: 0, mayBegin: false }],
    [request('INVITE', 'CALL-id : \t1@a \t', 'TO : <sip:b@c>'), { id: '1@a', status: 0, mayBegin: true }],
    [request('INVITE', 'Call-ID:\r\n 1@a', 'To: <sip:b@c>\r\n ;tag=x'), { id: '1@a', status: 0, mayBegin: false }],
    [request('ACK', 'To: <sip:b@c>', 'Call-ID: 1@a'), { id: '1@a', status: 0, mayBegin: false }],
    [request('CANCEL', 'To: <sip:b@c>', 'Call-ID: 1@a'), { id: '1@a', status: 0, mayBegin: false }],
    [message('SIP/2.0 503 No', 'Call-ID: 1@a'), { id: '1@a', status: 503, mayBegin: false }],
    [request('INVITE', 'Contact: i', 'Info: x', 'To: <sip:b@c>'), undefined],
    [request('INVITE', 'Call-ID:', 'To: <sip:b@c>'), undefined],
    [`${request('INVITE', 'To: <sip:b@c>')}Call-ID: body\r\n`, undefined],
    ['\r\n\r\n', undefined],
    ['', undefined],
    ['SIP/2.0', undefined],
  ])('%j', (text, seen) => {
    expect(look(text)).toEqual(seen);
  });

  it('is what peek finds, whatever the order of the header fields', () => {
    const fields = fc.shuffledSubarray(
      [
        'Via: SIP/2.0/UDP a;branch=z9hG4bK1',
        'To: "tag=no" <sip:b@c;tag=no>',
        'From: <sip:a@c>;tag=f1',
        'Call-ID: x-y@z',
        'CSeq: 1 INVITE',
        'Contact: <sip:a@c>',
        'Timestamp: 1',
        'Identity: "abc"',
      ],
      { minLength: 8 },
    );
    fc.assert(
      fc.property(fields, fc.constantFrom('', ';tag=t1'), (lines, tag) => {
        const text = request('INVITE', ...lines.map((line) => (line.startsWith('To') ? `${line}${tag}` : line)));
        const bytes = Buffer.from(text, 'latin1');
        const p = new Peek();
        peek(p, bytes, 0, bytes.length, false);
        expect(glance.find(bytes, 0, bytes.length)).toBe(true);
        expect([glance.idStart, glance.idEnd]).toEqual([p.callIdStart, p.callIdEnd]);
        expect(glance.mayBegin).toBe(p.toTagStart < 0);
      }),
    );
  });

  it('nothing makes it throw or look beyond the message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, end) => {
        const within = Math.min(end, bytes.length);
        if (glance.find(bytes, 0, within)) expect(glance.idEnd).toBeLessThanOrEqual(within);
      }),
    );
  });
});
