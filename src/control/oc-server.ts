// What we tell the neighbours that take part in overload control (RFC 7339 §5, RFC 7415 §3.4): each its share, as a rate or as
// the percent that must go. What is told holds for all responses to a neighbour from then on, whatever their status: so the
// values of a 100 Trying are repeated, or newer, in the response after it (RFC 7339 §5.11).
//
// loss: what arrives has been reduced already by what we told, so the demand is arrivals / (1 - p), counted over at most 2 s in
// which it did not change (demand.ts), and p = 1 - share / demand. Percents are whole on the wire: what rounding leaves over is
// carried to the next value, as 97 and 98 in turn make 97.5 (at forty times the capacity one percent is 40 % of it).
// A client may reduce more than it was told, because it knows the mix of its categories only as it was 5 to 10 s ago (RFC 7339
// §7.2); so that its silence is not taken for the end of the surge, what may pass grows by a quarter a step at most.
// rate: the share is the value. A client that uses it up may want more, and its demand is taken to be a sixth more, each step.
import { noRate, type RateEstimate, stepRate } from './demand.ts';
import { type OcPolice, stepPolice, unpoliced } from './oc-police.ts';
import { nextTicks, sequenceText } from './oc-sequence.ts';
import type { OcFeedback } from './throttle.ts';

/** RFC 7339 §5.8: an algorithm is kept so long; also how long a client that is silent is remembered (§5.1). */
const keptMs = 3_600_000;
/** Above this share of what it was told a client is at its limit: where both are equal, the leaky bucket of RFC 7415 §3.5.2 loses
 * 8 % of Poisson arrivals. Below, its rate leaves it room. */
const limitRatio = 0.9;
const roomRatio = 0.85;
const growthRatio = 7 / 6;
/** Where it is not, what it claims falls at most so far in a step: what arrives is a mean over times when it was told less. */
const shrinkRatio = 0.93;
/** Counts looked back at, with a step of 100 ms. */
const mostCounts = 20;
/** While something may pass, not all is told to go: a client that sends nothing hears nothing (percent). */
const mostLoss = 99;
/** Below this nothing is told where nothing was: it is within what an estimate scatters (percent). */
const leastLoss = 5;
/** Growth of the share of requests that may pass, a step: from 2 to 100 % in 1.8 s. */
const releaseRatio = 1.25;

/** What happened at one neighbour since the step before. */
export interface OcNeighbourLoad {
  /** Its name, or what else tells it from the others of this state. */
  readonly name: string;
  /** The least that any request with `oc` offered; undefined where none had it. */
  readonly offers: 'loss' | 'loss,rate' | undefined;
  /** How many elements, by address, take part under this name; 1 or more. */
  readonly elements: number;
  /** Ordinary new calls, and all other requests but ACK and CANCEL: counts. */
  readonly newCalls: number;
  readonly otherRequests: number;
  /** New calls per second that it may send; `Infinity` where nothing limits it. */
  readonly sharePerSecond: number;
}

export interface OcServerInput {
  readonly nowMs: number;
  /** Since the step before, above 0. */
  readonly intervalMs: number;
  /** Wall clock, ms. */
  readonly unixMs: number;
  /** How long a value holds, ms above 0. */
  readonly validityMs: number;
  readonly neighbours: readonly OcNeighbourLoad[];
}

interface OcNeighbour {
  readonly algorithm: 'loss' | 'rate';
  readonly chosenAtMs: number;
  /** When a request with `oc` came last, and any request. */
  readonly offeredAtMs: number;
  readonly seenAtMs: number;
  /** All requests as they would come without us, and those other than new calls. */
  readonly all: RateEstimate;
  readonly other: RateEstimate;
  /** Share of its requests that it was told to send, by the last value and by the one before. */
  readonly passRatio: number;
  readonly passBefore: number;
  /** New calls per second that it was told for each interval that is counted, the newest last; `Infinity` where nothing. */
  readonly told: readonly number[];
  readonly value: Value;
  readonly police: OcPolice;
  readonly ticks: number;
  readonly feedback: OcFeedback;
}

export interface OcServerState {
  readonly neighbours: ReadonlyMap<string, OcNeighbour>;
}

