// The heaviest keys of a stream in fixed memory: Space-Saving over the Stream-Summary of Metwally, Agrawal and El Abbadi,
// "Efficient Computation of Frequent and Top-k Elements in Data Streams" (ICDT 2005). A key that is not kept takes the place of the
// lightest one and inherits its count as its possible error; so a key with more than 1/size of the weight is always kept, and no
// count is too low. Counts are halved now and then, so that the last seconds weigh most.

/** What a kept key did between two `take`s. `missed`: attempts that may have gone by while it was not kept, or were another's. */
export interface KeyCounts {
  readonly key: number;
  readonly attempts: number;
  readonly missed: number;
  readonly answers: number;
  readonly refusedByGap: number;
}

const none = -1;

export class SpaceSaving {
  private readonly size: number;
  private used = 0;
  /** Attempts of all keys since the last `take`. */
  private total = 0;

  // entries
  private readonly key: Float64Array;
  /** Where its search begins. */
  private readonly home: Int32Array;
  private readonly error: Int32Array;
  private readonly since: Int32Array;
  private readonly missed: Int32Array;
  private readonly answers: Int32Array;
  private readonly gapped: Int32Array;
  private readonly bucket: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;

  // buckets: the entries of one count, in a list from the lightest to the heaviest
  private readonly count: Int32Array;
  private readonly first: Int32Array;
  private readonly heavier: Int32Array;
  private readonly lighter: Int32Array;
  private lightest = none;
  private readonly free: Int32Array;
  private freeCount: number;

  // open addressing with linear probing, at most a quarter full: entry + 1, 0 for empty
  private readonly slots: Int16Array;
  private readonly mask: number;

  /** `size`: keys kept, at most 8192. */
  constructor(size: number) {
    this.size = size;
    const column = (): Int32Array => new Int32Array(size);
    this.key = new Float64Array(size);
    [this.error, this.since, this.missed, this.answers, this.gapped] = [
      column(),
      column(),
      column(),
      column(),
      column(),
    ];
    this.home = column();
    [this.bucket, this.next, this.previous] = [column(), column(), column()];
    // one more than entries: a new bucket is made before an old one is empty
    const buckets = (): Int32Array => new Int32Array(size + 1);
    [this.count, this.first, this.heavier, this.lighter] = [buckets(), buckets(), buckets(), buckets()];
    this.free = buckets().map((_, i) => i);
    this.freeCount = size + 1;
    let slots = 4;
    while (slots < size * 4) slots *= 2;
    this.slots = new Int16Array(slots);
    this.mask = slots - 1;
  }

  noteAttempt(key: number): void {
    this.total++;
    let entry = this.find(key);
    if (entry === none) entry = this.insert(key);
    else this.raise(entry);
    this.since[entry]!++;
  }

  /** Keys that are not kept are not noted. */
  noteAnswer(key: number): void {
    const entry = this.find(key);
    if (entry !== none) this.answers[entry]!++;
  }

  noteGapped(key: number): void {
    const entry = this.find(key);
    if (entry !== none) this.gapped[entry]!++;
  }

  /**
   * The `most` keys of the greatest count that is surely theirs, at least `least`, the greatest first; those without any attempt or
   * answer are left out.
   */
  take(most: number, least = 0): KeyCounts[] {
    const { count, bucket, error, since, answers } = this;
    const sure = (entry: number): number => count[bucket[entry]!]! - error[entry]!;
    const found: number[] = [];
    for (let entry = 0; entry < this.used; entry++) {
      if ((since[entry]! > 0 || answers[entry]! > 0) && sure(entry) >= least) found.push(entry);
    }
    found.sort((a, b) => sure(b) - sure(a) || since[b]! - since[a]!);
    const taken = found.slice(0, most).map((entry) => ({
      key: this.key[entry]!,
      attempts: since[entry]! + this.missed[entry]!,
      missed: this.missed[entry]!,
      answers: answers[entry]!,
      refusedByGap: this.gapped[entry]!,
    }));
    for (const column of [since, this.missed, answers, this.gapped]) column.fill(0, 0, this.used);
    this.total = 0;
    return taken;
  }

