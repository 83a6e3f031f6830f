// Divides an amount like water among vessels: each gets its floor, the rest rises in all of them alike, as wide as their weights are,
// up to each ceiling (weighted max-min fairness, Bertsekas and Gallager, Data Networks §6.5.2).

export interface Claim {
  readonly floor: number;
  /** Where the floor is above it, the ceiling counts. */
  readonly ceiling: number;
  readonly weight: number;
}

/** Weights below this part of the greatest count as none: dividing by them would lose all digits. */
const leastWeightRatio = 1e-6;

/**
 * What each claim gets, in the order of the claims. Where the floors do not fit they are filled in that order, so that the first go
 * without last. What the ceilings of all with a weight leave over goes in equal parts to those without.
 */
export function fill(amount: number, claims: readonly Claim[]): readonly number[] {
  const floors = claims.map(({ floor, ceiling }) => Math.min(floor, ceiling));
  if (sum(floors) >= amount) return inOrder(amount, floors);
  const greatest = Math.max(0, ...claims.map(({ weight }) => weight));
  const weights = claims.map(({ weight }) => (weight > greatest * leastWeightRatio ? weight / greatest : 0));
  const vessels = claims.map(({ ceiling }, i) => ({ floor: floors[i]!, ceiling, weight: weights[i]! }));
  const full = vessels.map(({ floor, ceiling, weight }) => (weight > 0 ? ceiling : floor));
  if (sum(full) > amount) return pour(amount, vessels);
  return pour(
    amount,
    vessels.map(({ ceiling, weight }, i) => ({ floor: full[i]!, ceiling, weight: weight > 0 ? 0 : 1 })),
  );
}

function inOrder(amount: number, floors: readonly number[]): readonly number[] {
  let left = Math.max(0, amount);
  return floors.map((floor) => {
    const given = Math.min(floor, left);
    left -= given;
    return given;
  });
}

/** The level at which they hold the amount lies after the last corner at which they hold no more than it. */
function pour(amount: number, vessels: readonly Claim[]): readonly number[] {
  const at = (level: number) =>
    vessels.map(({ floor, ceiling, weight }) =>
      weight > 0 ? Math.min(ceiling, Math.max(floor, level * weight)) : floor,
    );
  const open = vessels.filter(({ weight, floor, ceiling }) => weight > 0 && floor < ceiling);
  const corners = open.flatMap(({ floor, ceiling, weight }) => [floor / weight, ceiling / weight]);
  const level = Math.max(0, ...corners.filter((corner) => sum(at(corner)) <= amount));
  const held = at(level);
  const rising = open.filter(({ floor, ceiling, weight }) => floor <= level * weight && level * weight < ceiling);
  const width = sum(rising.map(({ weight }) => weight));
  return width === 0 ? held : at(level + Math.max(0, amount - sum(held)) / width);
}

export const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
