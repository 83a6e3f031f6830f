// What stands in front of the edge: a peer network that obeys RFC 7339 or RFC 7415 feedback, falls silent on Retry-After, or
// ignores both; or many clients, of which each for itself does what `retryAfterRatio` says.
import type { OcFeedback } from '../../src/control/throttle.ts';
import type { SourceRule } from './call.ts';
import { Random } from './random.ts';

export class Neighbour {
  private readonly rule: SourceRule;
  private readonly random: Random;
  private feedback: OcFeedback | undefined;
  private feedbackUntilMs = 0;
  private silentUntilMs = 0;
  /** Of RFC 7415 §3.5.1. */
  private leakyMs = 0;
  private lastMs = 0;

  constructor(rule: SourceRule, random: Random) {
    this.rule = rule;
    this.random = random;
  }

  /** Whether it sends a call on to the edge. */
  mayPass(isPriority: boolean, nowMs: number): boolean {
    if (nowMs < this.silentUntilMs) return false;
    const { feedback } = this;
    if (feedback === undefined || nowMs >= this.feedbackUntilMs) return true;
    // RFC 7339 §5.10.1: priority is kept out of what is dropped
    if (feedback.algorithm === 'loss') return isPriority || !this.random.chance(feedback.value / 100);
    return this.leak(feedback.value, isPriority, nowMs);
  }

  /** What the newest response told it. */
  onFeedback(feedback: OcFeedback | undefined, nowMs: number): void {
    if (feedback === undefined || feedback.algorithm !== this.rule.obeysOc) return;
    this.feedback = feedback;
    this.feedbackUntilMs = nowMs + feedback.validityMs;
  }

  onRefused(retryAfterSeconds: number, nowMs: number): void {
    // RFC 3261 §21.5.4: one client, so nothing more is sent there for so long
    if (retryAfterSeconds > 0 && this.rule.neighbour !== '' && this.rule.retryAfterRatio > 0.5)
      this.silentUntilMs = Math.max(this.silentUntilMs, nowMs + retryAfterSeconds * 1000);
  }

  /** RFC 7415 §3.5.1, §3.5.2: a leaky bucket that leaks 1 ms a ms; a call adds T; ordinary ones pass up to 4T, priority up to 10T. */
  private leak(perSecond: number, isPriority: boolean, nowMs: number): boolean {
    this.leakyMs = Math.max(0, this.leakyMs - (nowMs - this.lastMs));
    this.lastMs = nowMs;
    if (!(perSecond > 0)) return isPriority;
    const callMs = 1000 / perSecond;
    if (this.leakyMs > (isPriority ? 10 : 4) * callMs) return false;
    this.leakyMs += callMs;
    return true;
  }
}

/** One for each source; sources of the same named neighbour share one: its silence and its feedback. */
export function neighboursOf(sources: readonly SourceRule[], random: Random): Neighbour[] {
  const named = new Map<string, Neighbour>();
  return sources.map((one) => {
    const key = `${one.edge} ${one.interface} ${one.neighbour}`;
    const known = one.neighbour === '' ? undefined : named.get(key);
    const made = known ?? new Neighbour(one, new Random(random.next() * 2 ** 32));
    named.set(key, made);
    return made;
  });
}
