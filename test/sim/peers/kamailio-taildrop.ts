// Kamailio `ratelimit`, algorithm TAILDROP (module documentation, "Tail Drop (TAILDROP)"): a window lets through `limit` times
// its length, as they come, and nothing after that until the next window. Refusals are plain 503s; it knows no priority.
import type { ControlledEdge, EdgeInput } from '../controlled-edge.ts';
import { makeKamailioRatelimit } from './kamailio-ratelimit.ts';

export function makeKamailioTaildrop(input: EdgeInput): ControlledEdge {
  return makeKamailioRatelimit(input, (window, quota) => ++window.count <= quota);
}
