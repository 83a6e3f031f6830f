// How many calls a second arrive, as a function of time: steps, since within a step a Poisson process needs no thinning.

/** From `fromMs` on, `perSecond`. In order of time. */
export interface RateStep {
  readonly fromMs: number;
  readonly perSecond: number;
}

export class Rate {
  private readonly steps: readonly RateStep[];
  private index = 0;

  /** `steps` in order of time, the first at 0. */
  constructor(steps: readonly RateStep[]) {
    this.steps = steps;
  }

  /** The rate at a time; times may not go back. */
  perSecond(nowMs: number): number {
    while ((this.steps[this.index + 1]?.fromMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.index++;
    return this.steps[this.index]!.perSecond;
  }

  /** When the step after the one of the last `perSecond` begins; Infinity for none. */
  get nextChangeMs(): number {
    return this.steps[this.index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
  }
}

export function steady(perSecond: number): RateStep[] {
  return [{ fromMs: 0, perSecond }];
}

/** `before`, from `fromSeconds` to `toSeconds` `during`, then `before` again. */
export function surge(before: number, during: number, fromSeconds: number, toSeconds: number): RateStep[] {
  return [
    { fromMs: 0, perSecond: before },
    { fromMs: fromSeconds * 1000, perSecond: during },
    { fromMs: toSeconds * 1000, perSecond: before },
  ];
}

/** Share of the day's highest rate in each hour: a usual telephone day with its two busy hours. */
const dayShape = [
  0.16, 0.1, 0.08, 0.08, 0.1, 0.18, 0.35, 0.6, 0.85, 0.98, 1, 0.97, 0.88, 0.9, 0.96, 0.97, 0.95, 0.93, 0.85, 0.75, 0.6,
  0.45, 0.32, 0.22,
];

/** A day of `lengthSeconds` (86,400 for a real one), a step each `stepSeconds`, straight from hour to hour. */
export function day(highestPerSecond: number, lengthSeconds: number, stepSeconds: number): RateStep[] {
  const steps: RateStep[] = [];
  for (let at = 0; at < lengthSeconds; at += stepSeconds) {
    const hour = (at / lengthSeconds) * dayShape.length;
    const before = dayShape[Math.floor(hour)]!;
    const after = dayShape[(Math.floor(hour) + 1) % dayShape.length]!;
    const shape = before + (after - before) * (hour - Math.floor(hour));
    steps.push({ fromMs: at * 1000, perSecond: highestPerSecond * shape });
  }
  return steps;
}