/** For one neighbour that takes part. */
export interface OcNeighbourOutput {
  readonly feedback: OcFeedback;
  /** It sends more than it was told, and has done so for some time. */
  readonly doesNotComply: boolean;
  /** New calls per second that it would send if we told it nothing: what it claims of the capacity. */
  readonly demandPerSecond: number;
}

export const newOcServer: OcServerState = { neighbours: new Map() };

/** Call with every sample. Neighbours that never offered `oc` are not in `outputs`, and one not in the input is forgotten. */
export function stepOcServer(
  state: OcServerState,
  input: OcServerInput,
): { readonly state: OcServerState; readonly outputs: ReadonlyMap<string, OcNeighbourOutput> } {
  const neighbours = new Map<string, OcNeighbour>();
  const outputs = new Map<string, OcNeighbourOutput>();
  for (const load of input.neighbours) {
    const before = state.neighbours.get(load.name);
    if (load.offers === undefined && (before === undefined || input.nowMs - before.offeredAtMs > keptMs)) continue;
    const next = stepNeighbour(before, load, input);
    neighbours.set(load.name, next.neighbour);
    outputs.set(load.name, next.output);
  }
  return { state: { neighbours }, outputs };
}

function stepNeighbour(
  before: OcNeighbour | undefined,
  load: OcNeighbourLoad,
  input: OcServerInput,
): { neighbour: OcNeighbour; output: OcNeighbourOutput } {
  const { nowMs, intervalMs, validityMs } = input;
  const count = load.newCalls + load.otherRequests;
  const { algorithm, chosenAtMs } = choose(before, load, nowMs);
  const seenAtMs = count > 0 ? nowMs : (before?.seenAtMs ?? nowMs);
  const police = stepPolice(
    before?.police ?? unpoliced,
    count,
    before?.value.allowedPerSecond ?? Infinity,
    intervalMs,
    validityMs,
  );
  // who heard nothing for a validity reduces nothing (RFC 7339 §5.7)
  const hasLapsed = before !== undefined && nowMs - before.seenAtMs > validityMs;
  const exposure = hasLapsed || police.doesNotComply ? 1 : exposed(before);
  const all = step(before?.all, count, intervalMs * exposure);
  const other = step(before?.other, load.otherRequests, intervalMs);
  const rates = { all: all.perSecond, other: other.perSecond };
  const next =
    algorithm === 'rate'
      ? rateValue(load, rates, (before?.told ?? []).slice(-all.counts.length))
      : lossValue(load.sharePerSecond, rates, { ...(before?.value ?? free), ...(hasLapsed && { passRatio: 1 }) });
  const { isOn, value } = next;
  const wasOn = before !== undefined && before.feedback.validityMs > 0;
  // RFC 7339 §5.4: an equal number does not renew the validity, so each value that holds has its own; §5.7: so has the stop
  const isNew = isOn || wasOn || before === undefined || before.algorithm !== algorithm;
  const ticks = isNew ? nextTicks(before?.ticks ?? 0, input.unixMs) : before.ticks;
  // RFC 7339 §5.1, §5.7: idle and stop are both oc=0 with oc-validity=0; a 0 alone would stop all requests of a rate client
  const feedback: OcFeedback = isNew
    ? { algorithm, value: isOn ? value : 0, validityMs: isOn ? validityMs : 0, sequence: sequenceText(ticks) }
    : before.feedback;
  const neighbour: OcNeighbour = {
    algorithm,
    chosenAtMs,
    offeredAtMs: load.offers !== undefined ? nowMs : (before?.offeredAtMs ?? nowMs),
    seenAtMs,
    all,
    other,
    passRatio: algorithm === 'loss' ? 1 - value / 100 : 1,
    passBefore: before?.passRatio ?? 1,
    told: [...(before?.told ?? []), isOn ? load.sharePerSecond : Infinity].slice(-mostCounts),
    value: next,
    police,
    ticks,
    feedback,
  };
  return {
    neighbour,
    output: { feedback, doesNotComply: police.doesNotComply, demandPerSecond: next.demandPerSecond },
  };
}

