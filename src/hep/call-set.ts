// Calls known by the hash of their Call-ID: a table of a fixed size without an allocation or a clock. Each call has four
// places; the one heard of longest ago gives way.

const ways = 4;

export class CallSet {
  private readonly prints: Uint32Array;
  private readonly mask: number;

  /** `most`: calls it holds at the best, a power of two of at least 4; 4 bytes each. */
  constructor(most: number) {
    this.prints = new Uint32Array(most);
    this.mask = most / ways - 1;
  }

  /** `place` and `print`: two hashes of the same Call-ID, 32 bits each. What is found counts as heard of. */
  has(place: number, print: number): boolean {
    const { prints } = this;
    const first = (place & this.mask) * ways;
    const wanted = used(print);
    for (let i = first; i < first + ways; i++) {
      if (prints[i] !== wanted) continue;
      toFront(prints, first, i, wanted);
      return true;
    }
    return false;
  }

  add(place: number, print: number): void {
    const first = (place & this.mask) * ways;
    toFront(this.prints, first, first + ways - 1, used(print));
  }
}

/** 0 marks a free place. */
const used = (print: number): number => (print === 0 ? 1 : print >>> 0);

function toFront(prints: Uint32Array, first: number, at: number, print: number): void {
  for (let i = at; i > first; i--) prints[i] = prints[i - 1]!;
  prints[first] = print;
}
