// Waiting for a condition instead of for a time: every end-to-end test goes on as soon as what it waits for holds.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with the first value of `probe` that is neither undefined nor false. A probe that throws counts as "not
 * yet". Rejects after `limitMs` with a text that names `what` and the last error.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 10_000,
  everyMs = 20,
): Promise<T> {
  const end = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms for ${what}${last ? `: ${String(last)}` : ''}`);
    await sleep(everyMs);
  }
}
