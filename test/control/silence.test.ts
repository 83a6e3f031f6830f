// A switch that dies under overload, and is back.
import { expect, it } from 'vitest';
import { runLoop } from './closed-loop.ts';
import { type ModelSwitch, workQueueSwitch } from './model-switch.ts';

const capacity = 60;
const never = { firstMs: Infinity, finalMs: Infinity, isRefusal: false };

/** Dead from 10 s to 14 s; what is sent to it then is lost. */
function dying(): ModelSwitch {
  const before = workQueueSwitch(capacity);
  const after = workQueueSwitch(capacity);
  return {
    invite(nowMs) {
      if (nowMs >= 10_000 && nowMs < 14_000) return never;
      const answer = (nowMs < 10_000 ? before : after).invite(nowMs);
      return nowMs < 10_000 && answer.finalMs > 10_000 ? never : answer;
    },
    retransmission(nowMs) {
      if (nowMs < 10_000) before.retransmission(nowMs);
      else if (nowMs >= 14_000) after.retransmission(nowMs);
    },
  };
}

it('gets a trickle, and at once what it could do before when it is back', () => {
  for (const configuredPerSecond of [undefined, capacity]) {
    for (const load of [2, 5, 10]) {
      const { seconds } = runLoop({
        seconds: 25,
        seed: 7,
        model: dying(),
        offered: (ms) => (ms < 5000 ? capacity / 2 : load * capacity),
        ...(configuredPerSecond === undefined ? {} : { configuredPerSecond }),
      });
      const sent = seconds.slice(12, 14).reduce((sum, one) => sum + one.sent, 0);
      expect(sent).toBeLessThanOrEqual(6);
      const completed = seconds.slice(16, 24).map((one) => one.completed);
      expect(Math.min(...completed), completed.join()).toBeGreaterThan(0.8 * capacity);
    }
  }
});
