// Which message of a sender is the newest: instances are random, sequence numbers grow with each message of one instance, and what is
// not above the last is a duplicate or late. No clock takes part, so no two clocks have to agree.

export interface Instances {
  readonly current: string;
  /** Of the current one. */
  readonly lastSequence: number;
  /** Those before it, the newest first, so that a late message of theirs is known as one. */
  readonly earlier: readonly { readonly instance: string; readonly lastSequence: number }[];
}

export type Turn =
  | 'new-instance' // nothing of the one before it counts any more
  | 'newer'
  | 'out-of-turn'; // a duplicate, or late: it changes nothing

/** How many replaced instances are remembered. */
const mostEarlier = 8;

/** What a message of this instance is, and what is known after it. `known` undefined: nobody was there before. */
export function turnOf(
  known: Instances | undefined,
  instance: string,
  sequence: number,
): { readonly turn: Turn; readonly instances: Instances } {
  if (known === undefined) {
    return { turn: 'new-instance', instances: { current: instance, lastSequence: sequence, earlier: [] } };
  }
  if (instance === known.current) {
    if (sequence <= known.lastSequence) return { turn: 'out-of-turn', instances: known };
    return { turn: 'newer', instances: { ...known, lastSequence: sequence } };
  }
  // One that was replaced and goes on counting is alive: two processes have one name, and the last to speak has it.
  const before = known.earlier.find((one) => one.instance === instance);
  if (before !== undefined && sequence <= before.lastSequence) return { turn: 'out-of-turn', instances: known };
  const others = known.earlier.filter((one) => one.instance !== instance);
  const earlier = [{ instance: known.current, lastSequence: known.lastSequence }, ...others].slice(0, mostEarlier);
  return { turn: 'new-instance', instances: { current: instance, lastSequence: sequence, earlier } };
}
