// What the edge does with each message of RFC 4475 §3 that a customer sends it in a UDP datagram and that load control
// admits. `test/fixtures/rfc4475/<file>.dat` is the message, bit by bit as in appendix A of the RFC.

/**
 * - `forward`: sent on to a switch; `answer`: the edge answers for itself; `reject`: answered with a failure.
 * - `drop`: a request that gets no answer; `response:…`: what becomes of a response.
 */
export type Verdict =
  | 'forward'
  | `answer:${number}`
  | `reject:${number}`
  | 'drop'
  | 'response:forward'
  | 'response:drop';

/** What `parseMessage` makes of it: `fine`, or the status of its fault. */
export type ParseVerdict = 'fine' | 400 | 416 | 505;

export interface TortureRow {
  /** Without `.dat`. */
  readonly file: string;
  readonly section: string;
  readonly title: string;
  readonly proxy: Verdict;
  /** Verdicts that the RFC allows as well. */
  readonly also?: readonly Verdict[];
  readonly parse: ParseVerdict;
  readonly why: string;
}

const optionsAnswered = ['answer:200'] as const;
const notOurs = 'well-formed, but the top branch is none of ours: nobody waits for it';

export const torture: readonly TortureRow[] = [
  // 3.1.1 valid messages
  {
    file: 'wsinv',
    section: '3.1.1.1',
    title: 'A Short Tortuous INVITE',
    proxy: 'forward',
    parse: 'fine',
    why: 'folding, white space, odd case and unknown headers are all legal; unknown headers go on unchanged',
  },
  {
    file: 'intmeth',
    section: '3.1.1.2',
    title: 'Wide Range of Valid Characters',
    proxy: 'forward',
    parse: 'fine',
    why: 'odd but legal characters in method, URI, branch and names; a proxy forwards a method it does not know',
  },
  {
    file: 'esc01',
    section: '3.1.1.3',
    title: 'Valid Use of the % Escaping Mechanism',
    proxy: 'forward',
    parse: 'fine',
    why: 'escapes in URIs are legal and are undone once at most',
  },
  {
    file: 'escnull',
    section: '3.1.1.4',
    title: 'Escaped Nulls in URIs',
    proxy: 'forward',
    parse: 'fine',
    why: '%00 is a character of a user like any other',
  },
  {
    file: 'esc02',
    section: '3.1.1.5',
    title: 'Use of % When It Is Not an Escape',
    proxy: 'forward',
    parse: 'fine',
    why: '% in a method or a header name is only a character: an unknown method, an unknown header',
  },
  {
    file: 'lwsdisp',
    section: '3.1.1.6',
    title: 'Message with No LWS between Display Name and <',
    proxy: 'forward',
    also: optionsAnswered,
    parse: 'fine',
    why: 'a known mistake of the grammar: elements should accept it',
  },
  {
    file: 'longreq',
    section: '3.1.1.7',
    title: 'Long Values in Header Fields',
    proxy: 'forward',
    parse: 'fine',
    why: 'long values and 34 Via headers are legal',
  },
  {
    file: 'dblreq',
    section: '3.1.1.8',
    title: 'Extra Trailing Octets in a UDP Datagram',
    proxy: 'forward',
    parse: 'fine',
    why: 'what follows Content-Length in a datagram is noise, and is not forwarded',
  },
  {
    file: 'semiuri',
    section: '3.1.1.9',
    title: 'Semicolon-Separated Parameters in URI User Part',
    proxy: 'forward',
    also: optionsAnswered,
    parse: 'fine',
    why: 'the user is all that stands before the @, semicolons included',
  },
  {
    file: 'transports',
    section: '3.1.1.10',
    title: 'Varied and Unknown Transport Types',
    proxy: 'forward',
    also: optionsAnswered,
    parse: 'fine',
    why: 'transports in lower Via values are not for us to know',
  },
  {
    file: 'mpart01',
    section: '3.1.1.11',
    title: 'Multipart MIME Message',
    proxy: 'forward',
    also: ['reject:404'],
    parse: 'fine',
    why: 'a binary body is framed by Content-Length alone; its Route names a host that a customer may not reach',
  },
  {
    file: 'unreason',
    section: '3.1.1.12',
    title: 'Unusual Reason Phrase',
    proxy: 'response:drop',
    parse: 'fine',
    why: notOurs,
  },
  {
    file: 'noreason',
    section: '3.1.1.13',
    title: 'Empty Reason Phrase',
    proxy: 'response:drop',
    parse: 'fine',
    why: notOurs,
  },
  // 3.1.2 invalid messages
  {
    file: 'badinv01',
    section: '3.1.2.1',
    title: 'Extraneous Header Field Separators',
    proxy: 'reject:400',
    parse: 400,
    why: 'empty parameters and values in Via and Contact: should be answered 400',
  },
  {
    file: 'clerr',
    section: '3.1.2.2',
    title: 'Content Length Larger Than Message',
    proxy: 'reject:400',
    parse: 400,
    why: 'over UDP the rest will never come: should be answered 400',
  },
  {
    file: 'ncl',
    section: '3.1.2.3',
    title: 'Negative Content-Length',
    proxy: 'reject:400',
    parse: 400,
    why: 'a length that is no number: should be answered with an error',
  },
  {
    file: 'scalar02',
    section: '3.1.2.4',
    title: 'Request Scalar Fields with Overlarge Values',
    proxy: 'reject:400',
    parse: 400,
    why: 'a CSeq above its range is answered 400; the other numbers could be taken for absent',
  },
  {
    file: 'scalarlg',
    section: '3.1.2.5',
    title: 'Response Scalar Fields with Overlarge Values',
    proxy: 'response:drop',
    parse: 400,
    why: 'a response with a CSeq out of range is discarded',
  },
  {
    file: 'quotbal',
    section: '3.1.2.6',
    title: 'Unterminated Quoted String in Display Name',
    proxy: 'reject:400',
    parse: 400,
    why: 'where the quote would end is a guess that we do not make: 400',
  },
  {
    file: 'ltgtruri',
    section: '3.1.2.7',
    title: '<> Enclosing Request-URI',
    proxy: 'reject:400',
    parse: 400,
    why: 'always reasonable to reject; the brackets must not be forwarded',
  },
  {
    file: 'lwsruri',
    section: '3.1.2.8',
    title: 'Malformed SIP Request-URI (embedded LWS)',
    proxy: 'reject:400',
    parse: 400,
    why: 'a space inside the Request-URI should be answered 400 (this INVITE also has a To tag)',
  },
  {
    file: 'lwsstart',
    section: '3.1.2.9',
    title: 'Multiple SP Separating Request-Line Elements',
    proxy: 'reject:400',
    parse: 400,
    why: 'may be rejected; what is accepted must lose its extra spaces',
  },
  {
    file: 'trws',
    section: '3.1.2.10',
    title: 'SP Characters at End of Request-Line',
    proxy: 'reject:400',
    parse: 400,
    why: 'may be rejected; what is accepted must lose its extra spaces',
  },
  {
    file: 'escruri',
    section: '3.1.2.11',
    title: 'Escaped Headers in SIP Request-URI',
    proxy: 'reject:400',
    parse: 400,
    why: 'headers in a Request-URI may be rejected and must not be forwarded',
  },
  {
    file: 'baddate',
    section: '3.1.2.12',
    title: 'Invalid Time Zone in Date Header Field',
    proxy: 'forward',
    parse: 'fine',
    why: 'an element that does not use Date should not reject for it',
  },
  {
    file: 'regbadct',
    section: '3.1.2.13',
    title: 'Failure to Enclose name-addr URI in <>',
    proxy: 'reject:400',
    parse: 400,
    why: 'a URI with headers needs its brackets: reasonable to answer 400',
  },
  {
    file: 'badaspec',
    section: '3.1.2.14',
    title: 'Spaces within addr-spec',
    proxy: 'reject:400',
    parse: 400,
    why: 'spaces between the brackets and the URI: reasonable to answer 400',
  },
  {
    file: 'baddn',
    section: '3.1.2.15',
    title: 'Non-token Characters in Display Name',
    proxy: 'reject:400',
    parse: 400,
    why: 'an unquoted comma in a display name: always reasonable to reject, and never to be propagated',
  },
  {
    file: 'badvers',
    section: '3.1.2.16',
    title: 'Unknown Protocol Version',
    proxy: 'reject:505',
    parse: 505,
    why: 'SIP/7.0 should be answered 505',
  },
  {
    file: 'mismatch01',
    section: '3.1.2.17',
    title: 'Start Line and CSeq Method Mismatch',
    proxy: 'reject:400',
    parse: 400,
    why: 'any element answers 400',
  },
  {
    file: 'mismatch02',
    section: '3.1.2.18',
    title: 'Unknown Method with CSeq Method Mismatch',
    proxy: 'reject:400',
    also: ['reject:501'],
    parse: 400,
    why: 'should be 501, and 400 is acceptable: to a proxy the mismatch is the fault, not the method',
  },
  {
    file: 'bigcode',
    section: '3.1.2.19',
    title: 'Overlarge Response Code',
    proxy: 'response:drop',
    parse: 400,
    why: 'a status code above 699 is dropped',
  },
  // 3.2 transaction layer
  {
    file: 'badbranch',
    section: '3.2.1',
    title: 'Missing Transaction Identifier',
    proxy: 'forward',
    also: ['reject:400', 'answer:200'],
    parse: 'fine',
    why: 'a branch that is the magic cookie alone may be rejected, or matched as in RFC 2543',
  },
  // 3.3 application layer
  {
    file: 'insuf',
    section: '3.3.1',
    title: 'Missing Required Header Fields',
    proxy: 'reject:400',
    also: ['drop'],
    parse: 400,
    why: 'ideally answered 400 with what there is to copy',
  },
  {
    file: 'unkscm',
    section: '3.3.2',
    title: 'Request-URI with Unknown Scheme',
    proxy: 'reject:416',
    parse: 416,
    why: 'rejected with 416; To is not looked at for routing',
  },
  {
    file: 'novelsc',
    section: '3.3.3',
    title: 'Request-URI with Known but Atypical Scheme',
    proxy: 'reject:416',
    parse: 416,
    why: 'a scheme that we never route is as good as unknown',
  },
  {
    file: 'unksm2',
    section: '3.3.4',
    title: 'Unknown URI Schemes in Header Fields',
    proxy: 'forward',
    parse: 'fine',
    why: 'schemes in To, From and Contact are the registrar’s business',
  },
  {
    file: 'bext01',
    section: '3.3.5',
    title: 'Proxy-Require and Require',
    proxy: 'reject:420',
    parse: 'fine',
    why: 'a proxy answers 420 with the tags of Proxy-Require in Unsupported; Require is the user agent’s',
  },
  {
    file: 'invut',
    section: '3.3.6',
    title: 'Unknown Content-Type',
    proxy: 'forward',
    parse: 'fine',
    why: 'a proxy does not read bodies',
  },
  {
    file: 'regaut01',
    section: '3.3.7',
    title: 'Unknown Authorization Scheme',
    proxy: 'forward',
    parse: 'fine',
    why: 'Authorization goes on unmodified',
  },
  {
    file: 'multi01',
    section: '3.3.8',
    title: 'Multiple Values in Single Value Required Fields',
    proxy: 'reject:400',
    parse: 400,
    why: 'two Call-IDs, Tos, Froms, CSeqs: answered 400',
  },
  {
    file: 'mcl01',
    section: '3.3.9',
    title: 'Multiple Content-Length Values',
    proxy: 'reject:400',
    parse: 400,
    why: 'two lengths are no length: should be answered with an error',
  },
  {
    file: 'bcast',
    section: '3.3.10',
    title: '200 OK Response with Broadcast Via Header Field Value',
    proxy: 'response:drop',
    parse: 'fine',
    why: 'must not be sent to the broadcast address of its second Via; and its branch is none of ours',
  },
  {
    file: 'zeromf',
    section: '3.3.11',
    title: 'Max-Forwards of Zero',
    proxy: 'reject:483',
    also: optionsAnswered,
    parse: 'fine',
    why: 'a proxy does not forward it: 483; RFC 3261 §16.3 lets it answer an OPTIONS as the last hop',
  },
  {
    file: 'cparam01',
    section: '3.3.12',
    title: 'REGISTER with a Contact Header Parameter',
    proxy: 'forward',
    parse: 'fine',
    why: 'without brackets the parameter is the header’s; a proxy leaves Contact as it is',
  },
  {
    file: 'cparam02',
    section: '3.3.13',
    title: 'REGISTER with a url-parameter',
    proxy: 'forward',
    parse: 'fine',
    why: 'within brackets the parameter is the URI’s; a proxy leaves Contact as it is',
  },
  {
    file: 'regescrt',
    section: '3.3.14',
    title: 'REGISTER with a URL Escaped Header',
    proxy: 'forward',
    parse: 'fine',
    why: 'headers within a bracketed Contact URI are legal',
  },
  {
    file: 'sdp01',
    section: '3.3.15',
    title: 'Unacceptable Accept Offering',
    proxy: 'forward',
    parse: 'fine',
    why: 'what the answer may contain is the user agent’s business',
  },
  // 3.4 backward compatibility
  {
    file: 'inv2543',
    section: '3.4.1',
    title: 'INVITE with RFC 2543 Syntax',
    proxy: 'forward',
    parse: 'fine',
    why: 'no branch, From tag, Content-Length or Max-Forwards: legal then, accepted still',
  },
];
