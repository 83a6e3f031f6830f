// What the parser refuses, and what it lets pass because it is not a proxy's business.
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../src/sip/parse.ts';

const headers: Record<string, string> = {
  Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport',
  From: '"Alice" <sip:alice@example.com>;tag=1',
  To: '<sip:bob@example.com>',
  'Call-ID': 'a@b',
  CSeq: '1 INVITE',
  'Max-Forwards': '70',
};

function message(
  changes: Record<string, string | undefined> = {},
  start = 'INVITE sip:bob@example.com SIP/2.0',
): string {
  const lines = Object.entries({ ...headers, ...changes })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${start}\r\n${lines.join('')}\r\n`;
}
function parse(text: string) {
  const bytes = Buffer.from(text, 'latin1');
  return parseMessage(bytes, 0, bytes.length);
}
const outcome = (text: string) => {
  const m = parse(text);
  return m.kind === 'fault' ? `${m.status} ${m.detail}` : m.kind;
};

describe('parseMessage refuses', () => {
  it.each([
    ['an empty Via', { Via: '' }, '400 Via is malformed'],
    ['a comma at the end of Via', { Via: 'SIP/2.0/UDP a,' }, '400 Via is malformed'],
    ['a comma at the end of Route', { Route: '<sip:a;lr>,' }, '400 Route is malformed'],
    ['a Route without brackets', { Route: 'sip:a;lr' }, '400 Route is malformed'],
    ['an empty Route', { Route: '' }, '400 Route is malformed'],
    ['a Record-Route that is none', { 'Record-Route': '<sip:>' }, '400 Record-Route is malformed'],
    ['two values in From', { From: '<sip:a@b>;tag=1, <sip:c@d>' }, '400 From is malformed'],
    ['two tags', { From: '<sip:a@b>;tag=1;tag=2' }, '400 From is malformed'],
    ['a tag that is no token', { From: '<sip:a@b>;tag="1"' }, '400 From is malformed'],
    ['an empty tag', { To: '<sip:a@b>;tag=' }, '400 To is malformed'],
    ['an unclosed bracket', { To: '<sip:a@b' }, '400 To is malformed'],
    ['text after the bracket', { To: '<sip:a@b> x' }, '400 To is malformed'],
    ['a display name with a colon', { To: 'a:b <sip:a@b>' }, '400 To is malformed'],
    ['an unclosed quote', { Contact: '"a <sip:a@b>' }, '400 Contact is malformed'],
    ['"*" among Contacts', { Contact: '*, <sip:a@b>' }, '400 Contact is malformed'],
    ['an empty Call-ID', { 'Call-ID': '' }, '400 Call-ID is malformed'],
    ['a Call-ID with a space', { 'Call-ID': 'a b' }, '400 Call-ID is malformed'],
    ['CSeq of 2^31', { CSeq: '2147483648 INVITE' }, '400 CSeq is malformed'],
    ['CSeq without a method', { CSeq: '1' }, '400 CSeq is malformed'],
    ['CSeq with a negative number', { CSeq: '-1 INVITE' }, '400 CSeq is malformed'],
    ['CSeq of another case', { CSeq: '1 invite' }, '400 the method of CSeq is not the method of the request'],
    ['Max-Forwards above 255', { 'Max-Forwards': '256' }, '400 Max-Forwards is not 0 to 255'],
    ['Max-Forwards with a sign', { 'Max-Forwards': '+1' }, '400 Max-Forwards is not 0 to 255'],
    ['Content-Length in words', { 'Content-Length': 'five' }, '400 Content-Length is not a number'],
    ['an empty Content-Length', { 'Content-Length': '' }, '400 Content-Length is not a number'],
    ['a list for Content-Length', { 'Content-Length': '0, 0' }, '400 Content-Length is not a number'],
    ['both forms of Content-Length', { 'Content-Length': '0', l: '0' }, '400 Content-Length stands twice'],
    ['both forms of Call-ID', { i: 'x' }, '400 Call-ID stands twice'],
    ['words that are no option tag', { Require: 'a b' }, '400 Require is malformed'],
    ['a quoted option tag', { 'Proxy-Require': '"a"' }, '400 Proxy-Require is malformed'],
  ])('%s', (_, changes, expected) => {
    expect(outcome(message(changes as Record<string, string>))).toBe(expected);
  });

  it.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('a message without %s', (name) => {
    expect(outcome(message({ [name]: undefined }))).toBe(`400 ${name} is missing`);
  });

  it.each([
    ['INVITE  sip:a@b SIP/2.0', '400 not a Request-Line'],
    ['INVITE sip:a@b SIP/2.0 ', '400 not a Request-Line'],
    ['INVITE sip:a@b', '400 not a Request-Line'],
    ['INVITE\tsip:a@b SIP/2.0', '400 not a Request-Line'],
    ['IN(VITE sip:a@b SIP/2.0', '400 not a Request-Line'],
    ['INVITE sip:a@b HTTP/1.1', '400 not a Request-Line'],
    ['INVITE sip:a@b SIP/2.1', '505 not SIP/2.0'],
    ['INVITE sip:a@b SIP/2', '400 not a Request-Line'],
    ['INVITE bob SIP/2.0', '400 the Request-URI is malformed'],
    ['INVITE sip:a@b?Route=x SIP/2.0', '400 headers in the Request-URI'],
    ['INVITE http://a SIP/2.0', '416 the scheme of the Request-URI'],
    ['SIP/2.0 099 X', '400 the status code is not 100 to 699'],
    ['SIP/2.0 700 X', '400 the status code is not 100 to 699'],
    ['SIP/2.0 20 X', '400 the status code is not 100 to 699'],
    ['SIP/3.0 200 OK', '505 not a Status-Line of SIP/2.0'],
  ])('the start line %j', (start, expected) => {
    expect(outcome(message({}, start))).toBe(expected);
  });

  it.each([
    ['a lone LF', message().replace('70\r\n', '70\n'), '400 a control character in a header'],
    ['a lone CR', message().replace('70\r\n', '70\r'), '400 a control character in a header'],
    ['NUL', message({ Subject: 'a\0' }), '400 a control character in a header'],
    ['NUL after an even number of backslashes', message({ Subject: '\\\\\0' }), '400 a control character in a header'],
    ['a header without a colon', message().replace('To:', 'To'), '400 a header line has no name and colon'],
    ['a header without a name', message().replace('To:', ':'), '400 a header line has no name and colon'],
    ['a break before the colon', message().replace('To:', 'To\r\n :'), '400 a header line has no name and colon'],
    ['a folded line of nothing', message({ Subject: 'a\r\n \r\n b' }), '400 a folded line is empty'],
    ['a folded line at the end', message({ Subject: 'a\r\n ' }), '400 a folded line is empty'],
    ['a folded start line', message().replace('Via', ' Via'), '400 a header line has no name and colon'],
    ['no end of headers', message().slice(0, -2), '400 the headers do not end'],
    ['nothing', '', '400 the start line does not end in CRLF'],
    ['only line breaks', '\r\n\r\n', '400 the start line does not end in CRLF'],
    [
      '257 headers',
      message(Object.fromEntries(Array.from({ length: 251 }, (_, i) => [`X-${i}`, 'x']))),
      '400 too many header lines',
    ],
  ])('%s', (_, text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
});

describe('parseMessage lets pass', () => {
  it.each([
    ['unknown headers of any form', { 'X-Any': ';;,,"<' }],
    ['an unquoted display name in UTF-8', { From: 'J\xc3\xb6rg <sip:a@b>;tag=1' }],
    ['unknown schemes in From, To and Contact', { To: 'isbn:2983792873', Contact: '<name:John_Smith>' }],
    ['a base64 Call-ID', { 'Call-ID': 'YWJj=,;@x' }],
    ['odd extension parameters', { From: '<sip:a@b>;x=a/b@c==;tag=1' }],
    ['a trailing comma in Supported', { Supported: '100rel, ,' }],
    ['an empty Supported', { Supported: '' }],
    ['a malformed Resource-Priority', { 'Resource-Priority': 'ets, .1, wps.0.1, esnet.0' }],
    ['no Max-Forwards', { 'Max-Forwards': undefined }],
  ])('%s', (_, changes) => {
    expect(outcome(message(changes as unknown as Record<string, string>))).toBe('request');
  });

  it('an unknown method', () => {
    expect(outcome(message({ CSeq: '1 X%41' }, 'X%41 sip:a@b SIP/2.0'))).toBe('request');
  });

  it('empty lines before the start line', () => {
    expect(parse(`\r\n\r\n${message()}`)).toMatchObject({ kind: 'request', start: 4 });
  });

  it('255 headers', () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`X-${i}`, 'x']));
    expect(outcome(message(many))).toBe('request');
  });

  it('a version in lower case', () => {
    expect(outcome(message({}, 'INVITE sip:a@b sip/2.0'))).toBe('request');
  });
});

describe('parseMessage tells', () => {
  it('well-formed r-values apart, in lower case', () => {
    const m = parse(message({ 'Resource-Priority': 'ETS.0, ets, .1, wps.0.1 ,esnet.1' }));
    expect(m).toMatchObject({
      resourcePriorities: [
        { namespace: 'ets', priority: '0' },
        { namespace: 'esnet', priority: '1' },
      ],
    });
  });

  it('Contact: * apart', () => {
    expect(parse(message({ Contact: '*' }))).toMatchObject({ contactStar: true, contacts: [] });
  });

  it.each([
    ['a request', message({ To: '' }), true],
    ['an ACK', message({ To: '', CSeq: '1 ACK' }, 'ACK sip:a@b SIP/2.0'), false],
    ['a request without Via', message({ Via: undefined }), false],
    ['a request with an empty Via', message({ Via: '' }), false],
    ['a response', message({ To: '' }, 'SIP/2.0 200 OK'), false],
    ['another version', message({}, 'INVITE sip:a@b SIP/7.0'), true],
    ['a request whose head breaks off after Via', message().slice(0, 110), true],
  ])('whether %s can be answered', (_, text, answerable) => {
    expect(parse(text)).toMatchObject({ kind: 'fault', answerable });
  });

  it('compact forms by their long name', () => {
    const m = parse(message({ o: 'presence', x: '90', K: 'timer', 'X-Y': '1' }));
    expect(m.kind === 'fault' ? m.detail : m.headers.slice(-4).map((header) => header.name)).toEqual([
      'event',
      'session-expires',
      'supported',
      'x-y',
    ]);
  });
});
