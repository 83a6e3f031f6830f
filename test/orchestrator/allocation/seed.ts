/** `SURGEGATE_SEED` repeats a run; fast-check prints the seed of a failure. */
export const seed = process.env.SURGEGATE_SEED === undefined ? {} : { seed: Number(process.env.SURGEGATE_SEED) };
