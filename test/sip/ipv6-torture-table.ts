// The messages of RFC 5118 §4, IPv6 in SIP, and what `parseMessage` makes of each.

export interface Ipv6Row {
  readonly name: string;
  readonly section: string;
  readonly startLine: string;
  readonly headers: readonly string[];
  readonly body?: string;
  readonly parse: 'fine' | 400;
  readonly why: string;
}

const via = 'Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111';
const register = [
  'To: sip:user@example.com',
  'From: sip:user@example.com;tag=81x2',
  via,
  'Call-ID: SSG9559905523997077@hlau_4100',
  'Max-Forwards: 70',
  'Contact: "Caller" <sip:caller@[2001:db8::1]>',
  'CSeq: 98176 REGISTER',
];
const options = [
  'From: sip:user@example.com;tag=810x2',
  'Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111',
  'Call-ID: G9559905523997077@hlau_4100',
  'CSeq: 689 OPTIONS',
  'Max-Forwards: 70',
];

export const ipv6Torture: readonly Ipv6Row[] = [
  {
    name: 'ipv6-good',
    section: '4.1',
    startLine: 'REGISTER sip:[2001:db8::10] SIP/2.0',
    headers: register,
    parse: 'fine',
    why: 'references in Request-URI, Via and Contact',
  },
  {
    name: 'ipv6-bad',
    section: '4.2',
    startLine: 'REGISTER sip:2001:db8::10 SIP/2.0',
    headers: register,
    parse: 400,
    why: 'the reference has no brackets: 400',
  },
  {
    name: 'port-ambiguous',
    section: '4.3',
    startLine: 'REGISTER sip:[2001:db8::10:5070] SIP/2.0',
    headers: register,
    parse: 'fine',
    why: 'well-formed: the port became a part of the address',
  },
  {
    name: 'port-unambiguous',
    section: '4.4',
    startLine: 'REGISTER sip:[2001:db8::10]:5070 SIP/2.0',
    headers: register,
    parse: 'fine',
    why: 'the port follows the bracket',
  },
  {
    name: 'via-received-param-with-delim',
    section: '4.5',
    startLine: 'BYE sip:[2001:db8::10] SIP/2.0',
    headers: [
      'To: sip:user@example.com;tag=bd76ya',
      'From: sip:user@example.com;tag=81x2',
      'Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111',
      'Call-ID: SSG9559905523997077@hlau_4100',
      'Max-Forwards: 70',
      'CSeq: 321 BYE',
    ],
    parse: 'fine',
    why: 'brackets in received are against the grammar and must be accepted',
  },
  {
    name: 'via-received-param-no-delim',
    section: '4.5',
    startLine: 'OPTIONS sip:[2001:db8::10] SIP/2.0',
    headers: [
      'To: sip:user@example.com',
      'From: sip:user@example.com;tag=81x2',
      'Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3',
      'Call-ID: SSG95523997077@hlau_4100',
      'Max-Forwards: 70',
      'Contact: "Caller" <sip:caller@[2001:db8::9:1]>',
      'CSeq: 921 OPTIONS',
    ],
    parse: 'fine',
    why: 'received as the grammar has it',
  },
  {
    name: 'ipv6-in-sdp',
    section: '4.6',
    startLine: 'INVITE sip:user@[2001:db8::10] SIP/2.0',
    headers: [
      'To: sip:user@[2001:db8::10]',
      'From: sip:user@example.com;tag=81x2',
      'Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111',
      'Call-ID: SSG9559905523997077@hlau_4100',
      'Contact: "Caller" <sip:caller@[2001:db8::20]>',
      'CSeq: 8612 INVITE',
      'Max-Forwards: 70',
      'Content-Type: application/sdp',
    ],
    body: 'v=0\r\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\ns=Live video feed\r\nc=IN IP6 2001:db8::20\r\n',
    parse: 'fine',
    why: 'SDP has addresses without brackets, and a proxy does not read it',
  },
  {
    name: 'mult-ip-in-header',
    section: '4.7',
    startLine: 'BYE sip:user@host.example.net SIP/2.0',
    headers: [
      'Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144',
      'Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200',
      'Call-ID: 997077@lau_4100',
      'Max-Forwards: 70',
      'CSeq: 89187 BYE',
      'To: sip:user@example.net;tag=9817--94',
      'From: sip:user@example.com;tag=81x2',
    ],
    parse: 'fine',
    why: 'both families in one Via list',
  },
  {
    name: 'mult-ip-in-sdp',
    section: '4.8',
    startLine: 'INVITE sip:user@[2001:db8::10] SIP/2.0',
    headers: [
      'To: sip:user@[2001:db8::10]',
      'From: sip:user@example.com;tag=81x2',
      via,
      'Call-ID: SSG9559905523997077@hlau_4100',
      'Contact: "Caller" <sip:caller@[2001:db8::9:1]>',
      'Max-Forwards: 70',
      'CSeq: 8912 INVITE',
      'Content-Type: application/sdp',
    ],
    body: 'v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\nm=audio 22334 RTP/AVP 0\r\n',
    parse: 'fine',
    why: 'both families in SDP are the user agents’ business',
  },
  {
    name: 'ipv4-mapped-ipv6',
    section: '4.9',
    startLine: 'INVITE sip:user@example.com SIP/2.0',
    headers: [
      'To: sip:user@example.com',
      'From: sip:user@east.example.com;tag=81x2',
      'Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19',
      'Via: SIP/2.0/UDP [::ffff:192.0.2.2];branch=z9hG4bKas3-111',
      'Call-ID: SSG9559905523997077@hlau_4100',
      'Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>',
      'CSeq: 612 INVITE',
      'Max-Forwards: 70',
    ],
    parse: 'fine',
    why: 'a dotted quad ends the address',
  },
  {
    name: 'ipv6-bug-abnf-3-colons',
    section: '4.10',
    startLine: 'OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0',
    headers: ['To: sip:user@[2001:db8:::192.0.2.1]', ...options],
    parse: 'fine',
    why: 'the third colon is a mistake of the grammar, and must be tolerated',
  },
  {
    name: 'ipv6-correct-abnf-2-colons',
    section: '4.10',
    startLine: 'OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0',
    headers: ['To: sip:user@[2001:db8::192.0.2.1]', ...options],
    parse: 'fine',
    why: 'the address as RFC 4291 has it',
  },
];
