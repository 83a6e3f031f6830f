// Valid SIP requests and responses with the truth about them, and a mutator that breaks them.
import fc from 'fast-check';
import {
  address,
  callId,
  type GeneratedAddress,
  type GeneratedUri,
  type GeneratedVia,
  lws,
  serviceUrn,
  sipUri,
  sws,
  telUri,
  token,
  via,
} from './generate-parts.ts';

export interface Generated {
  /** Latin-1: one character a byte. */
  readonly text: string;
  readonly bytes: Buffer;
  readonly request: boolean;
  readonly method: string;
  readonly uri: GeneratedUri | undefined;
  readonly status: number;
  readonly reason: string;
  readonly vias: readonly GeneratedVia[];
  readonly from: GeneratedAddress;
  readonly to: GeneratedAddress;
  readonly callId: string;
  readonly cseq: number;
  readonly maxForwards: number | undefined;
  readonly contacts: readonly GeneratedAddress[];
  readonly routes: readonly GeneratedAddress[];
  readonly recordRoutes: readonly GeneratedAddress[];
  readonly require: readonly string[];
  readonly proxyRequire: readonly string[];
  readonly supported: readonly string[];
  /** `namespace.priority`, in lower case. */
  readonly resourcePriorities: readonly string[];
  readonly hasContentLength: boolean;
  readonly body: string;
}

/** How a header is written: its name's case or compact form, the space around the colon, and which values share a line. */
interface Style {
  readonly compact: boolean;
  readonly nameCase: number;
  readonly before: string;
  readonly after: string;
  readonly joins: readonly boolean[];
  readonly comma: readonly [string, string];
}
const style: fc.Arbitrary<Style> = fc.record({
  compact: fc.boolean(),
  nameCase: fc.nat(3),
  before: fc.constantFrom('', '', '', ' ', '\t', '  '),
  after: fc.oneof({ weight: 3, arbitrary: fc.constant(' ') }, { weight: 2, arbitrary: sws }),
  joins: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  comma: fc.tuple(sws, sws),
});

function caseOf(name: string, how: number): string {
  if (how === 0) return name.toLowerCase();
  if (how === 1) return name.toUpperCase();
  return how === 2 ? name : [...name].map((c, i) => (i % 2 === 0 ? c.toUpperCase() : c.toLowerCase())).join('');
}

/** The lines of one header: values joined by commas or on lines of their own. */
function lines(name: string, compact: string, values: readonly string[], s: Style): string[] {
  const label = caseOf(s.compact && compact !== '' ? compact : name, s.nameCase);
  const out: string[] = [];
  values.forEach((value, i) => {
    if (i > 0 && s.joins[i % s.joins.length]) out.push(`${out.pop()}${s.comma[0]},${s.comma[1]}${value}`);
    else out.push(`${label}${s.before}:${s.after}${value}`);
  });
  return out;
}

const method = fc.oneof(
  fc.constantFrom('INVITE', 'INVITE', 'REGISTER', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE', 'BYE', 'ACK', 'CANCEL', 'PRACK'),
  token.filter((name) => !/^sip/i.test(name)),
);
const requestUri = fc.oneof(
  { weight: 8, arbitrary: sipUri(false, false) },
  { weight: 1, arbitrary: telUri },
  { weight: 1, arbitrary: serviceUrn },
);
const route = address({ bare: false, tag: false, headers: false });
const tags = fc.array(token, { maxLength: 3 });
const tokenNoDot = fc.constantFrom('ets', 'wps', 'esnet', 'q735', 'dsn', 'X-own');
const resourceValue = fc.tuple(tokenNoDot, fc.constantFrom('0', '1', '4', 'Flash')).map((pair) => pair.join('.'));
const unknownHeader = fc.tuple(
  token.map((name) => `X-${name}`),
  fc.constantFrom('', 'plain', ';;,,;;,;', '"open', '<', 'a\r\n b', ': :', '\xfc\xe9', '%', '\\', 'sip:a@b;tag=x'),
);

export const generated: fc.Arbitrary<Generated> = fc
  .record({
    request: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    method,
    uri: requestUri,
    status: fc.integer({ min: 100, max: 699 }),
    reason: fc.constantFrom('', 'OK', 'Not Here', '= 2**3', 'caf\xe9'),
    vias: fc.array(via, { minLength: 1, maxLength: 4 }),
    from: address({ bare: true, tag: true, headers: false }),
    to: address({ bare: true, tag: true, headers: false }),
    callId,
    cseq: fc.tuple(fc.constantFrom('', '00'), fc.integer({ min: 0, max: 2 ** 31 - 1 }), lws),
    maxForwards: fc.option(fc.tuple(fc.constantFrom('', '0'), fc.integer({ min: 0, max: 255 })), { nil: undefined }),
    contacts: fc.array(address({ bare: true, tag: false, headers: true }), { maxLength: 2 }),
    routes: fc.array(route, { maxLength: 3 }),
    recordRoutes: fc.array(route, { maxLength: 2 }),
    require: tags,
    proxyRequire: tags,
    supported: tags,
    resourcePriorities: fc.array(resourceValue, { maxLength: 3 }),
    unknown: fc.array(unknownHeader, { maxLength: 3 }),
    contentLength: fc.boolean(),
    body: fc.oneof(
      fc.constant(''),
      fc.string({ unit: fc.constantFrom('v', '=', '0', '\r', '\n', '\0', '"'), maxLength: 20 }),
    ),
    styles: fc.array(style, { minLength: 13, maxLength: 13 }),
    order: fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 40 }),
  })
  .map((m) => {
    const s = (i: number) => m.styles[i]!;
    const groups = [
      lines(
        'Via',
        'v',
        m.vias.map((one) => one.text),
        s(0),
      ),
      lines('From', 'f', [m.from.text], s(1)),
      lines('To', 't', [m.to.text], s(2)),
      lines('Call-ID', 'i', [m.callId], s(3)),
      lines('CSeq', '', [`${m.cseq[0]}${m.cseq[1]}${m.cseq[2]}${m.method}`], s(4)),
      lines('Max-Forwards', '', m.maxForwards === undefined ? [] : [m.maxForwards.join('')], s(5)),
      lines(
        'Contact',
        'm',
        m.contacts.map((one) => one.text),
        s(6),
      ),
      lines(
        'Route',
        '',
        m.routes.map((one) => one.text),
        s(7),
      ),
      lines(
        'Record-Route',
        '',
        m.recordRoutes.map((one) => one.text),
        s(8),
      ),
      lines('Require', '', m.require, s(9)),
      lines('Proxy-Require', '', m.proxyRequire, s(10)),
      lines('Supported', 'k', m.supported, s(11)),
      lines('Resource-Priority', '', m.resourcePriorities, s(12)),
      lines('Content-Length', 'l', m.contentLength ? [String(m.body.length)] : [], s(3)),
      ...m.unknown.map(([name, value]) => [`${name}: ${value}`]),
    ];
    const startLine = m.request ? `${m.method} ${m.uri.text} SIP/2.0` : `SIP/2.0 ${m.status} ${m.reason}`;
    const text = `${[startLine, ...interleave(groups, m.order)].join('\r\n')}\r\n\r\n${m.body}`;
    return {
      ...m,
      text,
      bytes: Buffer.from(text, 'latin1'),
      uri: m.request ? m.uri : undefined,
      status: m.request ? 0 : m.status,
      reason: m.request ? '' : m.reason,
      cseq: m.cseq[1],
      maxForwards: m.maxForwards?.[1],
      resourcePriorities: m.resourcePriorities.map((value) => value.toLowerCase()),
      hasContentLength: m.contentLength,
    };
  });

