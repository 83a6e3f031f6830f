// On/off control with 503 and a fixed Retry-After (RFC 3261 §21.5.4; RFC 5390 §4 and RFC 6357 §5.5 tell why it oscillates): while
// more calls than the high mark are without progress at the switches, every new one is refused, until they are at the low mark.
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';

const retryAfterSeconds = 10;
/** Marks as so many seconds of the switches' capacity; without it known, of 100 calls a second. */
const highSeconds = 0.4;
const lowSeconds = 0.2;

export function makeOnOffRetryAfter({ switches, configuredPerSecond }: EdgeInput): ControlledEdge {
  const high = (configuredPerSecond ?? 100) * highSeconds;
  const low = (configuredPerSecond ?? 100) * lowSeconds;
  let outstanding = 0;
  let isOff = false;
  let turn = 0;
  const ended = (): void => {
    if (--outstanding <= low) isOff = false;
  };
  return {
    switchTimeoutMs: 32_000,
    onInvite() {
      if (outstanding >= high) isOff = true;
      if (isOff) return refuseFor(retryAfterSeconds);
      outstanding++;
      return forwardTo(turn++ % switches.length);
    },
    onRegister: () => (isOff ? retryAfterSeconds : 'pass'),
    onProgress: ended,
    onTimeout() {
      ended();
      return 'over';
    },
    onGone: ended,
    tick() {},
  };
}
