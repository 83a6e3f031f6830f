// What comes and what this process uses, over the last second: for the reports to orchestrators. Reports come each second, so that
// no call is counted in two of them and none is left out.
import type { LoadSample } from '../control/load-sample.ts';

const windowMs = 1000;

interface Slice {
  readonly ms: number;
  readonly offered: number;
  readonly priority: number;
  readonly admitted: number;
  readonly completed: number;
  readonly cpuMs: number;
}

export interface UseRates {
  /** New calls of all classes that came, per second; those of them that are privileged. */
  readonly offeredPerSecond: number;
  readonly priorityPerSecond: number;
  /** Sent on, the privileged among them; answered with 2xx. */
  readonly admittedPerSecond: number;
  readonly completedPerSecond: number;
  readonly cpuCores: number;
}

export class HostUse {
  private readonly cpuUsage: () => NodeJS.CpuUsage;
  private slices: Slice[] = [];
  private cpuBefore: number | undefined;

  constructor(cpuUsage: () => NodeJS.CpuUsage = () => process.cpuUsage()) {
    this.cpuUsage = cpuUsage;
  }

  note({ intervalMs, interfaces, switches }: LoadSample): void {
    const { user, system } = this.cpuUsage();
    const cpu = (user + system) / 1000;
    const sum = (of: (one: LoadSample['interfaces'][number]) => number) =>
      interfaces.reduce((all, one) => all + of(one), 0);
    const priority = sum(({ arrivals }) => arrivals.emergency + arrivals.priority);
    this.slices.push({
      ms: intervalMs,
      offered: priority + sum(({ arrivals }) => arrivals.newCall),
      priority,
      admitted: priority + sum(({ neighbours }) => neighbours.reduce((all, one) => all + one.admitted, 0)),
      completed: switches.reduce((all, { answered }) => all + answered, 0),
      cpuMs: cpu - (this.cpuBefore ?? cpu),
    });
    this.cpuBefore = cpu;
    let totalMs = this.slices.reduce((all, { ms }) => all + ms, 0);
    // what is left is a second, or a little more
    while (totalMs - (this.slices[0]?.ms ?? 0) >= windowMs) totalMs -= this.slices.shift()?.ms ?? 0;
  }

  /** 0 before the first sample. */
  rates(): UseRates {
    const { slices } = this;
    const totalMs = slices.reduce((all, { ms }) => all + ms, 0);
    const perSecond = (of: (one: Slice) => number) =>
      totalMs === 0 ? 0 : (slices.reduce((all, one) => all + of(one), 0) * 1000) / totalMs;
    return {
      offeredPerSecond: perSecond(({ offered }) => offered),
      priorityPerSecond: perSecond(({ priority }) => priority),
      admittedPerSecond: perSecond(({ admitted }) => admitted),
      completedPerSecond: perSecond(({ completed }) => completed),
      cpuCores: perSecond(({ cpuMs }) => cpuMs) / 1000,
    };
  }
}
