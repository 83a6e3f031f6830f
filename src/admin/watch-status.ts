// `surgegate status --watch`: the status again and again until a signal comes. An edge that does not answer for a while is told, with
// the last that it said.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../terminal.ts';
import type { AdminPlace } from './fetch-admin.ts';
import { fetchSight, type Sight } from './fetch-status.ts';
import { openScreen } from './screen.ts';
import { statusText } from './status-text.ts';

export interface WatchOptions {
  readonly place: AdminPlace;
  /** From the begin of one look to that of the next, ms. */
  readonly everyMs: number;
  /** One object a line in place of pages. */
  readonly json: boolean;
  readonly out: Output;
  readonly environment?: NodeJS.ProcessEnv;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Lines of what has happened last, below the rest. */
const mostEvents = 8;

/** Rejects with one line where the first look fails; after that it goes on until `signal`, and resolves. */
export async function watchStatus({ place, everyMs, json, out, environment, signal }: WatchOptions): Promise<void> {
  const ended = new Promise<Error>((resolve) => {
    signal.addEventListener('abort', () => resolve(new Error('it was ended')), { once: true });
  });
  const look = (): Promise<Sight | Error> =>
    Promise.race([fetchSight(place, mostEvents).catch((error: Error) => error), ended]);
  let began = Date.now();
  let sight = await look();
  if (signal.aborted) return;
  if (sight instanceof Error) throw sight;
  const screen = json ? undefined : openScreen(out, environment);
  let last = '';
  try {
    while (!signal.aborted) {
      if (sight instanceof Error) {
        const text = `NOT REACHED: ${sight.message}`;
        if (json) out.write(`${JSON.stringify({ at: new Date().toISOString(), error: sight.message })}\n`);
        screen?.show(out.isTTY === true ? `${text}\n${last}` : text, true);
      } else {
        last = statusText(sight.status, sight);
        if (json) out.write(`${JSON.stringify(sight.status)}\n`);
        screen?.show(last);
      }
      await sleep(Math.max(0, began + everyMs - Date.now()), undefined, { signal }).catch(() => undefined);
      began = Date.now();
      if (!signal.aborted) sight = await look();
    }
  } finally {
    screen?.end();
  }
}

const range = [0.2, 3600] as const;

/** `--watch` as it is written, `true` for no value: 2 s. Throws one line that names the range. */
export function watchMs(written: string | true): number {
  const seconds = written === true ? 2 : Number(written);
  if (seconds >= range[0] && seconds <= range[1]) return seconds * 1000;
  throw new Error(`--watch: ${written} is not ${range[0]} to ${range[1]} seconds`);
}
