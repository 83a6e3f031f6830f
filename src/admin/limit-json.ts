// Numbers in answers: three digits behind the point, and null for a limit that is not there.

export type Limit = number | null;

/** JSON has no Infinity: null stands for what is not there, or not known. */
export function limit(value: number | undefined): Limit {
  return value !== undefined && Number.isFinite(value) ? rounded(value) : null;
}

export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
