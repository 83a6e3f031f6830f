// The frames in which a drachtio-server sends its messages, cut out of the stream: `<bytes>#<message>`, back to back. Read here and not
// by drachtio-srf, which throws at a broken one out of the socket's handler and prints all that it has.

const hash = 0x23;
/** More digits than any message of SIP needs. */
const mostDigits = 7;

export class FrameReader {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Bytes to wait for before it is worth a look. */
  private needed = 2;

  /**
   * Calls `deliver` for each message that is whole with this chunk; no more of them once that returned false. Returns what is
   * wrong with the stream, '' where nothing is; nothing that comes afterwards can be read.
   */
  push(chunk: Buffer, deliver: (message: string) => boolean): string {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return '';
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    let at = 0;
    this.needed = 2;
    while (at < bytes.length) {
      const length = readLength(bytes, at);
      if (length === broken) return `no length of a message where there must be one: ${shown(bytes, at)}`;
      if (length === incomplete) break;
      const start = bytes.indexOf(hash, at) + 1;
      const end = start + length;
      if (end > bytes.length) {
        this.needed = end - at;
        break;
      }
      at = end;
      if (!deliver(bytes.toString('utf8', start, end))) return '';
    }
    this.held = bytes.length - at;
    this.chunks = this.held === 0 ? [] : [bytes.subarray(at)];
    return '';
  }
}

const broken = -1;
const incomplete = -2;

function readLength(bytes: Buffer, start: number): number {
  let length = 0;
  for (let i = 0; i <= mostDigits; i++) {
    const c = bytes[start + i];
    if (c === undefined) return incomplete;
    if (c === hash) return length > 0 ? length : broken;
    if (c < 48 || c > 57) return broken;
    length = length * 10 + c - 48;
  }
  return broken;
}

const shown = (bytes: Buffer, at: number): string => JSON.stringify(bytes.toString('latin1', at, at + 40));
