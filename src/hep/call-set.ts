// Calls known by the hash of their Call-ID, with a mark each: a table of a fixed size without an allocation or a clock. Each call
// has four places; the one heard of longest ago gives way.

const ways = 4;
const markBits = 0b11;

export class CallSet {
  private readonly entries: Uint32Array;
  private readonly mask: number;

  /** `most`: calls it holds at the best, a power of two of at least 4; 4 bytes each. */
  constructor(most: number) {
    this.entries = new Uint32Array(most);
    this.mask = most / ways - 1;
  }

  /** The mark of a call, 0 where it is not known. `place` and `print`: two hashes of 32 bits. What is found counts as heard of. */
  find(place: number, print: number): number {
    const { entries } = this;
    const first = (place & this.mask) * ways;
    for (let i = first; i < first + ways; i++) {
      const entry = entries[i]!;
      if ((entry ^ print) >>> 2 !== 0 || (entry & markBits) === 0) continue;
      toFront(entries, first, i, entry);
      return entry & markBits;
    }
    return 0;
  }

  /** `mark`: 1 to 3. One that it has gets the new mark. */
  add(place: number, print: number, mark: number): void {
    const first = (place & this.mask) * ways;
    const at = this.find(place, print) === 0 ? first + ways - 1 : first;
    toFront(this.entries, first, at, (print & ~markBits) | mark);
  }
}

function toFront(entries: Uint32Array, first: number, at: number, entry: number): void {
  for (let i = at; i > first; i--) entries[i] = entries[i - 1]!;
  entries[first] = entry;
}
