// Project Clearwater's LoadMonitor, after Welsh and Culler, "Adaptive Overload Control for Busy Internet Servers" (USITS 2003):
// a token bucket whose rate is set anew after every 20 completions. err = (mean latency - target) / target. Above target, or
// when downstream refused anything: rate / 1.2. Well below it: rate + 0.5 × -err × bucket size, if more than half of the rate
// was used. Defaults of sprout: target 100 ms, bucket 1,000, lowest rate 10/s, 100/s to begin with; here it begins with the
// switches' capacity where that is known. The bucket's cap holds, as meant (the published code tests the increment alone).
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';

const completionsPerStep = 20;
const targetMs = 100;
const bucketSize = 1000;
const lowestPerSecond = 10;
const firstPerSecond = 100;

export class LoadMonitor {
  ratePerSecond: number;
  private tokens = bucketSize;
  private filledMs = 0;
  private completions = 0;
  private latencySumMs = 0;
  private penalties = 0;
  private steppedMs = 0;

  constructor(ratePerSecond: number) {
    this.ratePerSecond = ratePerSecond;
  }

  admit(nowMs: number): boolean {
    this.tokens = Math.min(bucketSize, this.tokens + ((nowMs - this.filledMs) * this.ratePerSecond) / 1000);
    this.filledMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  penalise(): void {
    this.penalties++;
  }

  complete(latencyMs: number, nowMs: number): void {
    this.latencySumMs += latencyMs;
    if (++this.completions < completionsPerStep) return;
    const error = (this.latencySumMs / this.completions - targetMs) / targetMs;
    const usedPerSecond = (completionsPerStep * 1000) / Math.max(1, nowMs - this.steppedMs);
    if (error > 0 || this.penalties > 0) this.ratePerSecond = Math.max(lowestPerSecond, this.ratePerSecond / 1.2);
    else if (error < -0.005 && usedPerSecond > this.ratePerSecond / 2) this.ratePerSecond += -error * bucketSize * 0.5;
    this.completions = 0;
    this.latencySumMs = 0;
    this.penalties = 0;
    this.steppedMs = nowMs;
  }
}

export function makeClearwater({ switches, configuredPerSecond }: EdgeInput): ControlledEdge {
  const monitor = new LoadMonitor(configuredPerSecond ?? firstPerSecond);
  let turn = 0;
  return {
    switchTimeoutMs: 32_000,
    onInvite: (_, nowMs) => (monitor.admit(nowMs) ? forwardTo(turn++ % switches.length) : refuseFor(0)),
    onRegister: (nowMs) => (monitor.admit(nowMs) ? 'pass' : 0),
    onProgress(call, status, nowMs) {
      if (status === 503) monitor.penalise();
      monitor.complete(nowMs - call.sentMs, nowMs);
    },
    onTimeout(call, nowMs) {
      monitor.penalise();
      monitor.complete(nowMs - call.sentMs, nowMs);
      return 'over';
    },
    onGone: (call, nowMs) => monitor.complete(nowMs - call.sentMs, nowMs),
    tick() {},
  };
}
