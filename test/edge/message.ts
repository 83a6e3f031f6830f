// SIP text for the tests of the edge: written and read plainly, with none of the code under test.

/** A message as it left the edge. */
export class Message {
  readonly text: string;
  readonly startLine: string;
  private readonly lines: readonly string[];
  readonly body: string;

  constructor(text: string) {
    this.text = text;
    const headEnd = text.indexOf('\r\n\r\n');
    const [startLine, ...lines] = text.slice(0, headEnd).split('\r\n');
    this.startLine = startLine!;
    this.lines = lines;
    this.body = text.slice(headEnd + 4);
  }

  /** Of a response, else 0. */
  get status(): number {
    return Number(/^SIP\/2\.0 (\d{3})/.exec(this.startLine)?.[1] ?? 0);
  }

  /** Of a request, else ''. */
  get method(): string {
    return this.status === 0 ? this.startLine.split(' ')[0]! : '';
  }

  get uri(): string {
    return this.startLine.split(' ')[1]!;
  }

  /** The values of all lines of a header, in order; a line with several is one value. */
  all(name: string): string[] {
    const start = `${name.toLowerCase()}:`;
    return this.lines.filter((line) => line.toLowerCase().startsWith(start)).map((l) => l.slice(start.length).trim());
  }

  /** The only value of a header, or undefined; two of them are an error. */
  one(name: string): string | undefined {
    const values = this.all(name);
    if (values.length > 1) throw new Error(`${values.length} of ${name} in\n${this.text}`);
    return values[0];
  }

  get branch(): string {
    return /;branch=([^;,\s]+)/.exec(this.all('Via')[0] ?? '')?.[1] ?? '';
  }

  get toTag(): string | undefined {
    return /;tag=([^;\s]+)/.exec(this.one('To') ?? '')?.[1];
  }

  /** `INVITE` or `SIP/2.0 180`: short, to compare a whole exchange at once. */
  get label(): string {
    return this.status === 0 ? this.method : String(this.status);
  }
}

export interface RequestParts {
  method: string;
  uri: string;
  /** `198.51.100.7:5060`: sent-by. */
  sentBy: string;
  transport: string;
  branch: string;
  /** Further parameters of Via. */
  viaParams: string;
  /** Via lines below. */
  vias: readonly string[];
  maxForwards: number | undefined;
  from: string;
  fromTag: string;
  to: string;
  toTag: string | undefined;
  callId: string;
  cseq: number;
  contact: string | undefined;
  routes: readonly string[];
  /** Further header lines, without line ends. */
  headers: readonly string[];
  body: string;
}

let serial = 0;

/** A well-formed request (RFC 3261 §8.1.1); identifiers are new where they are not given. */
export function request(given: Partial<RequestParts> = {}): string {
  const n = ++serial;
  const method = given.method ?? 'INVITE';
  const sentBy = given.sentBy ?? '198.51.100.7:5060';
  const to = given.to ?? 'sip:15551230000@example.test';
  const max = 'maxForwards' in given ? given.maxForwards : 70;
  const contact = 'contact' in given ? given.contact : `<sip:alice@${sentBy}>`;
  const body = given.body ?? '';
  const lines = [
    `${method} ${given.uri ?? to} SIP/2.0`,
    `Via: SIP/2.0/${given.transport ?? 'UDP'} ${sentBy};branch=${given.branch ?? `z9hG4bKtest${n}`}${given.viaParams ?? ';rport'}`,
    ...(given.vias ?? []).map((via) => `Via: ${via}`),
    ...(given.routes ?? []).map((route) => `Route: ${route}`),
    ...(max === undefined ? [] : [`Max-Forwards: ${max}`]),
    `From: <${given.from ?? 'sip:alice@example.test'}>;tag=${given.fromTag ?? `from${n}`}`,
    `To: <${to}>${given.toTag === undefined ? '' : `;tag=${given.toTag}`}`,
    `Call-ID: ${given.callId ?? `call${n}@test`}`,
    `CSeq: ${given.cseq ?? 1} ${method}`,
    ...(contact === undefined ? [] : [`Contact: ${contact}`]),
    ...(given.headers ?? []),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const phrases: Readonly<Record<number, string>> = { 100: 'Trying', 180: 'Ringing', 200: 'OK', 486: 'Busy Here' };

export interface ResponseParts {
  /** Instead of those of the request. */
  vias: readonly string[];
  toTag: string;
  contact: string;
  headers: readonly string[];
  body: string;
}

/** What a user agent answers to a request (RFC 3261 §8.2.6.2); a response over 100 has a To tag. */
export function response(to: Message, status: number, given: Partial<ResponseParts> = {}): string {
  const tag = to.toTag === undefined && status > 100 ? `;tag=${given.toTag ?? 'callee'}` : '';
  const body = given.body ?? '';
  const lines = [
    `SIP/2.0 ${status} ${phrases[status] ?? 'Whatever'}`,
    ...(given.vias ?? to.all('Via')).map((via) => `Via: ${via}`),
    ...(status > 100 && status < 300 ? to.all('Record-Route').map((route) => `Record-Route: ${route}`) : []),
    `From: ${to.one('From')}`,
    `To: ${to.one('To')}${tag}`,
    `Call-ID: ${to.one('Call-ID')}`,
    `CSeq: ${to.one('CSeq')}`,
    ...(given.contact === undefined ? [] : [`Contact: ${given.contact}`]),
    ...(given.headers ?? []),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The same message with one header line's value replaced. */
export function withHeader(text: string, name: string, value: string): string {
  return text.replace(new RegExp(`^${name}:.*\r\n`, 'im'), `${name}: ${value}\r\n`);
}

/** A request of the same transaction: CANCEL (RFC 3261 §9.1), or the ACK of a refusal with its To (§17.1.1.3). */
export function sameTransaction(invite: string, method: 'CANCEL' | 'ACK', answer?: Message): string {
  const sent = new Message(invite);
  const lines = [
    `${method} ${sent.uri} SIP/2.0`,
    `Via: ${sent.all('Via')[0]}`,
    ...sent.all('Route').map((route) => `Route: ${route}`),
    'Max-Forwards: 70',
    `From: ${sent.one('From')}`,
    `To: ${answer?.one('To') ?? sent.one('To')}`,
    `Call-ID: ${sent.one('Call-ID')}`,
    `CSeq: ${sent.one('CSeq')!.split(' ')[0]} ${method}`,
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
