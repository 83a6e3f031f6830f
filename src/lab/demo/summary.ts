// What came of the demo: figures of each phase, who was asked, forced, dumped and recovered when, and whether it is as it has to be.
import type { DemoEvent } from './events.ts';
import { capacityPerSecond, type PhaseName, phases } from './plan.ts';
import type { Second } from './timeline.ts';

/** GETS calls that began in a stretch of a phase; `completed`: answered, acknowledged, held and ended in order. */
export interface GetsCount {
  readonly phase: PhaseName;
  readonly offered: number;
  readonly completed: number;
  /** From INVITE to 200, of 99 % of them at most; the switch itself takes 110 ms. */
  readonly setUpP99Ms: number;
}

export interface PhaseFigures extends GetsCount {
  readonly seconds: number;
  readonly offeredPerSecond: number;
  readonly goodputPerSecond: number;
  readonly refusedPerSecond: number;
  /** Goodput in relation to what the switch can do. */
  readonly ofCapacity: number;
}

/** When, in seconds from the begin of the calls; what did not happen is left out. */
export interface ApplicationDeeds {
  readonly application: string;
  readonly asked?: number;
  readonly complied?: number;
  readonly forced?: number;
  readonly dumped?: number;
  readonly recovered?: number;
}

export interface Verdict {
  /** undefined: it cannot be shown on this machine. */
  readonly isGood: boolean | undefined;
  /** Whether the exit status depends on it. */
  readonly isNeeded: boolean;
  readonly text: string;
}

export interface DemoSummary {
  readonly phases: readonly PhaseFigures[];
  readonly applications: readonly ApplicationDeeds[];
  /** Of the host, in order. */
  readonly modes: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly exitCode: 0 | 1;
}

export interface DemoRecord {
  readonly seconds: readonly Second[];
  readonly events: readonly DemoEvent[];
  readonly gets: readonly GetsCount[];
  readonly applications: readonly string[];
  readonly beganMs: number;
  /** From the begin of the calls; undefined: it was given up before. */
  readonly recoveredSeconds: number | undefined;
  /** Why nobody can be forced; undefined: they can. */
  readonly cannotForce: string | undefined;
}

export function summaryOf(record: DemoRecord): DemoSummary {
  const figures = phases.map((phase) => figuresOf(phase, record)).filter(({ seconds }) => seconds > 0);
  const applications = record.applications.map((name) => deedsOf(name, record));
  const modes = record.events
    .filter(({ who, what }) => who === 'host' && what === 'mode')
    .map(({ text }) => /→ (L\d)/.exec(text)?.[1] ?? text);
  const verdicts = verdictsOf(record, figures, applications);
  const isGood = verdicts.every((one) => one.isGood === true || !one.isNeeded);
  return { phases: figures, applications, modes, verdicts, exitCode: isGood ? 0 : 1 };
}

function figuresOf(phase: PhaseName, { seconds, gets }: DemoRecord): PhaseFigures {
  const own = seconds.filter((one) => one.phase === phase);
  const mean = (of: (one: Second) => number) => own.reduce((sum, one) => sum + of(one), 0) / Math.max(1, own.length);
  const goodputPerSecond = mean(({ goodput }) => goodput);
  const begun = gets.filter((one) => one.phase === phase);
  return {
    phase,
    offered: begun.reduce((sum, { offered }) => sum + offered, 0),
    completed: begun.reduce((sum, { completed }) => sum + completed, 0),
    setUpP99Ms: Math.max(0, ...begun.map((one) => one.setUpP99Ms)),
    seconds: own.length,
    offeredPerSecond: mean((one) => one.offered),
    goodputPerSecond,
    refusedPerSecond: mean(({ refused }) => refused),
    ofCapacity: goodputPerSecond / capacityPerSecond,
  };
}

function deedsOf(application: string, { events, beganMs }: DemoRecord): ApplicationDeeds {
  const own = events.filter(({ who }) => who === application);
  const first = (what: DemoEvent['what'], text = /^/) => own.find((one) => one.what === what && text.test(one.text));
  // Advice (to shed on its own, not to use what is others') is not what is enforced.
  const asked = first('asked', /^to (use no more than [a-z]+[A-Z]|end)/);
  const recovered = own.findLast(({ what }) => what === 'lifted' || what === 'resumed');
  const found = { asked, complied: first('complied'), forced: first('forced'), dumped: first('suspended'), recovered };
  const times = Object.entries(found).flatMap(([what, event]) =>
    event === undefined ? [] : [[what, (event.atMs - beganMs) / 1000] as const],
  );
  return { application, ...Object.fromEntries(times) };
}

function verdictsOf(
  { recoveredSeconds, cannotForce, seconds }: DemoRecord,
  figures: readonly PhaseFigures[],
  applications: readonly ApplicationDeeds[],
): Verdict[] {
  const offered = figures.reduce((sum, one) => sum + one.offered, 0);
  const completed = figures.reduce((sum, one) => sum + one.completed, 0);
  const surge = figures.find(({ phase }) => phase === 'surge');
  const names = (of: (one: ApplicationDeeds) => boolean): string =>
    applications
      .filter(of)
      .map(({ application }) => application)
      .join(', ') || 'nobody';
  const shed = applications.filter(({ complied }) => complied !== undefined);
  const forced = applications.filter(({ forced }) => forced !== undefined);
  const dumped = applications.filter(({ dumped }) => dumped !== undefined);
  const boundary = Math.min(...seconds.map(({ boundaryPerSecond }) => boundaryPerSecond ?? Number.POSITIVE_INFINITY));
  return [
    {
      isNeeded: true,
      isGood: offered > 0 && completed === offered,
      text: `GETS calls: ${completed} of ${offered} completed`,
    },
    {
      isNeeded: true,
      isGood: recoveredSeconds !== undefined,
      text:
        recoveredSeconds === undefined
          ? 'not everything is as it was before the surge'
          : `everything as it was before, ${recoveredSeconds.toFixed(0)} s after calls began`,
    },
    {
      isNeeded: false,
      isGood: surge !== undefined && surge.ofCapacity >= 0.9,
      text: `goodput in the surge: ${((surge?.ofCapacity ?? 0) * 100).toFixed(0)} % of what the switch can do`,
    },
    { isNeeded: false, isGood: shed.length > 0, text: `asked, and came down: ${names((one) => shed.includes(one))}` },
    forcedVerdict(`asked, and then forced: ${names((one) => forced.includes(one))}`, forced.length > 0, cannotForce),
    forcedVerdict(`dumped: ${names((one) => dumped.includes(one))}`, dumped.length > 0, cannotForce),
    {
      isNeeded: false,
      isGood: Number.isFinite(boundary),
      text: Number.isFinite(boundary)
        ? `boundary of the edge: ${Math.round(boundary)} calls a second at the lowest`
        : 'boundary of the edge: none',
    },
  ];
}

function forcedVerdict(text: string, isGood: boolean, cannotForce: string | undefined): Verdict {
  if (cannotForce === undefined || isGood) return { isNeeded: false, isGood, text };
  return { isNeeded: false, isGood: undefined, text: `${text}, as force is not possible here` };
}
