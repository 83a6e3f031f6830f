// What only this installation can have made: branches (RFC 3261 §16.6 step 8, §16.11), To tags of our refusals (§8.2.7), the
// mark of dialogs that we record-routed, and flow tokens (RFC 5626 §5.3). All are keyed hashes, so that nothing is stored.
import { COMMA, equalsExactly } from '../sip/bytes.ts';
import { bytesOf } from '../sip/grammar.ts';
import { hex, KeyedHash, readHex } from '../sip/keyed-hash.ts';
import type { Peek } from '../sip/peek.ts';
import { Chunk, type Writer } from '../sip/writer.ts';

// branch = "z9hG4bKsg" listener(2) connection(8) attempt(1) transaction(16) loop(8) mark(8), digits hexadecimal
const prefix = 'z9hG4bKsg';
const prefixChunk = new Chunk(prefix);
const branchLength = prefix.length + 43;
const transactionAt = 11;

/** What our own branch says. `Marks.readBranch` gives the same object each time. */
export interface OwnBranch {
  /** The listener that the request arrived on. */
  readonly listenerId: number;
  /** The connection that it arrived on (`Flow.id`); 0 for UDP. */
  readonly flowId: number;
  /** 0 for the first switch tried, 1 for the second … */
  readonly attempt: number;
  /** The key of the client transaction's call (RFC 3261 §17.1.3): 53 bits of the branch. */
  readonly key: number;
  /** Hash of what routed the request (RFC 5393 §4.2): the same again means a loop. */
  readonly loop: number;
}

/** 52 bits of the transaction's hash. */
function branchKey(high: number, low: number): number {
  return (high & 0xfffff) * 2 ** 32 + low;
}

// what the hashes are of, so that those of different things differ
const ofBranch = bytesOf('branch');
const ofLoop = bytesOf('loop');
const ofVia = bytesOf('via');
const ofDialog = bytesOf('dialog');

export class Marks {
  /** Result of `transaction`: never both 0. */
  high = 0;
  low = 0;
  /** Result of `transaction`: the upper half of the key of the server transaction, of 64 bits with `low`. */
  keyHigh = 0;
  private readonly hash: KeyedHash;
  private readonly own: { -readonly [field in keyof OwnBranch]: number } = {
    listenerId: 0,
    flowId: 0,
    attempt: 0,
    key: 0,
    loop: 0,
  };

  /** `key`: at least 8 secret bytes, the same for the life of an installation. */
  constructor(key: Uint8Array) {
    this.hash = new KeyedHash(key);
  }

  /**
   * The hash of Call-ID, From tag and CSeq number, in `high` and `low`. It is the same for an INVITE, its retransmissions,
   * its CANCEL and its ACK, so it makes the To tag of a refusal and knows the ACK of one.
   */
  transaction(p: Peek): void {
    const { hash } = this;
    hash.start();
    hash.addNumber(p.cseqNumber);
    hash.addField(p.bytes, p.fromTagStart, p.fromTagEnd);
    hash.add(p.bytes, p.callIdStart, p.callIdEnd);
    hash.finish();
    this.high = hash.high;
    this.low = hash.low === 0 ? 1 : hash.low;
    const { bytes, branchEnd } = p;
    let h = 0x811c9dc5; // FNV-1a: the secret is in `high`
    for (let i = p.branchStart; i < branchEnd; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
    this.keyHigh = (hash.high ^ h) >>> 0;
  }

  /**
   * The key of a server transaction (RFC 3261 §17.2.3), call `transaction` first: a hash of 53 bits over the top branch,
   * Call-ID, From tag and CSeq number, the same for INVITE, ACK of a refusal, and CANCEL. Differs from §17.2.3: Call-ID, tag and
   * CSeq take the place of sent-by, which makes it serve for RFC 2543 clients, whose branch says nothing, too.
   */
  serverKey(): number {
    return (this.keyHigh & 0x1fffff) * 2 ** 32 + this.low;
  }

  /**
   * The second half of a refusal's To tag, of which `low` is the first: a keyed check of it, so that the ACK is known by the
   * tag alone.
   */
  refusalCheck(low: number): number {
    const { hash } = this;
    hash.start();
    hash.addNumber(low);
    hash.addByte(0x54);
    hash.finish();
    return hash.low;
  }

  /** Whether bytes[start, end) is the To tag of a refusal of ours: 16 hexadecimal digits, the last 8 the check. */
  isRefusalTag(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start !== 16 || start < 0) return false;
    const low = readHex(bytes, start);
    return low >= 0 && readHex(bytes, start + 8) === this.refusalCheck(low);
  }

