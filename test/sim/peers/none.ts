// No control: every call is sent on, the switches in turn. What RFC 6357 §3 describes happens to them.
import { type ControlledEdge, type EdgeInput, forwardTo } from '../controlled-edge.ts';

export function makeNone({ switches }: EdgeInput): ControlledEdge {
  let turn = 0;
  return {
    switchTimeoutMs: 32_000, // Timer B (RFC 3261 §17.1.1.2)
    onInvite: () => forwardTo(turn++ % switches.length),
    onRegister: () => 'pass',
    onProgress() {},
    onTimeout: () => 'over',
    onGone() {},
    tick() {},
  };
}
