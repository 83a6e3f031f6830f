// The requests of the caller generator as byte templates with fields of fixed width: writing an INVITE is one copy and
// a few digits. Every field is a function of the call's index, so that a retransmission is the same bytes again.

/** What a generated call looks like. */
export interface CallShape {
  /** Host and port that requests are sent to and that URIs name. */
  readonly target: string;
  /** Request-URI for every call; without it `sip:<ten digits>@<target>`. */
  readonly requestUri?: string | undefined;
  /** Value of a Resource-Priority header. */
  readonly resourcePriority?: string | undefined;
  /** Added header lines, each ended by CRLF. */
  readonly extra?: string | undefined;
  /** Six characters that tell this run's calls from those of other runs. */
  readonly run: string;
}

// One character per field, none of which occurs in the text otherwise; as many in a row as the field is wide.
const marks = { address: '\x01', port: '\x02', index: '\x03', from: '\x04', called: '\x05' } as const;
const widths = { address: 15, port: 5, index: 8, from: 10, called: 10 } as const;
type Field = keyof typeof marks;
const fields = Object.keys(marks) as Field[];
const mark = (field: Field): string => marks[field].repeat(widths[field]);

export interface Template {
  readonly bytes: Buffer;
  readonly offsets: Readonly<Record<Field, readonly number[]>>;
}

/** The values of one call. */
export interface CallValues {
  index: number;
  port: number;
  /** Three octets behind 127, each 100 to 249 so that the address has always 15 characters. */
  octet1: number;
  octet2: number;
  octet3: number;
  from: number;
  called: number;
}

function template(text: string): Template {
  const offsets: Record<Field, number[]> = { address: [], port: [], index: [], from: [], called: [] };
  for (const field of fields) {
    for (let at = text.indexOf(mark(field)); at >= 0; at = text.indexOf(mark(field), at + 1)) offsets[field].push(at);
  }
  return { bytes: Buffer.from(text, 'latin1'), offsets };
}

const sdp =
  `v=0\r\no=- ${mark('from')} 1 IN IP4 ${mark('address')}\r\ns=-\r\nc=IN IP4 ${mark('address')}\r\nt=0 0\r\n` +
  'm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n';

export interface CallTemplates {
  readonly invite: Template;
  /** The ACK of a refusal up to its To line, which the answer gives. */
  readonly ack: Template;
  /** Header lines that requests inside the dialog share: From, Call-ID and Max-Forwards. */
  readonly dialog: Template;
  readonly uri: string;
}

export function callTemplates(shape: CallShape): CallTemplates {
  const uri = shape.requestUri ?? `sip:${mark('called')}@${shape.target}`;
  const via = (kind: string): string =>
    `Via: SIP/2.0/UDP ${mark('address')}:${mark('port')};branch=z9hG4bK-${kind}${shape.run}${mark('index')};rport\r\n`;
  const from = `From: <sip:${mark('from')}@${mark('address')}>;tag=${shape.run}${mark('index')}\r\n`;
  const callId = `Call-ID: ${mark('index')}-${shape.run}@${mark('address')}\r\n`;
  return {
    uri,
    invite: template(
      `INVITE ${uri} SIP/2.0\r\n${via('i')}Max-Forwards: 70\r\n${from}To: <${uri}>\r\n${callId}CSeq: 1 INVITE\r\n` +
        `Contact: <sip:${mark('from')}@${mark('address')}:${mark('port')}>\r\n` +
        (shape.resourcePriority === undefined ? '' : `Resource-Priority: ${shape.resourcePriority}\r\n`) +
        `${shape.extra ?? ''}Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n` +
        `Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
    ),
    ack: template(
      `ACK ${uri} SIP/2.0\r\n${via('i')}Max-Forwards: 70\r\n${from}${callId}CSeq: 1 ACK\r\nContent-Length: 0\r\n`,
    ),
    dialog: template(`${from}${callId}Max-Forwards: 70\r\n`),
  };
}

/** Copies a template to bytes[at...] with the call's values in its fields; returns the end. */
export function writeTemplate(from: Template, values: CallValues, bytes: Buffer, at: number): number {
  bytes.set(from.bytes, at);
  const { address, port, index, from: caller, called } = from.offsets;
  for (let i = 0; i < address.length; i++) {
    const start = at + address[i]!;
    bytes[start] = 49;
    bytes[start + 1] = 50;
    bytes[start + 2] = 55;
    bytes[start + 3] = 46;
    digits(bytes, start + 4, 3, values.octet1);
    bytes[start + 7] = 46;
    digits(bytes, start + 8, 3, values.octet2);
    bytes[start + 11] = 46;
    digits(bytes, start + 12, 3, values.octet3);
  }
  for (let i = 0; i < port.length; i++) digits(bytes, at + port[i]!, 5, values.port);
  for (let i = 0; i < index.length; i++) hex(bytes, at + index[i]!, values.index);
  for (let i = 0; i < caller.length; i++) digits(bytes, at + caller[i]!, 10, values.from);
  for (let i = 0; i < called.length; i++) digits(bytes, at + called[i]!, 10, values.called);
  return at + from.bytes.length;
}

function digits(bytes: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  if (rest > 0x7fffffff) {
    // Beyond 31 bits a division is slow: split ten digits into two halves once.
    const high = Math.floor(rest / 100_000);
    digits(bytes, at, width - 5, high);
    digits(bytes, at + width - 5, 5, rest - high * 100_000);
    return;
  }
  for (let i = at + width - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    bytes[i] = 48 + rest - next * 10;
    rest = next;
  }
}

function hex(bytes: Buffer, at: number, value: number): void {
  for (let i = 0; i < 8; i++) {
    const nibble = (value >>> (28 - 4 * i)) & 15;
    bytes[at + i] = nibble < 10 ? 48 + nibble : 87 + nibble;
  }
}
