// Latencies counted in buckets of about 3 % width, from 1 µs to 70 minutes: no allocation per value.
import type { Latency } from './caller-options.ts';

const SUB_BITS = 5;
const SUB = 1 << SUB_BITS;

export class LatencyHistogram {
  readonly #counts = new Uint32Array(32 * SUB);
  #total = 0;
  #maxMs = 0;

  add(valueMs: number): void {
    const us = Math.min(0xffffffff, Math.max(0, valueMs * 1000)) >>> 0;
    this.#counts[bucketOf(us)]! += 1;
    this.#total++;
    if (valueMs > this.#maxMs) this.#maxMs = valueMs;
  }

  get count(): number {
    return this.#total;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** The value that `ratio` (0 to 1) of all values do not exceed, in ms; 0 when there is none. */
  quantileMs(ratio: number): number {
    const wanted = Math.max(1, Math.ceil(this.#total * ratio));
    let seen = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      seen += this.#counts[i]!;
      if (seen >= wanted) return Math.min(this.#maxMs, upperUs(i) / 1000);
    }
    return 0;
  }

  summary(): Latency {
    return {
      count: this.#total,
      p50Ms: this.quantileMs(0.5),
      p99Ms: this.quantileMs(0.99),
      maxMs: this.#maxMs,
    };
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxMs = 0;
  }
}

/** Values below 32 µs have a bucket each; above, every power of two is cut in 32. */
function bucketOf(us: number): number {
  if (us < SUB) return us;
  const power = 31 - Math.clz32(us);
  return (power - SUB_BITS + 1) * SUB + ((us >>> (power - SUB_BITS)) & (SUB - 1));
}

function upperUs(bucket: number): number {
  if (bucket < SUB) return bucket;
  const power = Math.floor(bucket / SUB) + SUB_BITS - 1;
  return (SUB + (bucket % SUB) + 1) * 2 ** (power - SUB_BITS) - 1;
}
