// What the orchestrator has done, for the log and for metrics: one line for each change, counts that only rise.
import type { RunningMode } from '../control/throttle.ts';
import type { Log } from '../log.ts';
import type { HostStep } from './host-step.ts';
import type { Interval } from './orchestrator.ts';

export interface OrchestratorCounts {
  readonly transitions: Readonly<Record<RunningMode, number>>;
  /** By application and by what was done. */
  readonly shedding: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly allocation: ReadonlyMap<string, number>;
  /** By route and status, a space between. */
  readonly answers: ReadonlyMap<string, number>;
  readonly callbacks: ReadonlyMap<string, number>;
}

export class StepRecord implements OrchestratorCounts {
  readonly transitions: Record<RunningMode, number> = { L0: 0, L1: 0, L2: 0, L3: 0 };
  readonly shedding = new Map<string, Map<string, number>>();
  readonly allocation = new Map<string, number>();
  readonly answers = new Map<string, number>();
  readonly callbacks = new Map<string, number>();
  private readonly log: Pick<Log, 'info' | 'warn' | 'debug'>;

  constructor(log: Pick<Log, 'info' | 'warn' | 'debug'>) {
    this.log = log;
  }

  /** Every step, those between two intervals too. */
  note({ sheddingEvents, allocation }: HostStep): void {
    for (const { application, what, detail } of sheddingEvents) {
      const kinds = this.shedding.get(application) ?? new Map<string, number>();
      this.shedding.set(application, kinds);
      rise(kinds, what);
      const isForce = what === 'forced' || what === 'suspended';
      this.log[isForce ? 'warn' : 'info'](`application ${what}`, { application, detail });
    }
    for (const { rule, application, resource, fromAmount, toAmount } of allocation.causes) {
      rise(this.allocation, rule);
      this.log.debug('allocation changed', { application, resource, rule, fromAmount, toAmount });
    }
    for (const { application, outcome, granted, reason } of allocation.answered)
      this.log.debug('request decided', { application, outcome, granted, reason });
  }

  noteInterval({ transition, changes, event }: Interval): void {
    if (transition !== undefined) {
      const { from, to, causes } = transition;
      this.transitions[to]++;
      const proposals = event.proposals.map(({ name, proposes, detail }) => `${name} → ${proposes} (${detail})`);
      this.log[to === 'L0' ? 'info' : 'warn']('running mode changed', { from, to, causes, proposals });
    }
    for (const application of changes.silent)
      this.log.warn('application is silent: its lease has ended', { application });
    for (const application of changes.forgotten) this.log.info('application forgotten', { application });
  }
}

export function rise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
