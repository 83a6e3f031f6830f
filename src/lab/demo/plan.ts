// What the demo does when: so many seconds of calm, a surge, and after it until everything is as it was. Options and their ranges.

export interface DemoOptions {
  /** The whole, roughly: what follows the surge lasts as long as it takes. */
  readonly seconds: number;
  /** Calls per second before and after the surge, and in it. */
  readonly base: number;
  readonly peak: number;
  /** One JSON document at the end in place of lines. */
  readonly json: boolean;
}

export const phases = ['calm', 'onset', 'surge', 'after'] as const;
export type PhaseName = (typeof phases)[number];

/** Of the switch, calls per second: it really cannot do more. */
export const capacityPerSecond = 140;
/** Of all calls. */
export const getsRatio = 0.02;

/** So many calls a second for so long; the last of all until everything is as it was. */
export interface Stretch {
  readonly phase: PhaseName;
  readonly callsPerSecond: number;
  readonly seconds: number;
}

export interface DemoPlan {
  readonly base: number;
  readonly peak: number;
  readonly calmSeconds: number;
  /** How the surge builds up, before its peak. */
  readonly onset: readonly Stretch[];
  readonly surgeSeconds: number;
  /** For so long recovery is waited for, at most; and so long everything must be as it was before the demo ends. */
  readonly mostAfterSeconds: number;
  readonly settledSeconds: number;
  /** How long applications have to shed. */
  readonly shedSeconds: number;
}

/** Use is averaged over seconds before it is judged: who sheds at once is seen to have done so after some 4 s. */
const shedSeconds = 6;

const onsetSeconds = 4;
const leastWithOnsetSeconds = 45;

export const defaultOptions: DemoOptions = { seconds: 50, base: 100, peak: 4000, json: false };

const ranges = {
  // below, nobody would be forced before the surge is over
  seconds: [30, 600],
  // what the switch can do with room
  base: [20, 120],
  // so that GETS calls alone never ask for more than the switch can do
  peak: [300, 5000],
} as const;

export type WrittenOptions = { readonly [N in keyof typeof ranges]?: string | undefined } & {
  readonly json?: boolean | undefined;
};

/** Options as they are written on a command line. Throws one line that names the option, its value and its range. */
export function demoOptions(written: WrittenOptions): DemoOptions {
  const whole = (name: keyof typeof ranges): number => {
    const text = written[name];
    if (text === undefined) return defaultOptions[name];
    const [least, most] = ranges[name];
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name}: ${text} is not ${least} to ${most}`);
  };
  return { seconds: whole('seconds'), base: whole('base'), peak: whole('peak'), json: written.json ?? false };
}

export function planOf({ seconds, base, peak }: DemoOptions): DemoPlan {
  const onset = onsetOf(base, peak, seconds);
  return {
    base,
    peak,
    calmSeconds: Math.round(seconds * 0.16),
    onset,
    surgeSeconds: Math.round(seconds * 0.4) - sumOf(onset),
    mostAfterSeconds: Math.max(45, Math.round(seconds * 0.44)),
    settledSeconds: 3,
    shedSeconds,
  };
}

/**
 * 350 and 550 % of what is usual, long enough for L1 (300 %) and L2 (500 %) to be seen before L3; where there is time for that, and
 * the peak is beyond.
 */
function onsetOf(base: number, peak: number, seconds: number): Stretch[] {
  if (seconds < leastWithOnsetSeconds || peak < base * 10) return [];
  return [3.5, 5.5].map((times) => ({ phase: 'onset', callsPerSecond: base * times, seconds: onsetSeconds }));
}

export function stretchesOf({ base, peak, calmSeconds, surgeSeconds, onset }: DemoPlan): Stretch[] {
  return [
    { phase: 'calm', callsPerSecond: base, seconds: calmSeconds },
    ...onset,
    { phase: 'surge', callsPerSecond: peak, seconds: surgeSeconds },
    { phase: 'after', callsPerSecond: base, seconds: 0 },
  ];
}

/** `second`: from the begin of the calls. */
export function phaseAt(plan: DemoPlan, second: number): PhaseName {
  let endsAt = 0;
  const stretch = stretchesOf(plan).find(({ seconds }) => {
    endsAt += seconds;
    return second < endsAt;
  });
  return stretch?.phase ?? 'after';
}

/** Until the calls are as before again. */
export const surgeEndsAt = ({ calmSeconds, onset, surgeSeconds }: DemoPlan): number =>
  calmSeconds + sumOf(onset) + surgeSeconds;

const sumOf = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { seconds }) => sum + seconds, 0);
