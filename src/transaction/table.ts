// The transactions that are open, by key: bounded, and counted so that what came in is what went out or is still here.
import { NumberMap } from './number-map.ts';

/** How a transaction left: it ran its course, or a timer gave it up (B, H; RFC 3261 §17). */
export type TransactionEnd = 'ended' | 'expired';

/** added = ended + expired + open, always. */
export interface TableCounts {
  readonly added: number;
  readonly ended: number;
  readonly expired: number;
  /** Not taken in because the table was full. */
  readonly refused: number;
  /** Open now. */
  readonly open: number;
  /** The most that were ever open at once. */
  readonly peak: number;
}

/** The key: a hash that is the same for all messages of one transaction, as `NumberMap` wants it. */
export class TransactionTable<T> {
  readonly maxSize: number;
  readonly #byKey = new NumberMap<T>();
  #added = 0;
  #ended = 0;
  #expired = 0;
  #refused = 0;
  #peak = 0;

  /** `maxSize`: transactions open at once, at least 1. */
  constructor(maxSize: number) {
    this.maxSize = maxSize;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get full(): boolean {
    return this.#byKey.size >= this.maxSize;
  }

  get(key: number): T | undefined {
    return this.#byKey.get(key);
  }

  /** False where the table is full (counted as refused) or the key is taken: then nothing changes. */
  add(key: number, transaction: T): boolean {
    if (this.#byKey.get(key) !== undefined) return false;
    if (this.full) {
      this.#refused++;
      return false;
    }
    this.#byKey.set(key, transaction);
    this.#added++;
    if (this.#byKey.size > this.#peak) this.#peak = this.#byKey.size;
    return true;
  }

  /** False where there is none. */
  remove(key: number, how: TransactionEnd): boolean {
    if (!this.#byKey.delete(key)) return false;
    if (how === 'expired') this.#expired++;
    else this.#ended++;
    return true;
  }

  values(): IterableIterator<T> {
    return this.#byKey.values();
  }

  counts(): TableCounts {
    return {
      added: this.#added,
      ended: this.#ended,
      expired: this.#expired,
      refused: this.#refused,
      open: this.#byKey.size,
      peak: this.#peak,
    };
  }
}
