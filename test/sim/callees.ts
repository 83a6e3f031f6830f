// Who is called: how long it rings, and numbers of few lines, where most calls find all of them busy.
import type { EventQueue } from './event-queue.ts';
import type { Random } from './random.ts';

export interface CalleeRule {
  /** Share of calls to ordinary numbers that are answered; the rest are busy or not there (486). */
  readonly answerRatio: number;
  readonly ringMedianMs: number;
  /** Numbers with few lines: a call holds one of them while it rings and talks. */
  readonly fewLines: readonly { readonly digits: string; readonly lines: number; readonly talkMedianMs: number }[];
}

interface Lines {
  readonly talkMedianMs: number;
  free: number;
}

export class Callees {
  private readonly rule: CalleeRule;
  private readonly queue: EventQueue;
  private readonly random: Random;
  private readonly lines = new Map<string, Lines>();

  constructor(rule: CalleeRule, queue: EventQueue, random: Random) {
    this.rule = rule;
    this.queue = queue;
    this.random = random;
    for (const { digits, lines, talkMedianMs } of rule.fewLines) this.lines.set(digits, { talkMedianMs, free: lines });
  }

  /** How long it rings before the answer, ms; undefined for busy. */
  ring(digits: string): number | undefined {
    const { random, rule } = this;
    const few = this.lines.get(digits);
    if (few === undefined)
      return random.chance(rule.answerRatio) ? random.logNormal(rule.ringMedianMs, 0.5) : undefined;
    if (few.free === 0) return undefined;
    few.free--;
    const ringMs = random.logNormal(rule.ringMedianMs / 4, 0.5);
    this.queue.at(this.queue.nowMs + ringMs + random.logNormal(few.talkMedianMs, 0.3), this.onHangUp, few);
    return ringMs;
  }

  private readonly onHangUp = (few: Lines): void => {
    few.free++;
  };
}
