// What we tell the neighbours that take part in overload control (RFC 7339 §5, RFC 7415 §3.4): each its share, as a rate or as
// the percent that must go. What is told holds for all responses to a neighbour from then on, whatever their status: so the
// values of a 100 Trying are repeated, or newer, in the response after it (RFC 7339 §5.11).
//
// loss: what arrives has been reduced already by what we told, so the demand is arrivals / (1 - p), counted over at most 2 s in
// which it did not change (demand.ts), and p = 1 - share / demand. Percents are whole on the wire: what rounding leaves over is
// carried to the next value, as 97 and 98 in turn make 97.5 (at forty times the capacity one percent is 40 % of it).
// rate: the share is the value. A client that uses it up may want more, and its demand is taken to be half as much again.
import { noRate, type RateEstimate, stepRate } from './demand.ts';
import { type OcPolice, stepPolice, unpoliced } from './oc-police.ts';
import { nextTicks, sequenceText } from './oc-sequence.ts';
import type { OcFeedback } from './throttle.ts';

/** RFC 7339 §5.8: an algorithm is kept so long; also how long a client that is silent is remembered (§5.1). */
const keptMs = 3_600_000;
/** Above this share of its rate a client is at its limit; below, the rate leaves it that much room. */
const limitRatio = 0.85;
const roomRatio = 0.8;
const growthRatio = 1.5;
/** Counts looked back at, with a step of 100 ms. */
const mostCounts = 20;
/** While something may pass, not all is told to go: a client that sends nothing hears nothing (percent). */
const mostLoss = 99;

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
  /** Of the share, new calls per second; and of all requests. */
  readonly toldPerSecond: number;
  readonly allowedPerSecond: number;
  readonly carry: number;
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
    before?.allowedPerSecond ?? Infinity,
    intervalMs,
    validityMs,
  );
  const exposure = Math.max(0.005, exposed(before, police, nowMs - validityMs));
  const all = step(before?.all, count, intervalMs * exposure);
  const other = step(before?.other, load.otherRequests, intervalMs);
  const newPerSecond = Math.max(0, all.perSecond - other.perSecond);
  const told = before?.toldPerSecond ?? Infinity;
  const demandPerSecond = algorithm === 'rate' ? claimOf(newPerSecond, told) : newPerSecond;

  const next =
    algorithm === 'rate'
      ? rateValue(load, other.perSecond)
      : lossValue(load.sharePerSecond, all.perSecond, other.perSecond, before?.carry ?? 0);
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
    passRatio: next.passRatio,
    passBefore: before?.passRatio ?? 1,
    toldPerSecond: isOn ? load.sharePerSecond : Infinity,
    allowedPerSecond: isOn ? next.allowedPerSecond : Infinity,
    carry: next.carry,
    police,
    ticks,
    feedback,
  };
  return { neighbour, output: { feedback, doesNotComply: police.doesNotComply, demandPerSecond } };
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

/** The share of its demand that a client sent in the last interval. */
function exposed(before: OcNeighbour | undefined, police: OcPolice, validSinceMs: number): number {
  // who does not comply, or heard nothing for a validity, reduces nothing
  if (before === undefined || police.doesNotComply || before.seenAtMs < validSinceMs) return 1;
  // the first requests of an interval go by the value before
  return before.passRatio * 0.8 + before.passBefore * 0.2;
}

function step(estimate: RateEstimate | undefined, count: number, ms: number): RateEstimate {
  const { perSecond, counts } = estimate ?? noRate;
  return stepRate({ perSecond, counts: counts.slice(1 - mostCounts) }, count, ms);
}

function claimOf(newPerSecond: number, toldPerSecond: number): number {
  if (toldPerSecond === Infinity) return newPerSecond;
  return newPerSecond >= toldPerSecond * limitRatio
    ? Math.max(newPerSecond, toldPerSecond * growthRatio, 1)
    : newPerSecond / roomRatio;
}

interface Value {
  readonly isOn: boolean;
  readonly value: number;
  readonly passRatio: number;
  readonly allowedPerSecond: number;
  readonly carry: number;
}

/** RFC 7415 §3.4: the rate is that of all requests, so what is no new call is added to the share. */
function rateValue({ sharePerSecond, elements }: OcNeighbourLoad, otherPerSecond: number): Value {
  if (sharePerSecond === Infinity) return { isOn: false, value: 0, passRatio: 1, allowedPerSecond: Infinity, carry: 0 };
  // rounded up: what is too much is refused, what is too little is lost; a hundredth is no call
  const value = Math.max(0, Math.ceil((sharePerSecond + otherPerSecond) / elements - 0.01));
  return { isOn: true, value, passRatio: 1, allowedPerSecond: value * elements, carry: 0 };
}

function lossValue(sharePerSecond: number, allPerSecond: number, otherPerSecond: number, carry: number): Value {
  const allowed = sharePerSecond + otherPerSecond;
  const exact = allPerSecond > allowed ? 100 * (1 - allowed / allPerSecond) : 0;
  const most = allowed > 0 ? mostLoss : 100;
  const value = exact === 0 ? 0 : Math.max(0, Math.min(most, Math.round(exact + carry)));
  const left = exact === 0 ? 0 : Math.max(-1, Math.min(1, exact + carry - value));
  return { isOn: value > 0, value, passRatio: 1 - value / 100, allowedPerSecond: allowed, carry: left };
}