/** RFC 7339 §5.1: one of those that the client offers; `rate` bounds what comes (RFC 7415 §1), but one element must own it. */
function choose(
  before: OcNeighbour | undefined,
  { offers, elements }: OcNeighbourLoad,
  nowMs: number,
): { algorithm: 'loss' | 'rate'; chosenAtMs: number } {
  const wanted = offers === 'loss,rate' && elements === 1 ? 'rate' : 'loss';
  if (before === undefined) return { algorithm: wanted, chosenAtMs: nowMs };
  if (offers === undefined || wanted === before.algorithm) return before;
  // RFC 7339 §5.8: kept for an hour, but not if the client no longer has it
  const isGone = offers === 'loss' && before.algorithm === 'rate';
  return isGone || nowMs - before.chosenAtMs >= keptMs ? { algorithm: wanted, chosenAtMs: nowMs } : before;
}

/** The share of its demand that a client sent in the last interval: its first requests went by the value before. */
function exposed(before: OcNeighbour | undefined): number {
  return before === undefined ? 1 : Math.max(0.005, before.passRatio * 0.8 + before.passBefore * 0.2);
}

function step(estimate: RateEstimate | undefined, count: number, ms: number): RateEstimate {
  const { perSecond, counts } = estimate ?? noRate;
  return stepRate({ perSecond, counts: counts.slice(1 - mostCounts) }, count, ms);
}

interface Rates {
  readonly all: number;
  readonly other: number;
}

interface Value {
  readonly isOn: boolean;
  readonly value: number;
  /** All requests per second that it allows, `Infinity` where it limits nothing; the same when it last limited something. */
  readonly allowedPerSecond: number;
  readonly heldPerSecond: number;
  /** loss: the share that may pass, before rounding, and what rounding left over (percent). */
  readonly passRatio: number;
  readonly carry: number;
  readonly demandPerSecond: number;
}

const free: Value = {
  isOn: false,
  value: 0,
  allowedPerSecond: Infinity,
  heldPerSecond: 0,
  passRatio: 1,
  carry: 0,
  demandPerSecond: 0,
};

/** RFC 7415 §3.4: the rate is that of all requests, so what is no new call is added to the share. */
function rateValue({ sharePerSecond, elements }: OcNeighbourLoad, rates: Rates, told: readonly number[]): Value {
  const newPerSecond = Math.max(0, rates.all - rates.other);
  const last = told.at(-1) ?? Infinity;
  let demandPerSecond = newPerSecond;
  if (last !== Infinity) {
    const mean = told.reduce((sum, one) => sum + one, 0) / told.length;
    const isAtLimit = newPerSecond >= mean * limitRatio;
    demandPerSecond = isAtLimit
      ? Math.max(newPerSecond, last * growthRatio, 1)
      : Math.max(newPerSecond / roomRatio, last * shrinkRatio);
  }
  if (sharePerSecond === Infinity) return { ...free, demandPerSecond };
  // rounded up: what is too much is refused, what is too little is lost; a hundredth is no call
  const value = Math.max(0, Math.ceil((sharePerSecond + rates.other) / elements - 0.01));
  return { ...free, isOn: true, value, allowedPerSecond: value * elements, demandPerSecond };
}

function lossValue(sharePerSecond: number, rates: Rates, before: Value): Value {
  const allowed = sharePerSecond + rates.other;
  const wanted = rates.all > allowed ? allowed / rates.all : 1;
  const passRatio = Math.min(wanted, Math.max(before.passRatio, 0.01) * releaseRatio);
  const heldPerSecond = allowed === Infinity ? before.heldPerSecond : allowed;
  // while it is released step by step, its demand may still be what is held back
  const all = passRatio < wanted ? Math.max(rates.all, heldPerSecond / passRatio) : rates.all;
  const demandPerSecond = Math.max(0, all - rates.other);
  const exact = 100 * (1 - passRatio);
  const isSmall = exact < (before.isOn ? Number.MIN_VALUE : leastLoss);
  if (isSmall) return { ...free, heldPerSecond, demandPerSecond };
  const most = allowed > 0 ? mostLoss : 100;
  const value = Math.max(0, Math.min(most, Math.round(exact + before.carry)));
  const carry = Math.max(-1, Math.min(1, exact + before.carry - value));
  return { isOn: value > 0, value, allowedPerSecond: allowed, heldPerSecond, passRatio, carry, demandPerSecond };
}
