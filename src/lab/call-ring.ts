// The calls that wait for a final answer, in typed arrays at index & mask: no object and no timer per call. Calls are
// begun in order of their index, so that what is due, to be sent again or given up, is always a run of indexes.

/** When an unanswered INVITE is sent again, ms after the first time: T1 = 500 doubled (RFC 3261 §17.1.1.2). */
const RESEND_AT_MS = [500, 1500, 3500, 7500, 15_500, 31_500];

const FREE = 0;
const WAITING = 1;
const PROCEEDING = 2;
const OVER = 3;

export class CallRing {
  readonly #mask: number;
  readonly #sentAtMs: Float64Array;
  readonly #state: Uint8Array;
  readonly #owner: Uint32Array;
  readonly #giveUpMs: number;
  readonly #onLost: (index: number) => void;
  readonly #resent = RESEND_AT_MS.map(() => 0);
  #next = 0;
  #expired = 0;
  #open = 0;

  /** Room for `giveUpMs` of calls at the highest rate; `onLost` is told of each call that is given up. */
  constructor(highestPerSecond: number, giveUpMs: number, onLost: (index: number) => void) {
    const size = 2 ** Math.ceil(Math.log2((highestPerSecond * (giveUpMs + 500)) / 1000 + 1024));
    this.#mask = size - 1;
    this.#sentAtMs = new Float64Array(size);
    this.#state = new Uint8Array(size);
    this.#owner = new Uint32Array(size);
    this.#giveUpMs = giveUpMs;
    this.#onLost = onLost;
  }

  /** Calls without a final answer. */
  get open(): number {
    return this.#open;
  }

  /** The index of a new call. */
  begin(nowMs: number): number {
    const index = this.#next;
    const slot = index & this.#mask;
    this.#next = (index + 1) >>> 0;
    if (this.#isOpen(slot)) this.#lose(slot);
    this.#state[slot] = WAITING;
    this.#owner[slot] = index;
    this.#sentAtMs[slot] = nowMs;
    this.#open++;
    return index;
  }

  /** A provisional answer: no retransmission any more. */
  proceed(index: number): void {
    const slot = index & this.#mask;
    if (this.#owner[slot] === index && this.#state[slot] === WAITING) this.#state[slot] = PROCEEDING;
  }

  /** A final answer: when the call was begun, or -1 if it is not open (any more). */
  end(index: number): number {
    const slot = index & this.#mask;
    if (this.#owner[slot] !== index || !this.#isOpen(slot)) return -1;
    this.#state[slot] = OVER;
    this.#open--;
    return this.#sentAtMs[slot]!;
  }

  /** Calls `again` for every call whose next retransmission is due. */
  resend(nowMs: number, again: (index: number) => void): void {
    for (let k = 0; k < RESEND_AT_MS.length; k++) {
      let index = this.#resent[k]!;
      while (index !== this.#next) {
        const slot = index & this.#mask;
        if (this.#owner[slot] === index) {
          if (this.#sentAtMs[slot]! + RESEND_AT_MS[k]! > nowMs) break;
          if (this.#state[slot] === WAITING) again(index);
        }
        index = (index + 1) >>> 0;
      }
      this.#resent[k] = index;
    }
  }

  /** Gives up calls that have waited `giveUpMs`. */
  expire(nowMs: number): void {
    while (this.#expired !== this.#next) {
      const slot = this.#expired & this.#mask;
      if (this.#owner[slot] === this.#expired) {
        if (this.#sentAtMs[slot]! + this.#giveUpMs > nowMs) return;
        if (this.#isOpen(slot)) this.#lose(slot);
        else this.#state[slot] = FREE;
      }
      this.#expired = (this.#expired + 1) >>> 0;
    }
  }

  #isOpen(slot: number): boolean {
    return this.#state[slot] === WAITING || this.#state[slot] === PROCEEDING;
  }

  #lose(slot: number): void {
    this.#state[slot] = OVER;
    this.#open--;
    this.#onLost(this.#owner[slot]!);
  }
}
