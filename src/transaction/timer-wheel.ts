// Hundreds of thousands of timers with O(1) set, cancel and fire: a hierarchical timing wheel (Varghese and Lauck,
// SOSP 1987, scheme 7) of 5 levels with 256 slots. It has no clock: `advance` is told the time.
//
//   level 0: one slot a tick, the ticks of the current block of 256       [0][1][2] … [255]
//   level 1: one slot a block, the blocks of the current 65,536 ticks     [0][1][2] … [255]   … up to 2^40 ticks
//
// A timer sits in the lowest level whose current span holds it, and moves down when its slot's span begins. So a slot
// of level 0 is filled in the order of `schedule`, and timers of the same tick fire in that order.

const slotCount = 256;
const levelCount = 5;
const sentinelCount = slotCount * levelCount;
const spans = [1, 2 ** 8, 2 ** 16, 2 ** 24, 2 ** 32];
/** The last tick that can be told: 2^40 ticks of 10 ms are 348 years. */
const lastTick = 2 ** 40 - 1;
/**
 * Handle = generation × 2^24 + node: 31 bits, which V8 keeps without a box. So the handle of a timer that has fired or was
 * cancelled is told from those of the next 127 in its place; a caller forgets it before that.
 */
const nodeLimit = 2 ** 24;
const generationLimit = 2 ** 7;

/** Times are in milliseconds of one clock, the caller's; it should be monotonic. */
export class TimerWheel<T> {
  /** Timers that are set. */
  size = 0;
  readonly #tickMs: number;
  #originMs: number;
  #lastMs: number;
  #tick = 0;
  #levelSizes = new Int32Array(levelCount);
  // Node n < sentinelCount is the head of slot n; the others are timers. Rings, doubly linked.
  #next: Int32Array;
  #prev: Int32Array;
  #level: Uint8Array;
  #dueTick: Float64Array;
  #generation: Uint8Array;
  #tokens: (T | undefined)[];
  /** Free timers, linked through `#next`; -1 ends the list. */
  #free = -1;

  /** `nowMs`: the clock's present value. `tickMs`: the grain, > 0. `capacity`: timers to make room for; it grows. */
  constructor(nowMs: number, tickMs = 10, capacity = 1024) {
    this.#tickMs = tickMs;
    this.#originMs = nowMs;
    this.#lastMs = nowMs;
    const nodes = sentinelCount + Math.max(1, capacity);
    this.#next = new Int32Array(nodes);
    this.#prev = new Int32Array(nodes);
    this.#level = new Uint8Array(nodes);
    this.#dueTick = new Float64Array(nodes);
    this.#generation = new Uint8Array(nodes);
    this.#tokens = new Array<T | undefined>(nodes).fill(undefined);
    for (let i = 0; i < sentinelCount; i++) this.#next[i] = this.#prev[i] = i;
    this.#chainFree(sentinelCount, nodes);
  }

