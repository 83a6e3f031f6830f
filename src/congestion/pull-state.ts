// How a client fetches orders as they change: a stream of server-sent events, else long polls, else not at all (the answers to reports
// carry them too), and when it tries again. Pure.
import { backOffMs } from './back-off.ts';

export type PullWay = 'events' | 'poll' | 'none';

/** What became of one stream, poll or pause. */
export type PullResult =
  | 'worked' // and came to an end as it may
  | 'not-offered'
  | 'wrong' // garbage, another session's orders, or an end at once
  | 'no-answer' // which says nothing against this way
  | 'paused';

export interface PullState {
  readonly way: PullWay;
  /** In a row, of this way. */
  readonly wrongs: number;
  readonly failures: number;
}

/** As many in a row, and the next way is taken. */
const mostWrongs = 3;
/** With no way left: until the first is tried again, ms. */
export const pauseMs = 60_000;
/** Between one stream or poll and the next, where all is well, ms. */
const restMs = 50;

export const initialPull: PullState = { way: 'events', wrongs: 0, failures: 0 };

/** `waitMs`: before the next attempt. `random`: 0 to 1. */
export function stepPull(state: PullState, result: PullResult, random: number): { state: PullState; waitMs: number } {
  switch (result) {
    case 'worked':
      return { state: { ...state, wrongs: 0, failures: 0 }, waitMs: restMs * (1 + random) };
    case 'no-answer': {
      const failures = state.failures + 1;
      return { state: { ...state, failures }, waitMs: backOffMs(failures, random) };
    }
    case 'not-offered':
      return { state: nextWay(state), waitMs: restMs };
    case 'wrong': {
      const wrongs = state.wrongs + 1;
      const next = wrongs >= mostWrongs ? nextWay(state) : { ...state, wrongs };
      return { state: next, waitMs: backOffMs(wrongs, random) };
    }
    case 'paused':
      return { state: initialPull, waitMs: 0 };
  }
}

function nextWay({ way }: PullState): PullState {
  return { way: way === 'events' ? 'poll' : 'none', wrongs: 0, failures: 0 };
}
