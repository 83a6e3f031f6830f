// A host of 100 cores whose time is passed by hand: steps allocation once a second, the uses being what a case says they are.
import type { Amounts } from '../../../src/congestion/amounts.ts';
import type { RunningMode } from '../../../src/control/throttle.ts';
import {
  type AllocationInput,
  type AllocationStep,
  askFor,
  initialAllocation,
  stepAllocation,
} from '../../../src/orchestrator/allocation/allocate.ts';
import { type AllocationRules, defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import type { ApplicationLoad } from '../../../src/orchestrator/allocation/application-load.ts';

export class HostDay {
  applications: readonly ApplicationLoad[];
  mode: RunningMode = 'L0';
  reductionRatio = 0;
  nowMs = 0;
  hostMaximum: Amounts = { cpuCores: 100 };
  last: AllocationStep;
  readonly causes: string[] = [];
  readonly #rules: AllocationRules;

  constructor(applications: readonly ApplicationLoad[], rules: Partial<AllocationRules> = {}) {
    this.applications = applications;
    this.#rules = { ...defaultAllocationRules, ...rules };
    this.last = this.#record(stepAllocation(initialAllocation, this.#input([]), this.#rules));
  }

  /** Cores of each. */
  get has(): Record<string, number | undefined> {
    return cores(this.last.allocations);
  }
  get boundaries(): Record<string, number | undefined> {
    return cores(this.last.boundaries);
  }
  get lent(): Record<string, number | undefined> {
    return cores(this.last.lent);
  }

  pass(seconds: number, unused: AllocationInput['unused'] = []): this {
    for (let i = 0; i < seconds; i++) {
      this.nowMs += 1000;
      this.last = this.#record(stepAllocation(this.last.state, this.#input(i === 0 ? unused : []), this.#rules));
    }
    return this;
  }

  ask(application: string, wanted: Amounts | number) {
    const amounts = typeof wanted === 'number' ? { cpuCores: wanted } : wanted;
    const { answer, ...step } = askFor(this.last.state, { application, wanted: amounts }, this.#input([]), this.#rules);
    this.last = this.#record(step);
    return answer;
  }

  /** From now on. */
  uses(uses: Record<string, number>): this {
    this.applications = this.applications.map((one) => {
      const cpuCores = uses[one.name];
      if (cpuCores === undefined) return one;
      return { ...one, used: { cpuCores }, usedBefore: this.mode === 'L0' ? { cpuCores } : one.usedBefore };
    });
    return this;
  }

  #input(unused: AllocationInput['unused']): AllocationInput {
    const cpuCores = this.applications.reduce((all, { used }) => all + (used.cpuCores ?? 0), 0);
    const { nowMs, mode, reductionRatio, applications } = this;
    const host = { maximum: this.hostMaximum, used: { cpuCores } };
    return { nowMs, mode, reductionRatio, applications, host, unused };
  }

  #record(step: AllocationStep): AllocationStep {
    for (const { rule, application, fromAmount, toAmount } of step.causes) {
      this.causes.push(`${this.nowMs / 1000} s ${application} ${rule} ${tenth(fromAmount)} → ${tenth(toAmount)}`);
    }
    return step;
  }
}

const tenth = (amount: number): number => Math.round(amount * 10) / 10;

const cores = (all: ReadonlyMap<string, Amounts>): Record<string, number | undefined> =>
  Object.fromEntries(
    [...all].map(([name, { cpuCores }]) => [
      name,
      cpuCores === undefined ? undefined : Math.round(cpuCores * 1e6) / 1e6,
    ]),
  );
