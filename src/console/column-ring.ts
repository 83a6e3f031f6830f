// The last rows of a table whose columns come and go, in typed arrays: memory is bounded by the rows times the columns in use.

export class ColumnRing {
  private readonly size: number;
  private readonly at: Float64Array;
  private readonly columns = new Map<string, Float64Array>();
  private next = 0;
  private count = 0;

  /** `size`: rows that are kept. */
  constructor(size: number) {
    this.size = size;
    this.at = new Float64Array(size);
  }

  get columnCount(): number {
    return this.columns.size;
  }

  /** `at` above that of the row before. A column that is not among the values has NaN in this row. */
  add(at: number, values: ReadonlyMap<string, number>): void {
    const i = this.next;
    this.at[i] = at;
    for (const column of this.columns.values()) column[i] = Number.NaN;
    for (const [name, value] of values) this.column(name)[i] = value;
    this.next = (i + 1) % this.size;
    this.count = Math.min(this.count + 1, this.size);
    if (this.next === 0) this.forgetEmpty();
  }

  clear(): void {
    this.columns.clear();
    this.next = 0;
    this.count = 0;
  }

  /** Places of the rows above `after`, the oldest first: for `timeAt` and `read`. */
  rowsAfter(after: number): number[] {
    const places: number[] = [];
    for (let i = 0; i < this.count; i++) {
      const place = (this.next - this.count + i + this.size) % this.size;
      if (this.at[place]! > after) places.push(place);
    }
    return places;
  }

  timeAt(place: number): number {
    return this.at[place]!;
  }

  /** Of the newest row; -Infinity where there is none. */
  get newest(): number {
    return this.count === 0 ? Number.NEGATIVE_INFINITY : this.at[(this.next - 1 + this.size) % this.size]!;
  }

  /** NaN where the column had no value. */
  read(name: string, places: readonly number[]): number[] {
    const column = this.columns.get(name);
    return places.map((place) => column?.[place] ?? Number.NaN);
  }

  private column(name: string): Float64Array {
    const known = this.columns.get(name);
    if (known !== undefined) return known;
    const made = new Float64Array(this.size).fill(Number.NaN);
    this.columns.set(name, made);
    return made;
  }

  /** Once in each round: columns without a value in all of it, of a switch that has gone. */
  private forgetEmpty(): void {
    for (const [name, column] of this.columns) if (column.every(Number.isNaN)) this.columns.delete(name);
  }
}
