// What an interface ordinarily carries, new calls (or REGISTERs) per second, against which a surge is judged.
//
// A stochastic quantile tracker (Robbins and Monro 1951) in the logarithm: every slot of 5 s pushes the level up or down by one
// fixed step, however far off the slot was. So a surge of 40 times moves it no more than one of 1.1 times, and a ramp of ten
// minutes moves a grown level by half a percent. The step shrinks with age, from a doubling in 10 minutes to a doubling in a day.
// It falls more slowly than it rises, which makes it an upper quantile (a quarter of the day lies above a grown one): after a night
// or a weekend enough of it is left for the morning to be no event. Only in its first hour it falls as quickly, to forget a surge
// that it was started in.
// While the mode is not L0, what arrives is surge, redial and our own refusals: such a slot counts a tenth. On its first days an
// edge does not know a morning from a surge yet, so it counts in full, but no quicker than a doubling in two hours.
import type { ControlRules } from './control-rules.ts';

/** ms. Poisson scatter of 33 calls/s over it is 8 %. */
const slotMs = 5000;
/** The level starts from so many slots: half a minute. */
const firstSlots = 6;
/** With too few calls to know, an interface that carries next to nothing is known to do so after this long, ms. */
const quietKnownMs = 3_600_000;
/** A rising level doubles in this share of its age, a falling one halves in that; between these times, ms. */
const doubling = { perAge: 0.25, leastMs: 600_000, mostMs: 86_400_000 } as const;
const halving = { perAge: 1.5, leastMs: 600_000, mostMs: 3 * 86_400_000 } as const;
/** Until this age, ms, it falls as it rises. */
const youngMs = 3_600_000;
/** A level of this age, ms, is as slow as it gets. */
const grownMs = doubling.mostMs / doubling.perAge;
/** A slot in which the mode was not L0: its weight from an age on, and the quickest that it doubles or halves before, ms. */
const abnormal = { weight: 0.1, fromAgeMs: 2 * 86_400_000, leastMs: 7_200_000 } as const;

/** Plain data that survives JSON. */
export interface BaselineState {
  /** Normal arrivals, per second; at least the floor. */
  readonly normalPerSecond: number;
  /** False at first: then nothing may be called a surge. */
  readonly isKnown: boolean;
  readonly floorPerSecond: number;
  /** How long it has learned, ms. */
  readonly ageMs: number;
  /** Slots before it is known: the last of them, arrivals per second; and the arrivals seen in all of them. */
  readonly first: readonly number[];
  readonly firstArrivals: number;
  /** The slot under way: arrivals, its length so far, and how much of that was in L0. */
  readonly slotArrivals: number;
  readonly slotMs: number;
  readonly slotNormalMs: number;
}

export interface BaselineInput {
  /** Over the interval since the step before; 0 or more. */
  readonly arrivalsPerSecond: number;
  /** The running mode in force is L0. */
  readonly isNormal: boolean;
  readonly intervalMs: number;
}

/**
 * A baseline without history. It becomes known after half a minute in which at least the floor's number of calls came, else after
 * an hour: an edge that waits for its traffic to be switched over does not take that for a mass-call event.
 */
export function initialBaseline(rules: Pick<ControlRules, 'normalFloorPerSecond'>): BaselineState {
  const floorPerSecond = rules.normalFloorPerSecond;
  return {
    normalPerSecond: floorPerSecond,
    isKnown: false,
    floorPerSecond,
    ageMs: 0,
    first: [],
    firstArrivals: 0,
    slotArrivals: 0,
    slotMs: 0,
    slotNormalMs: 0,
  };
}

/** A baseline that is known and grown: from a saved state, or because somebody says what is normal. */
export function knownBaseline(
  rules: Pick<ControlRules, 'normalFloorPerSecond'>,
  normalPerSecond: number,
  ageMs: number = grownMs,
): BaselineState {
  const fresh = initialBaseline(rules);
  return { ...fresh, isKnown: true, ageMs, normalPerSecond: Math.max(fresh.floorPerSecond, normalPerSecond) };
}

/** What `JSON.parse` gave for a saved state, under the rules of today; undefined where it is not one or knows nothing yet. */
export function restoreBaseline(
  saved: unknown,
  rules: Pick<ControlRules, 'normalFloorPerSecond'>,
): BaselineState | undefined {
  if (typeof saved !== 'object' || saved === null) return undefined;
  const { normalPerSecond, ageMs, isKnown } = saved as Partial<Record<keyof BaselineState, unknown>>;
  if (isKnown !== true || !isAmount(normalPerSecond) || !isAmount(ageMs)) return undefined;
  return knownBaseline(rules, normalPerSecond, ageMs);
}

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** One sample later. */
export function stepBaseline(state: BaselineState, input: BaselineInput): BaselineState {
  const slotArrivals = state.slotArrivals + (input.arrivalsPerSecond * input.intervalMs) / 1000;
  const lengthMs = state.slotMs + input.intervalMs;
  const slotNormalMs = state.slotNormalMs + (input.isNormal ? input.intervalMs : 0);
  if (lengthMs < slotMs) return { ...state, slotArrivals, slotMs: lengthMs, slotNormalMs };

  const ended = { ...state, slotArrivals: 0, slotMs: 0, slotNormalMs: 0 };
  const perSecond = (slotArrivals * 1000) / lengthMs;
  if (!state.isKnown) return takeFirst(ended, perSecond, slotArrivals);
  return learn(ended, perSecond, slotNormalMs === lengthMs);
}

/** The mean of those slots that are at least half of the greatest: traffic that has just been switched over is not a surge, and a
 * level that began too high falls quickly. */
function takeFirst(state: BaselineState, perSecond: number, arrivals: number): BaselineState {
  const first = [...state.first, perSecond].slice(-firstSlots);
  const firstArrivals = state.firstArrivals + arrivals;
  const ageMs = state.ageMs + slotMs;
  const greatest = Math.max(...first);
  const busy = first.filter((one) => one >= greatest / 2);
  const mean = busy.reduce((sum, one) => sum + one, 0) / busy.length;
  const normalPerSecond = Math.max(state.floorPerSecond, mean);
  const isBusy = first.length === firstSlots && firstArrivals >= (state.floorPerSecond * slotMs * firstSlots) / 1000;
  if (!isBusy && ageMs < quietKnownMs) return { ...state, first, firstArrivals, ageMs, normalPerSecond };
  return { ...state, isKnown: true, first: [], firstArrivals: 0, ageMs: slotMs * firstSlots, normalPerSecond };
}

function learn(state: BaselineState, perSecond: number, isNormal: boolean): BaselineState {
  const { ageMs, normalPerSecond } = state;
  const isRising = perSecond > normalPerSecond;
  const { perAge, leastMs, mostMs } = isRising || ageMs < youngMs ? doubling : halving;
  const least = isNormal ? leastMs : Math.max(leastMs, abnormal.leastMs);
  const weight = isNormal || ageMs < abnormal.fromAgeMs ? 1 : abnormal.weight;
  const twiceMs = Math.min(Math.max(ageMs * perAge, least), mostMs) / weight;
  const next = normalPerSecond * 2 ** ((isRising ? slotMs : -slotMs) / twiceMs);
  return { ...state, ageMs: ageMs + slotMs, normalPerSecond: Math.max(state.floorPerSecond, next) };
}