/** Mixes the groups' lines by `order`, and keeps the order within each group. */
function interleave(groups: readonly (readonly string[])[], order: readonly number[]): string[] {
  const rest = groups.map((group) => [...group]);
  const out: string[] = [];
  for (let turn = 0; ; turn++) {
    const open = rest.filter((group) => group.length > 0);
    if (open.length === 0) return out;
    out.push(open[order[turn % order.length]! % open.length]!.shift()!);
  }
}

type Kind = 'flip' | 'delete' | 'duplicate' | 'truncate' | 'insert' | 'drop-line' | 'double-line' | 'move-line';
type Edit = readonly [kind: Kind, at: number, n: number, text: string];
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Kind>('insert') },
  { weight: 2, arbitrary: fc.constantFrom<Kind>('flip', 'delete') },
  { weight: 2, arbitrary: fc.constantFrom<Kind>('drop-line', 'double-line', 'move-line') },
  { weight: 1, arbitrary: fc.constantFrom<Kind>('duplicate', 'truncate') },
);
const inserted = fc.oneof(
  fc.constantFrom(',', ';', ':', '"', '\\', '<', '>', ' ', '\r\n', '\r', '\n', '\0', '@', '=', '?', '%', '[', '\xff'),
  fc.constantFrom('\r\n ', ' , ', ';tag=x', ';branch=y', ';;', '-', '/', '\t', 'a', '0', ';rport', '""', '\\"', '.'),
  fc.constantFrom('\r\nVia: SIP/2.0/UDP a', '\r\nl: 0', '\r\nX: y', '\r\nRoute: <sip:a;lr>', '\r\n\r\n', '\r\n \r\n'),
);
const edit: fc.Arbitrary<Edit> = fc.tuple(kind, fc.nat(100_000), fc.nat(100_000), inserted);

/** Edits of a message: bits flipped, bytes deleted or put in, ranges and lines doubled, moved or dropped, cut short. */
export const edits: fc.Arbitrary<readonly Edit[]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(edit) },
  { weight: 1, arbitrary: fc.array(edit, { minLength: 2, maxLength: 3 }) },
);

export function mutate(bytes: Buffer, list: readonly Edit[]): Buffer {
  return list.reduce(apply, bytes);
}

function apply(bytes: Buffer, [kind, where, n, text]: Edit): Buffer {
  const at = where % (bytes.length + 1);
  const size = n % 4 === 0 ? 1 + (n % 30) : 1;
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  switch (kind) {
    case 'insert':
      return Buffer.concat([before, Buffer.from(text, 'latin1'), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(size)]);
    case 'duplicate':
      return Buffer.concat([before, after.subarray(0, size), after]);
    case 'truncate':
      return Buffer.from(before);
    case 'flip': {
      const out = Buffer.from(bytes);
      if (at < out.length) out[at] = out[at]! ^ (1 << (n % 8));
      return out;
    }
    default: {
      const lines = bytes.toString('latin1').split('\r\n');
      const [line] = lines.splice(where % lines.length, kind === 'double-line' ? 0 : 1);
      const copy = line ?? lines[where % lines.length]!;
      if (kind !== 'drop-line') lines.splice(n % (lines.length + 1), 0, copy);
      return Buffer.from(lines.join('\r\n'), 'latin1');
    }
  }
}