  /**
   * Sets a timer: `token` is handed to `fire` in the first `advance` at or after atMs, rounded up to a tick; a time
   * already past fires with the next tick. Returns its handle, > 0, or 0 where 16 million timers are set.
   */
  schedule(atMs: number, token: T): number {
    if (this.#free < 0 && !this.#grow()) return 0;
    const node = this.#free;
    this.#free = this.#next[node]!;
    let due = Math.ceil((atMs - this.#originMs) / this.#tickMs);
    if (!(due > this.#tick)) due = this.#tick + 1;
    else if (due > lastTick) due = lastTick;
    this.#dueTick[node] = due;
    this.#tokens[node] = token;
    this.size++;
    this.#link(node);
    return this.#generation[node]! * nodeLimit + node;
  }

  /** Unsets a timer. False where it has fired, was cancelled, or the handle is 0: then nothing happens. */
  cancel(handle: number): boolean {
    const generation = handle >>> 24;
    const node = handle & (nodeLimit - 1);
    if (node < sentinelCount || node >= this.#next.length) return false;
    if (this.#generation[node] !== generation || this.#dueTick[node] === 0) return false;
    this.#unlink(node);
    this.#release(node);
    return true;
  }

  /**
   * Moves the clock and fires what is due, by tick, then in the order of `schedule`. Returns how many fired. `fire` may
   * schedule and cancel, also timers due in this very call. After a jump forward or a long idle everything due fires at
   * once, at a cost that does not grow with the length of the idle. A clock set back shifts the origin: what is left of
   * every delay stays as it was.
   */
  advance(nowMs: number, fire: (token: T) => void): number {
    if (nowMs < this.#lastMs) this.#originMs -= this.#lastMs - nowMs;
    this.#lastMs = nowMs;
    const target = Math.min(lastTick, Math.floor((nowMs - this.#originMs) / this.#tickMs));
    // The current slot first: it is not empty where an earlier `fire` threw.
    let fired = this.#fireSlot(fire);
    while (this.#tick < target) {
      this.#step(target);
      fired += this.#fireSlot(fire);
    }
    return fired;
  }

  /** To the next tick that can hold a timer: past all slots of the levels that are empty. */
  #step(target: number): void {
    let level = 0;
    while (level < levelCount && this.#levelSizes[level] === 0) level++;
    if (level === levelCount) {
      this.#tick = target;
      return;
    }
    const span = spans[level]!;
    const next = (Math.floor(this.#tick / span) + 1) * span;
    if (next > target) {
      this.#tick = target;
      return;
    }
    this.#tick = next;
    // The highest level whose slot begins with this tick; the levels below it are empty.
    let top = 0;
    while (top + 1 < levelCount && next % spans[top + 1]! === 0) top++;
    if (top > 0) this.#cascade(top * slotCount + (Math.floor(next / spans[top]!) % slotCount));
  }

  /** Moves the timers of a slot to lower levels, in their order. */
  #cascade(head: number): void {
    let node = this.#next[head]!;
    while (node !== head) {
      const following = this.#next[node]!;
      this.#unlink(node);
      this.#link(node);
      node = following;
    }
  }

  #fireSlot(fire: (token: T) => void): number {
    const head = this.#tick % slotCount;
    let fired = 0;
    // One at a time from the head, so that `fire` may cancel the others. What it schedules is due later than now.
    for (let node = this.#next[head]!; node !== head; node = this.#next[head]!) {
      const token = this.#tokens[node] as T;
      this.#unlink(node);
      this.#release(node);
      fired++;
      fire(token);
    }
    return fired;
  }

  #link(node: number): void {
    let due = this.#dueTick[node]!;
    let now = this.#tick;
    let level = 0;
    let dueBlock = Math.floor(due / slotCount);
    let nowBlock = Math.floor(now / slotCount);
    while (dueBlock !== nowBlock) {
      due = dueBlock;
      now = nowBlock;
      dueBlock = Math.floor(due / slotCount);
      nowBlock = Math.floor(now / slotCount);
      level++;
    }
    const head = level * slotCount + (due - dueBlock * slotCount);
    const last = this.#prev[head]!;
    this.#next[last] = node;
    this.#prev[node] = last;
    this.#next[node] = head;
    this.#prev[head] = node;
    this.#level[node] = level;
    this.#levelSizes[level]!++;
  }

  #unlink(node: number): void {
    const next = this.#next[node]!;
    const prev = this.#prev[node]!;
    this.#next[prev] = next;
    this.#prev[next] = prev;
    this.#levelSizes[this.#level[node]!]!--;
  }

  #release(node: number): void {
    this.size--;
    this.#tokens[node] = undefined;
    this.#dueTick[node] = 0; // a timer that is set is never due at tick 0
    this.#generation[node] = (this.#generation[node]! + 1) & (generationLimit - 1);
    this.#next[node] = this.#free;
    this.#free = node;
  }

  #chainFree(from: number, to: number): void {
    for (let i = from; i < to; i++) this.#next[i] = i + 1 < to ? i + 1 : this.#free;
    this.#free = from;
  }

  #grow(): boolean {
    const before = this.#next.length;
    const after = Math.min(nodeLimit, before * 2);
    if (after === before) return false;
    const wider = <A extends Int32Array | Uint8Array | Float64Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.#next = wider(new Int32Array(after), this.#next);
    this.#prev = wider(new Int32Array(after), this.#prev);
    this.#level = wider(new Uint8Array(after), this.#level);
    this.#dueTick = wider(new Float64Array(after), this.#dueTick);
    this.#generation = wider(new Uint8Array(after), this.#generation);
    for (let i = before; i < after; i++) this.#tokens.push(undefined);
    this.#chainFree(before, after);
    return true;
  }
}
