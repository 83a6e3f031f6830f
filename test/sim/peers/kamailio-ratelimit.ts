// What Kamailio's `ratelimit` has in common whatever its algorithm: windows, switches in turn, plain 503s, no priority.
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';
import { KamailioWindow, windowSeconds } from './kamailio-window.ts';

/** `passes`: the algorithm; asked for every request, with what a window may let through. */
export function makeKamailioRatelimit(
  { switches, configuredPerSecond }: EdgeInput,
  passes: (window: KamailioWindow, quota: number) => boolean,
): ControlledEdge {
  const window = new KamailioWindow();
  const quota = (configuredPerSecond ?? Number.POSITIVE_INFINITY) * windowSeconds;
  let turn = 0;
  return {
    switchTimeoutMs: 32_000,
    onInvite: () => (passes(window, quota) ? forwardTo(turn++ % switches.length) : refuseFor(0)),
    onRegister: () => (passes(window, quota) ? 'pass' : 0),
    onProgress() {},
    onTimeout: () => 'over',
    onGone() {},
    tick: (nowMs) => window.tick(nowMs),
  };
}
