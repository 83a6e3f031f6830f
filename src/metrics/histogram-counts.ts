// A histogram as plain arrays, for the hot path: one comparison per bucket and no memory per value.

export class HistogramCounts {
  /** Upper bounds of the buckets, rising; a last one without a bound is implied. */
  readonly bounds: readonly number[];
  /** Values per bucket, not accumulated; one longer than `bounds`. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value, in the unit of the bounds, in the first bucket whose bound is not below it. */
  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
  }

  /** How many values there were. */
  count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
