// Arbitraries of the parts of SIP messages, each with the truth about what it says (RFC 3261 §25.1).
import fc from 'fast-check';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const alphanum = `${letters}0123456789`;

function textOf(characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
}

export const token = textOf(`${alphanum}-.!%*_+\`'~`, 1, 12);
const word = textOf(`${alphanum}-.!%*_+\`'~()<>:\\"/[]?{}`, 1, 16);

/** White space that may be absent, and white space that may not; both may fold the line (§25.1 SWS, LWS). */
export const sws = fc.constantFrom('', '', '', '', ' ', '  ', '\t', '\r\n ', ' \r\n\t ');
export const lws = fc.constantFrom(' ', ' ', ' ', '  ', '\t', '\r\n ', ' \r\n\t');

const label = fc
  .tuple(textOf(letters, 1, 1), textOf(`${alphanum}-`, 0, 6), textOf(alphanum, 0, 1))
  .map(([first, middle, last]) => `${first}${middle.replace(/-+$/, '')}${last}`);
const hostname = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
export const host = fc.oneof(
  { weight: 3, arbitrary: ipv4 },
  { weight: 3, arbitrary: hostname },
  { weight: 2, arbitrary: ipv6.map((address) => `[${address}]`) },
);
export const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined, freq: 2 });

const hex = fc.integer({ min: 0, max: 255 }).map((n) => `%${n.toString(16).padStart(2, '0')}`);
function escapedText(characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...characters) }, { weight: 1, arbitrary: hex });
  return fc.array(unit, { minLength, maxLength }).map((units) => units.join(''));
}
const unreserved = `${alphanum}-_.!~*'()`;
const user = escapedText(`${unreserved}&=+$,;?/`, 1, 10);
const password = escapedText(`${unreserved}&=+$,`, 1, 6);
const uriParamText = escapedText(`${alphanum}-_.!~*'()[]/:&+$`, 1, 8);

export interface GeneratedUri {
  readonly text: string;
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly lr: boolean;
}

const uriParam = fc.tuple(uriParamText, fc.option(uriParamText, { nil: undefined })).map(
  // `lr` is put in on purpose only.
  ([name, value]) => `;x${name}${value === undefined ? '' : `=${value}`}`,
);
const uriHeader = fc.tuple(uriParamText, uriParamText).map(([name, value]) => `${name}=${value}`.replaceAll('&', '+'));