  /**
   * Writes the branch for forwarding `p`, and returns its key: the same for the same top Via, Call-ID and CSeq number, so that a
   * CANCEL and an ACK of a refusal get the branch of their INVITE, from this process or the next (RFC 3261 §16.11).
   */
  writeBranch(w: Writer, p: Peek, listenerId: number, attempt: number, flowId = 0): number {
    const { hash } = this;
    hash.start();
    hash.addField(ofBranch, 0, ofBranch.length);
    hash.addField(p.bytes, p.branchStart, p.branchEnd);
    hash.addField(p.bytes, p.sentByStart, p.sentByEnd);
    hash.addField(p.bytes, p.callIdStart, p.callIdEnd);
    hash.addNumber(p.cseqNumber);
    hash.finish();
    const { high, low } = hash;
    w.chunk(prefixChunk);
    const start = w.at;
    w.hex(listenerId, 2);
    w.hex(flowId);
    w.hex(attempt, 1);
    w.hex(high);
    w.hex(low);
    w.hex(this.loop(p));
    w.hex(this.viaMark(w.bytes, start, w.at));
    return branchKey(high, low);
  }

  /**
   * RFC 5393 §4.2.1 (RFC 3261 §16.6 step 8): the hash over what routing depends on. The method and the To tag stay out, for
   * ACK and CANCEL must get the same.
   */
  loop(p: Peek): number {
    const { hash } = this;
    hash.start();
    hash.addField(ofLoop, 0, ofLoop.length);
    hash.addField(p.bytes, p.uriStart, p.uriEnd);
    hash.addField(p.bytes, p.routeStart, p.routeEnd);
    hash.addField(p.bytes, p.fromTagStart, p.fromTagEnd);
    hash.addField(p.bytes, p.callIdStart, p.callIdEnd);
    hash.addNumber(p.cseqNumber);
    hash.finish();
    return hash.low;
  }

  /** What the branch in bytes[start, end) says, if it is one of ours and the mark holds; until the next is read. */
  readBranch(bytes: Uint8Array, start: number, end: number): OwnBranch | undefined {
    const body = start + prefix.length;
    if (end - start !== branchLength || !equalsExactly(bytes, start, body, prefix)) return undefined;
    if (readHex(bytes, end - 8) !== this.viaMark(bytes, body, end - 8)) return undefined;
    const { own } = this;
    own.key = branchKey(readHex(bytes, body + transactionAt), readHex(bytes, body + transactionAt + 8));
    own.listenerId = readHex(bytes, body, 2);
    own.flowId = readHex(bytes, body + 2);
    own.attempt = readHex(bytes, body + 10, 1);
    own.loop = readHex(bytes, body + 27);
    return own;
  }

  /**
   * RFC 3261 §16.3 step 4, RFC 5393: whether a Via of ours further down was made for the very same routing. A different
   * hash is a spiral, which is allowed; so is another listener, for the side that a request comes in by decides where it goes.
   */
  isLoop(p: Peek, viaLines: readonly { valueStart: number; valueEnd: number }[], listenerId: number): boolean {
    let loop = -1;
    for (const line of viaLines) {
      for (let i = line.valueStart; i + branchLength <= line.valueEnd; i++) {
        if (p.bytes[i] !== 122 || p.bytes[i + 7] !== 115) continue; // z…s
        let end = i;
        // no further than a branch of ours: else a long Via full of beginnings would cost its length squared
        const last = Math.min(line.valueEnd, i + branchLength + 1);
        while (end < last && p.bytes[end]! > 32 && p.bytes[end] !== 59 && p.bytes[end] !== COMMA) end++;
        const own = this.readBranch(p.bytes, i, end);
        if (own === undefined || own.listenerId !== listenerId) continue;
        if (loop < 0) loop = this.loop(p);
        if (own.loop === loop) return true;
      }
    }
    return false;
  }

  /**
   * The mark of a dialog, 32 bits, for the user part of our Record-Route: 8 hexadecimal digits that prove that its INVITE went
   * through here.
   */
  dialog(p: Peek): number {
    const { hash } = this;
    hash.start();
    hash.addField(ofDialog, 0, ofDialog.length);
    hash.add(p.bytes, p.callIdStart, p.callIdEnd);
    hash.finish();
    return hash.low;
  }

  /** 16 hexadecimal digits over a text of ours; `use` keeps the marks of different things apart. */
  seal(use: string, text: string): string {
    this.hash.start();
    this.hash.addText(use);
    this.hash.addText(text);
    this.hash.finish();
    return hex(this.hash.high) + hex(this.hash.low);
  }

  /** Over the body of a branch of ours. */
  private viaMark(bytes: Uint8Array, start: number, end: number): number {
    const { hash } = this;
    hash.start();
    hash.addField(ofVia, 0, ofVia.length);
    hash.addField(bytes, start, end);
    hash.finish();
    return hash.high;
  }
}
