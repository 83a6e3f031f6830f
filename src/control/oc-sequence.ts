// Sequence numbers of overload control: oc-seq = 1*12DIGIT "." 1*5DIGIT (RFC 7339 §4.4 and §9), a decimal number. Ours are a
// time in seconds with five digits after the dot, held as a whole number of 10 µs ticks.

const ticksPerSecond = 100_000;
/** RFC 7339 §9: twelve digits before the dot. Both factors are whole, and the product below 2^53 as far as the year 4,800. */
const mostTicks = 2 ** 53 - 1;

/**
 * The ticks to send next: the time, or one more than `last` where the clock stands still or went back, so that every one is
 * larger than the one before. `unixMs`: wall clock, so that a restart begins above what was sent before it.
 */
export function nextTicks(last: number, unixMs: number): number {
  const ticks = Math.max(Math.floor((unixMs * ticksPerSecond) / 1000), last + 1);
  // RFC 7339 §4.4: after an overflow, an appropriate base value
  return ticks > mostTicks ? 0 : ticks;
}

/** `ticks`, whole and 0 or more, as it stands on the wire: always five digits after the dot. */
export function sequenceText(ticks: number): string {
  const seconds = Math.floor(ticks / ticksPerSecond);
  return `${seconds}.${String(ticks - seconds * ticksPerSecond).padStart(5, '0')}`;
}

/**
 * Compares two sequence numbers of the form above as decimals: below 0, 0, above 0 as `a` is the smaller, equal, the larger.
 * Digits are compared, so that nothing is rounded; 1.5 and 1.50000 are equal, 1.10 is below 1.9.
 */
export function compareSequences(a: string, b: string): number {
  const [aWhole, aPart] = split(a);
  const [bWhole, bPart] = split(b);
  return compare(aWhole, bWhole) || compare(aPart, bPart);
}

/** Both sides as digits of one length, so that their order as text is their order as numbers. */
function split(sequence: string): [string, string] {
  const dot = sequence.indexOf('.');
  return [sequence.slice(0, dot).padStart(12, '0'), sequence.slice(dot + 1).padEnd(5, '0')];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
