// Cuts a byte stream into SIP messages: RFC 3261 §18.3 (Content-Length) and §7.5 (leading CRLF), RFC 5626 §4.4.1
// (CRLFCRLF is a ping). Every byte is looked at once, however the stream is split; what is held of an unfinished
// message is bounded.

/** Why the stream cannot be cut any further. Equal to `StreamFault` of the transport. */
export type FrameFault =
  | 'message-too-large'
  | 'too-many-headers'
  | 'bad-content-length'
  | 'no-content-length'
  | 'not-sip';

export interface FrameLimits {
  /** Start line, headers and body together. */
  readonly messageBytes: number;
  /** Start line and headers with the empty line. */
  readonly headerBytes: number;
  /** Header fields; folded lines are not counted. */
  readonly headers: number;
}

/** Ranges are valid only during the call. */
export interface FrameSink<B extends Uint8Array> {
  onMessage(bytes: B, start: number, end: number): void;
  /** One whole CRLFCRLF between messages: RFC 5626 wants one CRLF back. */
  onPing(): void;
  /** The last call: bytes[start, end) is what there is of the message's head. */
  onFault(fault: FrameFault, bytes: B, start: number, end: number): void;
}

const CR = 13;
const LF = 10;
const SP = 32;
const HT = 9;
const COLON = 58;

// Where the scanner stands. Numbers, because this is looked at for every byte.
const BETWEEN = 0;
const START_LINE = 1;
const LINE_START = 2;
const NAME = 3;
const NAME_END = 4;
const VALUE_LEAD = 5;
const VALUE_DIGITS = 6;
const VALUE_TRAIL = 7;
const SKIP = 8;
const AFTER_CR = 9;
const LAST_CR = 10;
const BODY = 11;
const HEAD_END = 12;

const contentLength = Uint8Array.from('content-length', (c) => c.charCodeAt(0));
const version = Uint8Array.from('sip/', (c) => c.charCodeAt(0));
/** First block for an unfinished message; doubled as needed. */
const firstHoldBytes = 512;

/** One instance a connection. `allocate` returns uninitialised bytes for what is held of an unfinished message. */
export class StreamFramer<B extends Uint8Array> {
  private readonly limits: FrameLimits;
  private readonly sink: FrameSink<B>;
  private readonly allocate: (bytes: number) => B;
  private state = BETWEEN;
  private stopped = false;
  /** Progress through CR LF CR LF. */
  private crlf = 0;
  private held: B | undefined;
  private heldBytes = 0;
  private headLeft = 0;
  private bodyLeft = 0;
  private headers = 0;
  /** Progress in `contentLength` while in NAME, in `version` while in START_LINE (-1: not this word). */
  private matched = 0;
  private sawVersion = false;
  /** The line, with its folds, is a Content-Length. */
  private inLength = false;
  private digits = 0;
  private value = 0;
  private length = -1;

  constructor(limits: FrameLimits, sink: FrameSink<B>, allocate: (bytes: number) => B) {
    this.limits = limits;
    this.sink = sink;
    this.allocate = allocate;
  }

  /** Whether a message has begun and has not ended. */
  get partial(): boolean {
    return this.state !== BETWEEN && !this.stopped;
  }

  /** No further calls of the sink, not even for bytes of the chunk at hand; what is held is released. */
  stop(): void {
    this.stopped = true;
    this.held = undefined;
    this.heldBytes = 0;
  }

  /** Takes the next bytes of the stream; they may be reused when the call returns. */
  push(chunk: B): void {
    let mark = 0; // where the message at hand begins in this chunk
    let i = 0;
    while (i < chunk.length && !this.stopped) {
      if (this.state === BETWEEN) {
        i = this.skipKeepAlives(chunk, i);
        if (i === chunk.length || this.stopped) return;
        mark = i;
        this.begin();
      }
      if (this.state === BODY) {
        const take = Math.min(this.bodyLeft, chunk.length - i);
        i += take;
        this.bodyLeft -= take;
      } else {
        const from = i;
        const stop = Math.min(chunk.length, i + this.headLeft);
        let fault: FrameFault | undefined;
        [i, fault] = this.scanHead(chunk, i, stop);
        this.headLeft -= i - from;
        if (fault === undefined && this.state === HEAD_END) fault = this.endHead();
        else if (fault === undefined && this.headLeft === 0) fault = 'message-too-large';
        if (fault !== undefined) return this.fail(fault, chunk, mark, i);
      }
      if (this.state === BODY && this.bodyLeft === 0) {
        this.complete(chunk, mark, i);
        mark = i;
      }
    }
    if (this.partial) this.hold(chunk, mark, i);
  }

  private begin(): void {
    this.state = START_LINE;
    this.headLeft = this.limits.headerBytes;
    this.headers = 0;
    this.matched = 0;
    this.sawVersion = false;
    this.inLength = false;
    this.length = -1;
    this.crlf = 0;
  }

  // RFC 3261 §7.5: CRLF before a start line is ignored. RFC 5626 §4.4.1: two of them are a ping. NUL: NAT pings.
  private skipKeepAlives(chunk: B, from: number): number {
    let i = from;
    for (; i < chunk.length; i++) {
      const c = chunk[i]!;
      if (c === CR) this.crlf = this.crlf === 2 ? 3 : 1;
      else if (c === LF) {
        if (this.crlf === 3) {
          this.crlf = 0;
          this.sink.onPing();
          if (this.stopped) return i;
        } else this.crlf = this.crlf === 1 ? 2 : 0;
      } else if (c === 0) this.crlf = 0;
      else break;
    }
    return i;
  }

