// What a process says of itself some ten times a second, as counts that only rise: how much was done by a time, and in a span. Plain
// functions of numbers; all processes of one machine go by one clock.

export type Ticks<K extends string> = readonly ({ readonly atMs: number } & { readonly [N in K]: number })[];

/** What the test switch had done at a time (Unix time, ms). */
export interface SwitchTick {
  readonly atMs: number;
  readonly invites: number;
  readonly retransmissions: number;
  readonly confirmed: number;
  readonly overloaded: number;
  readonly lost: number;
}

/** How much a count had grown by `atMs`, between two ticks in proportion; after the last as much as there. */
export function countAt<K extends string>(ticks: Ticks<K>, of: K, atMs: number): number {
  let before: Ticks<K>[number] | undefined;
  for (const tick of ticks) {
    if (tick.atMs >= atMs) {
      if (before === undefined) return tick[of];
      const part = (atMs - before.atMs) / (tick.atMs - before.atMs);
      return before[of] + part * (tick[of] - before[of]);
    }
    before = tick;
  }
  return before?.[of] ?? 0;
}

/** By how much it grew from one time to a later one. */
export function countBetween<K extends string>(ticks: Ticks<K>, of: K, fromMs: number, toMs: number): number {
  return countAt(ticks, of, toMs) - countAt(ticks, of, fromMs);
}
