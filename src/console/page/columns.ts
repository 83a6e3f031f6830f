// What the plots are drawn from: columns of numbers by name (`priority/offered`, `interfaces/south/refused`), filled from
// GET /v1/history and prolonged by the rows of the stream. Pure.

export type Values = (number | null)[];

/** As GET /v1/history answers, and a row of the stream: the same with a number in place of each array. */
export interface Tree {
  readonly [name: string]: Tree | readonly (number | null)[] | number | null;
}

export class Columns {
  /** Seconds since 1970, oldest first; of the same length as each of the others. */
  readonly at: number[] = [];
  private readonly named = new Map<string, Values>();
  private readonly most: number;

  /** `most`: rows that are kept. */
  constructor(most: number) {
    this.most = most;
  }

  get length(): number {
    return this.at.length;
  }

  /** In place of all that there was. */
  load(history: Tree): void {
    this.at.length = 0;
    this.named.clear();
    const times = history.at;
    if (!Array.isArray(times)) return;
    for (const time of times as number[]) this.at.push(time);
    for (const [name, leaf] of leavesOf(history)) {
      if (name !== 'at' && Array.isArray(leaf) && leaf.length === times.length) this.named.set(name, [...leaf]);
    }
    this.cut();
  }

  /** Whether it is newer than the newest; others are not taken. */
  append(row: Tree): boolean {
    const { at } = row;
    if (typeof at !== 'number' || at <= (this.at.at(-1) ?? 0)) return false;
    const before = this.at.length;
    this.at.push(at);
    const leaves = new Map(leavesOf(row));
    for (const name of leaves.keys()) {
      if (name !== 'at' && !this.named.has(name)) this.named.set(name, new Array<number | null>(before).fill(null));
    }
    for (const [name, values] of this.named) {
      const leaf = leaves.get(name);
      values.push(typeof leaf === 'number' ? leaf : null);
    }
    this.cut();
    return true;
  }

  /** Nulls where there is no such column. */
  column(name: string): Values {
    return this.named.get(name) ?? new Array<number | null>(this.at.length).fill(null);
  }

  /** Row by row, of those that match; null where any of them is not known, or there is none. */
  sum(pattern: RegExp): Values {
    const parts = [...this.named].filter(([name]) => pattern.test(name)).map(([, values]) => values);
    return this.at.map((_, i) => {
      let total = 0;
      for (const values of parts) {
        const value = values[i];
        if (value === null || value === undefined) return null;
        total += value;
      }
      return parts.length === 0 ? null : total;
    });
  }

  /** `south` of `interfaces/south/…`. */
  membersOf(group: string): string[] {
    const names = [...this.named.keys()].filter((name) => name.startsWith(`${group}/`));
    return [...new Set(names.map((name) => name.slice(group.length + 1, name.lastIndexOf('/'))))];
  }

  private cut(): void {
    const surplus = this.at.length - this.most;
    if (surplus <= 0) return;
    this.at.splice(0, surplus);
    for (const values of this.named.values()) values.splice(0, surplus);
  }
}

/** Of what is known of the last `rows` rows; null where nothing is. */
export function meanOfLast(values: Values, rows: number): number | null {
  const known = values.slice(-rows).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export const total = (values: Values): number => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

function* leavesOf(tree: Tree, prefix = ''): Generator<[string, Exclude<Tree[string], Tree>]> {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      yield* leavesOf(value as Tree, `${prefix}${name}/`);
    else yield [prefix + name, value as Exclude<Tree[string], Tree>];
  }
}
