// OPTIONS to each switch every 5 s, lost after 2 s (the defaults of config/schema.ts), as edge/health-checks.ts sends them.
import type { Switches } from '../../src/edge/switches.ts';

const intervalMs = 5000;
const timeoutMs = 2000;

export class SimHealth {
  private readonly switches: Switches;
  private readonly dueMs: number[];
  private readonly lostMs: number[];

  constructor(switches: Switches) {
    this.switches = switches;
    this.dueMs = switches.all.map((_, i) => (intervalMs * i) / switches.all.length);
    this.lostMs = switches.all.map(() => Number.POSITIVE_INFINITY);
  }

  /** `isAlive`: whether each would answer now. */
  tick(isAlive: readonly boolean[], nowMs: number): void {
    for (const [i, one] of this.switches.all.entries()) {
      if (nowMs >= this.lostMs[i]!) {
        this.lostMs[i] = Number.POSITIVE_INFINITY;
        this.switches.note(one, { kind: 'probe-timeout' });
      }
      if (nowMs < this.dueMs[i]!) continue;
      this.dueMs[i]! += intervalMs;
      this.switches.note(one, { kind: 'probe-sent' });
      if (isAlive[i]) this.switches.note(one, { kind: 'probe-response', status: 200 });
      else this.lostMs[i] = nowMs + timeoutMs;
    }
  }
}
