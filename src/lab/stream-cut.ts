// Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3), for the lab's own TCP side.

export interface StreamCut {
  readonly messages: readonly Buffer[];
  /** The bytes of a message that is not complete yet. */
  readonly rest: Buffer;
  /** No message can be found any more: close the connection. */
  readonly broken: boolean;
}

const MAX_MESSAGE_BYTES = 65_536;
const endOfHead = Buffer.from('\r\n\r\n');

/** Every whole message in `bytes`, and what is left. CRLF between messages is skipped (RFC 3261 §7.5). */
export function cutStream(bytes: Buffer): StreamCut {
  const messages: Buffer[] = [];
  let at = 0;
  for (;;) {
    while (at < bytes.length && (bytes[at] === 13 || bytes[at] === 10)) at++;
    const headEnd = bytes.indexOf(endOfHead, at);
    if (headEnd < 0) break;
    const bodyStart = headEnd + endOfHead.length;
    const length = /^(?:content-length|l)[ \t]*:\s*(\d{1,5})[ \t]*$/im.exec(bytes.toString('latin1', at, headEnd));
    const end = bodyStart + Number(length?.[1] ?? Number.NaN);
    if (!(end - at <= MAX_MESSAGE_BYTES)) return { messages, rest: Buffer.alloc(0), broken: true };
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  const rest = bytes.subarray(at);
  return { messages, rest, broken: rest.length > MAX_MESSAGE_BYTES };
}
