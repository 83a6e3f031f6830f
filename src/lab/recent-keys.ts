// A bounded memory of keys that were in use lately, in two generations: what is known is known for one to two spans.

export class RecentKeys {
  readonly #spanMs: number;
  readonly #limit: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedAtMs = 0;

  /** `spanMs`: a key is remembered at least that long, unless `limit` keys come within it. */
  constructor(spanMs: number, limit: number) {
    this.#spanMs = spanMs;
    this.#limit = limit;
  }

  add(key: string, nowMs: number): void {
    if (nowMs - this.#turnedAtMs >= this.#spanMs || this.#young.size >= this.#limit) {
      this.#old = nowMs - this.#turnedAtMs >= 2 * this.#spanMs ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnedAtMs = nowMs;
    }
    this.#young.add(key);
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }
}