  /** Goes on through the head up to `stop`; returns where it stands and what is wrong. */
  private scanHead(chunk: B, from: number, stop: number): [number, FrameFault | undefined] {
    let state = this.state;
    let i = from;
    let fault: FrameFault | undefined;
    while (i < stop && state !== HEAD_END && fault === undefined) {
      let c = chunk[i++]!;
      if (state === SKIP) {
        while (c !== CR && c !== LF && i < stop) c = chunk[i++]!;
        if (c === CR) state = AFTER_CR;
        else if (c === LF) fault = 'not-sip';
      } else if (state === AFTER_CR) {
        if (c === LF) state = LINE_START;
        else fault = 'not-sip';
      } else if (state === LAST_CR) {
        if (c === LF) state = HEAD_END;
        else fault = 'not-sip';
      } else if (c === LF) {
        // Differs from RFC 4475 §3 ("be lenient"): a bare LF ends a line for some parsers and not for others, so that a
        // message behind it could be smuggled past one of them. Line ends are CRLF here, as RFC 3261 §25 has them.
        fault = 'not-sip';
      } else if (state === LINE_START) {
        if (c === SP || c === HT) {
          // RFC 3261 §7.3.1: a line that begins with white space continues the field before it.
          state = !this.inLength ? SKIP : this.digits === 0 ? VALUE_LEAD : VALUE_TRAIL;
        } else {
          if (this.inLength) fault = this.takeLength();
          if (c === CR) state = LAST_CR;
          else {
            if (++this.headers > this.limits.headers) fault ??= 'too-many-headers';
            state = this.beginName(c);
          }
        }
      } else if (c === CR) {
        if (state === START_LINE && !this.sawVersion) fault = 'not-sip';
        state = AFTER_CR;
      } else if (state === START_LINE) {
        if (!this.startLineByte(c, i - 1 === from)) fault = 'not-sip';
      } else state = this.lengthByte(state, c);
      if (state === -1) fault = 'bad-content-length';
    }
    this.state = state;
    return [i, fault];
  }

  // A start line has one word that begins with "SIP/", in any version: the version is judged later, with a 505.
  private startLineByte(c: number, first: boolean): boolean {
    // What is no visible character cannot begin a start line: a TLS client on a TCP port is found by its first byte.
    if (first && this.headLeft === this.limits.headerBytes && (c <= SP || c >= 127)) return false;
    if (c === SP || c === HT) this.matched = 0;
    else if (this.matched >= 0 && this.matched < version.length) {
      this.matched = (c | 0x20) === version[this.matched]! || c === version[this.matched]! ? this.matched + 1 : -1;
      if (this.matched === version.length) this.sawVersion = true;
    }
    return true;
  }

  private beginName(c: number): number {
    const lower = c | 0x20;
    this.matched = 1;
    if (lower === 0x63) return NAME; // c
    if (lower === 0x6c) return NAME_END; // l, the compact form
    return SKIP;
  }

  private lengthByte(state: number, c: number): number {
    if (state === NAME) {
      if ((c | 0x20) !== contentLength[this.matched]!) return SKIP;
      return ++this.matched === contentLength.length ? NAME_END : NAME;
    }
    if (state === NAME_END) {
      if (c === SP || c === HT) return NAME_END;
      if (c !== COLON) return SKIP;
      this.inLength = true;
      this.digits = 0;
      this.value = 0;
      return VALUE_LEAD;
    }
    if (c === SP || c === HT) return state === VALUE_LEAD ? VALUE_LEAD : VALUE_TRAIL;
    // RFC 3261 §20.14: 1*DIGIT, nothing else.
    if (state === VALUE_TRAIL || c < 48 || c > 57) return -1;
    this.digits++;
    this.value = Math.min(this.value * 10 + c - 48, 0xffffffff);
    return VALUE_DIGITS;
  }

  private takeLength(): FrameFault | undefined {
    this.inLength = false;
    if (this.digits === 0) return 'bad-content-length';
    // Two that differ leave it open where the message ends.
    if (this.length >= 0 && this.length !== this.value) return 'bad-content-length';
    this.length = this.value;
    return undefined;
  }

  private endHead(): FrameFault | undefined {
    // RFC 3261 §18.3: on a stream Content-Length MUST be there.
    if (this.length < 0) return 'no-content-length';
    const headBytes = this.limits.headerBytes - this.headLeft;
    if (headBytes + this.length > this.limits.messageBytes) return 'message-too-large';
    this.bodyLeft = this.length;
    this.state = BODY;
    return undefined;
  }

  private complete(chunk: B, start: number, end: number): void {
    this.state = BETWEEN;
    if (this.heldBytes === 0) return this.sink.onMessage(chunk, start, end);
    this.hold(chunk, start, end);
    const bytes = this.held!;
    const size = this.heldBytes;
    this.held = undefined;
    this.heldBytes = 0;
    this.sink.onMessage(bytes, 0, size);
  }

  private fail(fault: FrameFault, chunk: B, start: number, end: number): void {
    if (this.heldBytes > 0) this.hold(chunk, start, end);
    const bytes = this.heldBytes > 0 ? this.held! : chunk;
    const from = this.heldBytes > 0 ? 0 : start;
    const to = this.heldBytes > 0 ? this.heldBytes : end;
    this.stop();
    this.sink.onFault(fault, bytes, from, to);
  }

  private hold(chunk: B, start: number, end: number): void {
    const needed = this.heldBytes + end - start;
    if (this.held === undefined || this.held.length < needed) {
      let size = this.held === undefined ? firstHoldBytes : this.held.length * 2;
      while (size < needed) size *= 2;
      const grown = this.allocate(size);
      if (this.held !== undefined) grown.set(this.held.subarray(0, this.heldBytes), 0);
      this.held = grown;
    }
    this.held.set(chunk.subarray(start, end), this.heldBytes);
    this.heldBytes = needed;
  }
}
