// What the Monitor is told of switches behind a server that tells only final answers. Where a switch answers calls itself, as
// announcements and conferences do, its answers are its work. Where humans do, a call that has no answer after half a second is taken
// to be in progress, and only quick answers (busy, vacant numbers) tell how the switch fares.
import type { EdgeParts } from '../../edge/parts.ts';
import type { Switch } from '../../edge/switches.ts';
import type { ProxyOutcome } from './link.ts';
import type { StackCall } from './stack-calls.ts';

/** T1 of RFC 3261 §17.1.1.1: by then a switch has said something, ms. */
const progressMs = 500;
/** Share of answered calls (2xx) that were answered by then: from the first on the switch answers itself, below the second it does not. */
const itselfAbove = 0.8;
const itselfBelow = 0.3;
/** Answered calls over which the share is taken. */
const answeredCalls = 100;

interface Habit {
  quickShare: number;
  answersItself: boolean;
}

export class WorkTold {
  private readonly parts: Pick<EdgeParts, 'now' | 'numbers' | 'switches' | 'counters' | 'policy'>;
  private readonly habits = new WeakMap<Switch, Habit>();
  /** Calls at their first switch, the oldest first, that are not in progress as far as is known. */
  private readonly young = new Set<StackCall>();

  constructor(parts: Pick<EdgeParts, 'now' | 'numbers' | 'switches' | 'counters' | 'policy'>) {
    this.parts = parts;
  }

  /** The call goes to the first of its switches. */
  sent(call: StackCall, first: Switch): void {
    first.counters.requests++;
    first.tally.noteSent(call.isPrivileged);
    this.young.add(call);
  }

  /** Every 100 ms. */
  tick(nowMs: number): void {
    for (const call of this.young) {
      const ageMs = nowMs - call.sentMs;
      if (ageMs < progressMs) return;
      const one = call.switches[0]!;
      if (ageMs < this.parts.policy.switchTimeoutMs && this.habitOf(one).answersItself) continue;
      this.young.delete(call);
      one.tally.noteUnseenProgress();
    }
  }

  private habitOf(one: Switch): Habit {
    const known = this.habits.get(one);
    if (known !== undefined) return known;
    const habit = { quickShare: 0.5, answersItself: false };
    this.habits.set(one, habit);
    return habit;
  }

  /** An answered call, so long after it was sent. */
  private noteAnswered(one: Switch, ms: number): void {
    const habit = this.habitOf(one);
    habit.quickShare += ((ms < progressMs ? 1 : 0) - habit.quickShare) / answeredCalls;
    habit.answersItself = habit.quickShare > (habit.answersItself ? itselfBelow : itselfAbove);
  }

  ended(call: StackCall, { status, finals }: ProxyOutcome): void {
    const isYoung = this.young.delete(call);
    const { switches } = call;
    const finalOf = (one: Switch) =>
      finals.find((final) => isOf(one, final)) ?? (switches.length === 1 ? finals[0] : undefined);
    const last = switches.findLastIndex((one) => finalOf(one) !== undefined);
    // of any other end the server has tried them all
    const isEarly = status < 300 || status === 401 || status === 407 || status === 487;
    const tried = isEarly ? switches.slice(0, Math.max(1, last + 1)) : switches;
    // an answer of who knows whom says nothing of the others
    const isTold = status !== 0 && finals.every((final) => switches.some((one) => isOf(one, final)));
    tried.forEach((one, i) => {
      const isFirst = i === 0;
      if (!isFirst) this.again(call, one);
      const final = finalOf(one);
      if (final !== undefined) this.answered(call, one, final.status, !isFirst || isYoung, isFirst);
      else this.silent(one, !isFirst || isYoung, isTold);
    });
  }

  /** The server has tried another one. */
  private again(call: StackCall, one: Switch): void {
    this.parts.counters.failovers++;
    one.counters.requests++;
    one.tally.noteSent(call.isPrivileged);
  }

  private answered(call: StackCall, one: Switch, status: number, isOutstanding: boolean, isTimed: boolean): void {
    one.counters.countResponse(status);
    this.parts.switches.note(one, { kind: 'traffic-response' });
    if (isOutstanding && (isTimed || status === 503)) one.tally.noteProgress(status, this.parts.now() - call.sentMs);
    else if (isOutstanding) one.tally.noteUnseenProgress();
    else if (status === 503) one.tally.noteLateRefusal();
    if (status >= 300) return;
    one.tally.noteAnswered();
    if (isTimed) this.noteAnswered(one, this.parts.now() - call.sentMs);
    this.parts.numbers.noteAnswer(call.called);
  }

  /** `isTold`: that it did not answer; else nobody knows, as when the link was lost. */
  private silent(one: Switch, isOutstanding: boolean, isTold: boolean): void {
    if (isOutstanding) one.tally.noteGone();
    if (!isTold) return;
    one.tally.noteTimeout();
    this.parts.switches.note(one, { kind: 'traffic-timeout' });
  }
}

type Final = ProxyOutcome['finals'][number];

function isOf({ target }: Switch, { address, port }: Final): boolean {
  return target?.address === address.replace(/^\[|\]$/g, '') && target.port === port;
}
