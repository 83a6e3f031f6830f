// Kamailio `ratelimit`, algorithm RED (module documentation, "Random Early Detection (RED)"): the load of the window before, in
// whole multiples of the limit, tells that one in so many passes now. So up to twice the limit passes untouched, and so does
// all of the first window of a surge. Refusals are plain 503s; it knows no priority.
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';
import { KamailioWindow, windowSeconds } from './kamailio-window.ts';

export function makeKamailioRed({ switches, configuredPerSecond }: EdgeInput): ControlledEdge {
  const window = new KamailioWindow();
  const quota = (configuredPerSecond ?? Number.POSITIVE_INFINITY) * windowSeconds;
  let turn = 0;
  const passes = (): boolean => {
    const load = Math.floor(window.lastCount / quota);
    return ++window.count % Math.max(1, load) === 0;
  };
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
