// Whether a delay is a queue, or belongs to the floor that queues are measured from. Two ways to find out:
//
// - Every 8 s less is sent until what waits should be gone: the least delay seen right after belongs to the floor (ProbeRTT of BBR,
//   Cardwell et al. 2016). For that, as much is counted as waiting as is to be drained (admission/leaky-bucket.ts).
// - A long queue for which less is sent becomes shorter. One that has stayed the same although it should be gone is none.

export interface FloorCheck {
  /** `waiting` for the next emptying, `emptying`, `looking` at the delays after it; since when. */
  readonly phase: 'waiting' | 'emptying' | 'looking';
  readonly sinceMs: number;
  /** What is still to be drained, and what is to be counted as waiting from now on so that it is; ms of work. */
  readonly leftMs: number;
  readonly holdMs: number;
  /** The least delay above the floor since it was, ms. */
  readonly leastMs: number;
  readonly drain: Drain;
  /** What the floor is found to be too low by, ms. */
  readonly floorErrorMs: number;
}

/** A long queue that is being drained: how long it was, at what estimate, and what should be gone of it; ms. */
interface Drain {
  readonly fromMs: number;
  readonly atMs: number;
  /** 0: there is none. */
  readonly perSecond: number;
  readonly doneMs: number;
  /** How often in a row it had not become shorter. */
  readonly failures: number;
}

export interface FloorCheckInput {
  readonly nowMs: number;
  readonly intervalMs: number;
  /** Delay above the floor, and the queue that is meant to be there, ms. */
  readonly excessMs: number;
  readonly targetMs: number;
  /** What the switch is believed to do, and what it was sent since the last sample. */
  readonly estimatePerSecond: number;
  readonly sent: number;
}

/** How often, ms; sooner where the floor may be wrong: at first, and after it was. */
const everyMs = 8000;
const firstMs = 2000;
/** How much is drained beyond the queue that is seen, how much at most, and how long that may take, ms. */
const beyondMs = 30;
const mostLeftMs = 150;
const longestMs = 1000;
/** How long after that the answers are waited for, ms. */
const settleMs = 500;
/** A queue of which so much should be gone, ms and calls, and that has stayed the same within so much of it, is none. */
const drainCheckMs = 200;
const drainCheckCalls = 6;
const sameRatio = 0.1;

const noDrain: Drain = { fromMs: 0, atMs: 0, perSecond: 0, doneMs: 0, failures: 0 };

export function initialFloorCheck(nowMs: number): FloorCheck {
  return {
    phase: 'waiting',
    sinceMs: soon(nowMs),
    leftMs: 0,
    holdMs: 0,
    leastMs: Infinity,
    drain: noDrain,
    floorErrorMs: 0,
  };
}

const soon = (nowMs: number): number => nowMs - everyMs + firstMs;

/** One sample later. */
export function stepFloorCheck(old: FloorCheck, input: FloorCheckInput): FloorCheck {
  const { nowMs, intervalMs, excessMs, targetMs, estimatePerSecond, sent } = input;
  const heldMs = nowMs - old.sinceMs;
  switch (old.phase) {
    case 'waiting': {
      if (heldMs < everyMs) return checkDrain(old, input);
      const leftMs = excessMs + targetMs + beyondMs;
      // Without a delay there is nothing to find out, and a long queue shows by itself whether it is one.
      if (excessMs < targetMs / 2 || leftMs > mostLeftMs) return checkDrain(old, input);
      return checkDrain({ ...old, phase: 'emptying', sinceMs: nowMs, leftMs, holdMs: leftMs }, input);
    }
    case 'emptying': {
      const leftMs = old.leftMs - intervalMs + (sent * 1000) / estimatePerSecond;
      // Calls are whole, and come when they come.
      if (leftMs <= beyondMs / 2 + 1000 / estimatePerSecond)
        return checkDrain({ ...old, phase: 'looking', sinceMs: nowMs, holdMs: 0, leastMs: excessMs }, input);
      // Privileged calls come as they like: then it tells nothing.
      const phase = heldMs > longestMs ? 'waiting' : 'emptying';
      return checkDrain(
        { ...old, phase, sinceMs: phase === 'waiting' ? nowMs : old.sinceMs, leftMs, holdMs: 0 },
        input,
      );
    }
    case 'looking': {
      const leastMs = Math.min(old.leastMs, excessMs);
      if (heldMs < settleMs) return checkDrain({ ...old, leastMs }, input);
      const chanceMs = 1000 / estimatePerSecond;
      const floorErrorMs = Math.max(0, leastMs - chanceMs);
      return { ...old, phase: 'waiting', sinceMs: floorErrorMs > 0 ? soon(nowMs) : nowMs, floorErrorMs };
    }
    default:
      return old.phase satisfies never;
  }
}

/** Sends less than the switch can do: a long queue becomes shorter, or it is none. */
function checkDrain(check: FloorCheck, input: FloorCheckInput): FloorCheck {
  const { nowMs, intervalMs, excessMs, targetMs, estimatePerSecond, sent } = input;
  const { drain } = check;
  if (excessMs < 2 * targetMs) return { ...check, drain: noDrain, floorErrorMs: 0 };
  const { failures } = drain;
  const begin: Drain = { fromMs: excessMs, perSecond: estimatePerSecond, doneMs: 0, atMs: nowMs, failures };
  if (drain.perSecond === 0) return { ...check, drain: begin, floorErrorMs: 0 };
  const doneMs = drain.doneMs + intervalMs - (sent * 1000) / drain.perSecond;
  // What answers tell now was so one delay ago.
  const isEarly = nowMs - drain.atMs < 2 * drain.fromMs + settleMs;
  if (isEarly || doneMs < drainCheckMs + (drainCheckCalls * 1000) / drain.perSecond)
    return { ...check, drain: { ...drain, doneMs }, floorErrorMs: 0 };
  const isConstant = Math.abs(excessMs - drain.fromMs) < sameRatio * drain.fromMs;
  if (!isConstant) return { ...check, drain: { ...begin, failures: 0 }, floorErrorMs: 0 };
  // Once may be a switch that has just become slower.
  if (failures < 1) return { ...check, drain: { ...begin, failures: failures + 1 }, floorErrorMs: 0 };
  return { ...check, drain: noDrain, floorErrorMs: excessMs };
}
