// A map whose keys are numbers that are hashes already: open addressing with linear probing (Knuth, TAOCP 3, §6.4, algorithm L),
// and deletion that leaves no marks (algorithm R). A look-up among 100,000 costs one or two cache misses; Map hashes each key
// again, by a call into the runtime, and follows chains.

const smallest = 1024;

/** Keys: whole numbers of 0 to 2^53-1, of which the lower 32 bits are spread evenly. */
export class NumberMap<T> {
  size = 0;
  #keys = new Float64Array(smallest);
  /** undefined: the place is free. */
  #values: (T | undefined)[] = new Array<T | undefined>(smallest).fill(undefined);
  #mask = smallest - 1;

  get(key: number): T | undefined {
    return this.#values[this.#place(key)];
  }

  set(key: number, value: T): void {
    if (this.size * 2 > this.#mask) this.#grow();
    const place = this.#place(key);
    if (this.#values[place] === undefined) this.size++;
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  /** False where there is none. */
  delete(key: number): boolean {
    let free = this.#place(key);
    if (this.#values[free] === undefined) return false;
    this.size--;
    // what a search for would have passed the place that is now free moves into it
    for (let i = (free + 1) & this.#mask; this.#values[i] !== undefined; i = (i + 1) & this.#mask) {
      const home = this.#keys[i]! & this.#mask;
      if (((i - home) & this.#mask) < ((i - free) & this.#mask)) continue;
      this.#keys[free] = this.#keys[i]!;
      this.#values[free] = this.#values[i];
      free = i;
    }
    this.#values[free] = undefined;
    return true;
  }

  *values(): IterableIterator<T> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** Where the key is, or where it would be put. */
  #place(key: number): number {
    const keys = this.#keys;
    const values = this.#values;
    const mask = this.#mask;
    let i = key & mask;
    while (values[i] !== undefined && keys[i] !== key) i = (i + 1) & mask;
    return i;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const places = keys.length * 2;
    this.#keys = new Float64Array(places);
    this.#values = new Array<T | undefined>(places).fill(undefined);
    this.#mask = places - 1;
    for (let i = 0; i < keys.length; i++) {
      if (values[i] === undefined) continue;
      const place = this.#place(keys[i]!);
      this.#keys[place] = keys[i]!;
      this.#values[place] = values[i];
    }
  }
}
