import { describe, expect, it } from 'vitest';
import { Call } from '../call.ts';
import type { EdgeInput } from '../controlled-edge.ts';
import { LoadMonitor } from './clearwater.ts';
import { makeKamailioRed } from './kamailio-red.ts';
import { makeKamailioTaildrop } from './kamailio-taildrop.ts';
import { makeOnOffRetryAfter } from './on-off-retry-after.ts';

const input: EdgeInput = {
  sources: [],
  switches: [{ name: 'sw1', capacityPerSecond: 100, tryingAtOnce: false }],
  backlogMs: () => 0,
  configuredPerSecond: 100,
  random: () => 0,
  output: { forward() {}, refuse() {} },
};
const call = new Call({ source: 0, isPriority: false, digits: '1', called: 11, key: 1, redials: 0, arrivedMs: 0 });

/** What passes in each second of windows that begin at 3.7 s. */
function passedPerSecond(make: typeof makeKamailioRed, perSecond: number, seconds: number): number[] {
  const edge = make(input);
  return Array.from({ length: seconds }, (_, second) => {
    let passed = 0;
    for (let i = 0; i < perSecond; i++) {
      const nowMs = 3700 + second * 1000 + (i * 1000) / perSecond;
      edge.tick(nowMs);
      if (edge.onInvite(call, nowMs).kind === 'forward') passed++;
    }
    return passed;
  });
}

describe('the peers do as their rules say', () => {
  it('TAILDROP spends ten seconds at once, then nothing', () => {
    expect(passedPerSecond(makeKamailioTaildrop, 4000, 11)).toEqual([1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000]);
  });

  it('RED lets the first window pass, then one in the whole multiple of the limit', () => {
    expect(passedPerSecond(makeKamailioRed, 450, 12)).toEqual([...new Array(10).fill(450), 112, 113]);
    expect(passedPerSecond(makeKamailioRed, 190, 12)).toEqual(new Array(12).fill(190));
  });

  it('LoadMonitor: rate / 1.2 above the target or when penalised, more only when used', () => {
    const monitor = new LoadMonitor(120);
    for (let i = 0; i < 20; i++) monitor.complete(200, 100 + i);
    expect(monitor.ratePerSecond).toBeCloseTo(100);
    monitor.penalise();
    for (let i = 0; i < 20; i++) monitor.complete(10, 200 + i);
    expect(monitor.ratePerSecond).toBeCloseTo(100 / 1.2);
    // 20 in 10 s is less than half of the rate: no evidence
    for (let i = 0; i < 20; i++) monitor.complete(10, 10_200);
    expect(monitor.ratePerSecond).toBeCloseTo(100 / 1.2);
    for (let i = 0; i < 20; i++) monitor.complete(50, 10_400);
    expect(monitor.ratePerSecond).toBeCloseTo(100 / 1.2 + 250);
  });

  it('on/off refuses with the same Retry-After from the high mark down to the low one', () => {
    const edge = makeOnOffRetryAfter(input);
    const kinds = Array.from({ length: 41 }, () => edge.onInvite(call, 0));
    expect(kinds.filter((one) => one.kind === 'forward')).toHaveLength(40);
    expect(kinds.at(-1)).toEqual({ kind: 'refuse', retryAfterSeconds: 10 });
    for (let i = 0; i < 19; i++) edge.onProgress(call, 180, 0);
    expect(edge.onInvite(call, 0).kind).toBe('refuse');
    edge.onProgress(call, 180, 0);
    expect(edge.onInvite(call, 0).kind).toBe('forward');
  });
});
