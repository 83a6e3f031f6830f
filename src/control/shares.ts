// Divides a capacity among those who ask for it: weighted max-min fair. Nobody gets more than it asks for, and what one
// does not need goes to the others by weight, so that a flood at one costs the others nothing that they need.
// Source: water filling, Bertsekas and Gallager, Data Networks §6.5.2.

export interface Claim {
  /** > 0; twice the weight is twice the share where both want more. */
  readonly weight: number;
  /** Calls per second asked for, 0 or more; may be Infinity. */
  readonly demandPerSecond: number;
}

/**
 * The share of each claim in calls per second, in the order of the claims: at most its demand, and in sum at most
 * `capacityPerSecond` (0 to Infinity). Whoever gets less than its demand gets, for its weight, at least what any other
 * gets.
 */
export function maxMinShares(capacityPerSecond: number, claims: readonly Claim[]): number[] {
  const shares = claims.map(({ demandPerSecond }) => demandPerSecond);
  if (capacityPerSecond === Infinity) return shares;
  // Those who ask for least in relation to their weight are served in full first; who comes later shares what is left.
  const order = claims.map((claim, index) => ({ claim, index, level: claim.demandPerSecond / claim.weight }));
  order.sort((a, b) => (a.level < b.level ? -1 : a.level > b.level ? 1 : 0));
  let left = Math.max(0, capacityPerSecond);
  let weights = claims.reduce((sum, { weight }) => sum + weight, 0);
  for (const { claim, index } of order) {
    const share = Math.min(claim.demandPerSecond, left, (left * claim.weight) / weights);
    shares[index] = share;
    left -= share;
    weights -= claim.weight;
  }
  return shares;
}