/** `plain`: without parameters, headers, comma, question mark or semicolon, so that it may stand without brackets. */
export function sipUri(plain: boolean, headers: boolean): fc.Arbitrary<GeneratedUri> {
  return fc
    .record({
      scheme: fc.constantFrom('sip', 'sips', 'SIP'),
      user: fc.option(plain ? escapedText(`${unreserved}&=+$/`, 1, 10) : user, { nil: undefined, freq: 5 }),
      password: fc.option(plain ? token.map((t) => t.replace(/[%`]/g, '')) : password, { nil: undefined, freq: 2 }),
      host,
      port,
      params: plain ? fc.constant([]) : fc.array(uriParam, { maxLength: 3 }),
      lr: plain ? fc.constant(false) : fc.boolean(),
      headers: headers && !plain ? fc.array(uriHeader, { maxLength: 2 }) : fc.constant([]),
    })
    .map((u) => {
      const userinfo = u.user === undefined ? '' : `${u.user}${u.password === undefined ? '' : `:${u.password}`}@`;
      const params = [...u.params, ...(u.lr ? [';lr'] : [])].join('');
      const tail = u.headers.length === 0 ? '' : `?${u.headers.join('&')}`;
      const hostport = u.port === undefined ? u.host : `${u.host}:${u.port}`;
      return {
        text: `${u.scheme}:${userinfo}${hostport}${params}${tail}`,
        scheme: u.scheme.toLowerCase(),
        user: u.user,
        host: u.host.toLowerCase(),
        port: u.port,
        lr: u.lr,
      };
    });
}

const otherUri = (text: string, scheme: string, number?: string): GeneratedUri => ({
  text,
  scheme,
  user: number,
  host: '',
  port: undefined,
  lr: false,
});
export const telUri = fc
  .tuple(fc.constantFrom('', '+'), textOf('0123456789-.()', 0, 8), textOf('0123456789', 1, 8))
  .map(([plus, visual, digits]) => otherUri(`tel:${plus}${visual}${digits}`, 'tel', `${plus}${visual}${digits}`));
export const serviceUrn = fc
  .constantFrom('urn:service:sos', 'urn:service:sos.fire', 'URN:service:sos')
  .map((text) => otherUri(text, 'urn'));

/** The inside of a quoted string, escapes included; it holds what would end a value if it were not quoted. */
const quotedInside = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: textOf(`${alphanum} `, 1, 4) },
      { weight: 2, arbitrary: fc.constantFrom(',', ';', '<', '>', '=', ';tag=no', '<sip:no@no>', '\r\n ', '\t', 'ü') },
      { weight: 2, arbitrary: fc.constantFrom('\\"', '\\\\', '\\,', '\\\0', '\\\x7f', '\\a') },
    ),
    { maxLength: 5 },
  )
  // a folded line of white space alone is no LWS
  .map((parts) => parts.join('').replace(/\r\n[ \t]+(?=\r\n)/g, ''));
export const quoted = quotedInside.map((inside) => `"${inside}"`);

/** `;name`, `;name=value`: a parameter of a header that is none that we look at. */
export const extensionParam = fc
  .tuple(sws, sws, token, fc.option(fc.tuple(sws, sws, fc.oneof(token, quoted, host)), { nil: undefined }))
  .map(([a, b, name, value]) => `${a};${b}x${name}${value === undefined ? '' : `${value[0]}=${value[1]}${value[2]}`}`);

export interface GeneratedAddress {
  readonly text: string;
  readonly uri: GeneratedUri;
  readonly tag: string | undefined;
  readonly bracketed: boolean;
}

const displayName = fc.oneof(
  fc.constant(''),
  quoted,
  fc.array(token, { minLength: 1, maxLength: 3 }).map((tokens) => `${tokens.join(' ')} `),
);

/** A name-addr, or an addr-spec where `bare` allows it. */
export function address(options: { bare: boolean; tag: boolean; headers: boolean }): fc.Arbitrary<GeneratedAddress> {
  return fc
    .record({
      bracketed: options.bare ? fc.boolean() : fc.constant(true),
      display: displayName,
      gap: sws,
      plain: fc.oneof({ weight: 5, arbitrary: sipUri(true, false) }, { weight: 1, arbitrary: telUri }),
      full: fc.oneof({ weight: 5, arbitrary: sipUri(false, options.headers) }, { weight: 1, arbitrary: telUri }),
      before: fc.array(extensionParam, { maxLength: 2 }),
      after: fc.array(extensionParam, { maxLength: 1 }),
      tag: options.tag ? fc.option(token, { nil: undefined, freq: 4 }) : fc.constant(undefined),
      tagName: fc.constantFrom('tag', 'tag', 'Tag', 'TAG'),
      spaces: fc.tuple(sws, sws, sws, sws),
    })
    .map((a) => {
      const [s1, s2, s3, s4] = a.spaces;
      const uri = a.bracketed ? a.full : a.plain;
      const tag = a.tag === undefined ? '' : `${s1};${s2}${a.tagName}${s3}=${s4}${a.tag}`;
      const params = [...a.before, tag, ...a.after].join('');
      const text = a.bracketed ? `${a.display}${a.gap}<${uri.text}>${params}` : `${uri.text}${params}`;
      return { text: text.trimStart(), uri, tag: a.tag, bracketed: a.bracketed };
    });
}

export const callId = fc
  .tuple(word, fc.option(word, { nil: undefined }))
  .map(([left, right]) => (right === undefined ? left : `${left}@${right}`));

export interface GeneratedVia {
  readonly text: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly branch: string | undefined;
  readonly received: string | undefined;
  readonly rport: number | null | undefined;
}

export const via: fc.Arbitrary<GeneratedVia> = fc
  .record({
    slashes: fc.tuple(sws, sws, sws, sws),
    transport: fc.constantFrom('UDP', 'UDP', 'TCP', 'TLS', 'WS', 'SCTP', 'udp', 'x-new'),
    gap: lws,
    host,
    port,
    colon: fc.tuple(sws, sws),
    branch: fc.option(
      token.map((t) => `z9hG4bK${t}`),
      { nil: undefined, freq: 8 },
    ),
    received: fc.option(fc.oneof(ipv4, ipv6), { nil: undefined, freq: 2 }),
    rport: fc.option(fc.constantFrom(null, 1, 5060, 65535), { nil: undefined, freq: 2 }),
    ttl: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined, freq: 2 }),
    maddr: fc.option(host, { nil: undefined, freq: 2 }),
    extension: fc.array(extensionParam, { maxLength: 2 }),
    spaces: fc.tuple(sws, sws, sws, sws),
    shuffle: fc.nat(),
  })
  .map((v) => {
    const [a, b, c, d] = v.slashes;
    const [s1, s2, s3, s4] = v.spaces;
    const params = [
      ...(v.branch === undefined ? [] : [`${s1};${s2}branch${s3}=${s4}${v.branch}`]),
      ...(v.received === undefined ? [] : [`;received=${v.received}`]),
      ...(v.rport === undefined ? [] : [v.rport === null ? `${s1};rport` : `;rport${s3}=${s4}${v.rport}`]),
      ...(v.ttl === undefined ? [] : [`;ttl=${v.ttl}`]),
      ...(v.maddr === undefined ? [] : [`;maddr=${v.maddr}`]),
      ...v.extension,
    ];
    const turn = v.shuffle % Math.max(1, params.length);
    const turned = [...params.slice(turn), ...params.slice(0, turn)].join('');
    const sentBy = v.port === undefined ? v.host : `${v.host}${v.colon[0]}:${v.colon[1]}${v.port}`;
    return {
      text: `SIP${a}/${b}2.0${c}/${d}${v.transport}${v.gap}${sentBy}${turned}`,
      transport: v.transport.toUpperCase(),
      host: v.host,
      port: v.port,
      branch: v.branch,
      received: v.received,
      rport: v.rport,
    };
  });