  /** Halves every count; what may be an error is rounded up. */
  halve(): void {
    let last = none;
    for (let bucket = this.lightest; bucket !== none; ) {
      const { heavier, count } = this;
      const after = heavier[bucket]!;
      count[bucket] = count[bucket]! >> 1;
      if (last !== none && count[last] === count[bucket]) this.merge(bucket, last);
      else last = bucket;
      bucket = after;
    }
    for (let entry = 0; entry < this.used; entry++) this.error[entry] = (this.error[entry]! + 1) >> 1;
  }

  private find(key: number): number {
    const { slots, mask } = this;
    for (let slot = hash(key) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1;
      if (entry < 0 || this.key[entry] === key) return entry;
    }
  }

  private insert(key: number): number {
    let entry: number;
    if (this.used < this.size) {
      entry = this.used++;
      this.error[entry] = 0;
      this.missed[entry] = 0;
      this.place(entry, 1, none);
    } else {
      entry = this.first[this.lightest]!;
      this.forget(entry);
      const least = this.count[this.lightest]!;
      this.error[entry] = least;
      this.missed[entry] = Math.min(least, this.total - 1);
      this.raise(entry);
    }
    this.since[entry] = 0;
    this.answers[entry] = 0;
    this.gapped[entry] = 0;
    this.key[entry] = key;
    const { slots, mask } = this;
    let slot = hash(key) & mask;
    this.home[entry] = slot;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = entry + 1;
    return entry;
  }

  /** One more for the entry: it moves to the bucket above. */
  private raise(entry: number): void {
    const { bucket, count, heavier } = this;
    const from = bucket[entry]!;
    const to = count[from]! + 1;
    const above = heavier[from]!;
    if (above !== none && count[above] === to) {
      this.leave(entry, from);
      this.join(entry, above);
    } else if (this.next[entry] === none && this.first[from] === entry) count[from] = to;
    else {
      this.leave(entry, from);
      this.place(entry, to, from);
    }
  }

  /** Puts the entry into a bucket of `count`, which is made right above `below` if it is not there. */
  private place(entry: number, count: number, below: number): void {
    const above = below === none ? this.lightest : this.heavier[below]!;
    if (above !== none && this.count[above] === count) return this.join(entry, above);
    // while the table fills up there may be halved counts of 0 below a new 1
    if (above !== none && this.count[above]! < count) return this.place(entry, count, above);
    const made = this.free[--this.freeCount]!;
    this.count[made] = count;
    this.first[made] = none;
    this.link(below, made);
    this.link(made, above);
    this.join(entry, made);
  }

  private link(light: number, heavy: number): void {
    if (light === none) this.lightest = heavy;
    else this.heavier[light] = heavy;
    if (heavy !== none) this.lighter[heavy] = light;
  }

  private join(entry: number, bucket: number): void {
    const head = this.first[bucket]!;
    this.bucket[entry] = bucket;
    this.next[entry] = head;
    this.previous[entry] = none;
    if (head !== none) this.previous[head] = entry;
    this.first[bucket] = entry;
  }

  private leave(entry: number, bucket: number): void {
    const { next, previous, first } = this;
    const after = next[entry]!;
    const before = previous[entry]!;
    if (after !== none) previous[after] = before;
    if (before !== none) next[before] = after;
    else first[bucket] = after;
    if (first[bucket] === none) this.release(bucket);
  }

  private release(bucket: number): void {
    const { lighter, heavier, free } = this;
    this.link(lighter[bucket]!, heavier[bucket]!);
    free[this.freeCount++] = bucket;
  }

  private merge(from: number, into: number): void {
    for (let entry = this.first[from]!; entry !== none; ) {
      const after = this.next[entry]!;
      this.join(entry, into);
      entry = after;
    }
    this.first[from] = none;
    this.release(from);
  }

  // What follows the key in its run is moved up where its own place allows, so that no search meets a hole.
  private forget(entry: number): void {
    const { slots, mask, home } = this;
    let hole = home[entry]!;
    while (slots[hole] !== entry + 1) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (((slot - home[slots[slot]! - 1]!) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot]!;
      hole = slot;
    }
    slots[hole] = 0;
  }
}

/** Keys are integers below 2^53: both halves count. */
function hash(key: number): number {
  const high = (key * 2.3283064365386963e-10) | 0;
  const mixed = Math.imul((key | 0) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
