// When each switch is asked whether it lives: at its own times, spread over the interval, so that they are not all asked at once.
import type { Switch } from './switches.ts';

export class ProbeTimes {
  private readonly dueMs = new Map<Switch, number>();

  /** Those that are due; call about ten times a second. A switch that is gone is forgotten. */
  take(switches: readonly Switch[], nowMs: number, intervalMs: number): Switch[] {
    const due = switches.filter((one, index) => {
      const at = this.dueMs.get(one);
      if (at === undefined) this.dueMs.set(one, nowMs + (intervalMs * index) / switches.length);
      if (at === undefined ? index > 0 : nowMs < at) return false;
      this.dueMs.set(one, nowMs + intervalMs);
      return true;
    });
    for (const one of this.dueMs.keys()) if (!switches.includes(one)) this.dueMs.delete(one);
    return due;
  }
}
