// Kamailio `ratelimit`, algorithm TAILDROP (module documentation, "Tail Drop (TAILDROP)"): a window lets through `limit` times
// its length, as they come, and nothing after that until the next window. Refusals are plain 503s; it knows no priority.
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';
import { KamailioWindow, windowSeconds } from './kamailio-window.ts';

export function makeKamailioTaildrop({ switches, configuredPerSecond }: EdgeInput): ControlledEdge {
  const window = new KamailioWindow();
  const quota = (configuredPerSecond ?? Number.POSITIVE_INFINITY) * windowSeconds;
  let turn = 0;
  const passes = (): boolean => ++window.count <= quota;
  return {
    switchTimeoutMs: 32_000,
    onInvite: () => (passes() ? forwardTo(turn++ % switches.length) : refuseFor(0)),
    onRegister: () => (passes() ? 'pass' : 0),
    onProgress() {},
    onTimeout: () => 'over',
    onGone() {},
    tick: (nowMs) => window.tick(nowMs),
  };
}
