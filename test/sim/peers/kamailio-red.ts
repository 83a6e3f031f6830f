// Kamailio `ratelimit`, algorithm RED (module documentation, "Random Early Detection (RED)"): the load of the window before, in
// whole multiples of the limit, tells that one in so many passes now. So up to twice the limit passes untouched, and so does
// all of the first window of a surge. Refusals are plain 503s; it knows no priority.
import type { ControlledEdge, EdgeInput } from '../controlled-edge.ts';
import { makeKamailioRatelimit } from './kamailio-ratelimit.ts';

export function makeKamailioRed(input: EdgeInput): ControlledEdge {
  return makeKamailioRatelimit(input, (window, quota) => {
    const load = Math.floor(window.lastCount / quota);
    return ++window.count % Math.max(1, load) === 0;
  });
}
