// The timeline: what each second brought, from the counts of callers and switch and from what was seen of host, edge and applications.
import { countBetween, type SwitchTick, type Ticks } from '../ticks.ts';
import { type DemoPlan, type PhaseName, phaseAt } from './plan.ts';

/** What the callers had seen at a time (Unix time, ms), ordinary calls and GETS calls; only what rises. */
export interface CallTick {
  readonly atMs: number;
  readonly offered: number;
  readonly completed: number;
  readonly refused: number;
  readonly getsOffered: number;
  readonly getsCompleted: number;
}

/** What was last known of modes and processes when a second was over. */
export interface Sighting {
  readonly mode: string;
  readonly causes: readonly string[];
  readonly edgeMode: string;
  /** What the host allows the edge, calls of all classes per second; null: no boundary. */
  readonly boundaryPerSecond: number | null;
  /** Processor time that each application used, cores. */
  readonly cores: Readonly<Record<string, number>>;
}

export interface Second extends Sighting {
  /** From the begin of the calls. */
  readonly second: number;
  readonly phase: PhaseName;
  /** Calls of all kinds, and those that the switch carried. */
  readonly offered: number;
  readonly goodput: number;
  /** Ordinary ones. */
  readonly completed: number;
  readonly refused: number;
  readonly getsOffered: number;
  readonly getsCompleted: number;
}

export function secondOf(
  second: number,
  plan: DemoPlan,
  beganMs: number,
  calls: Ticks<Exclude<keyof CallTick, 'atMs'>>,
  switched: readonly SwitchTick[],
  seen: Sighting,
): Second {
  const fromMs = beganMs + second * 1000;
  const grown = (of: Exclude<keyof CallTick, 'atMs'>): number =>
    Math.round(countBetween(calls, of, fromMs, fromMs + 1000));
  const getsOffered = grown('getsOffered');
  return {
    ...seen,
    second,
    phase: phaseAt(plan, second),
    offered: grown('offered') + getsOffered,
    goodput: Math.round(countBetween(switched, 'confirmed', fromMs, fromMs + 1000)),
    completed: grown('completed'),
    refused: grown('refused'),
    getsOffered,
    getsCompleted: grown('getsCompleted'),
  };
}
