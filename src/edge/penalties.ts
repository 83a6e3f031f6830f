// Sources that go on after pushback, or send garbage: what is refused or malformed of them gets no answer for a while, which
// spares us half of its cost; what fits the limits still passes. The hot path only
// counts into a small fixed table; whom that makes suspect is counted exactly, by rate-limiter-flexible, off it. Memory is
// bounded whatever addresses are forged: a fixed table, at most `maxSources` suspects, at most `maxSources` penalised.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { type Block, inBlock, parseAddress, parseBlock } from '../admission/cidr.ts';
import type { PenaltyCause } from '../metrics/counters.ts';
import type { Flow } from '../transport/flow.ts';

export interface PenaltyRule {
  readonly enabled: boolean;
  /** Per source address; above it in one second the source is penalised. */
  readonly refusedPerSecond: number;
  readonly malformedPerSecond: number;
  readonly blockSeconds: number;
  readonly maxSources: number;
  /** Addresses and blocks. */
  readonly exempt: readonly string[];
}

/** Cells of the table; a cell is shared by all addresses with the same lower bits of their hash. */
const cells = 16_384;

interface Suspect {
  readonly address: string;
  readonly addressHash: number;
  /** Remembered so that it is looked up once; never penalised. */
  readonly isExempt: boolean;
  refused: number;
  malformed: number;
}

export class Penalties {
  private readonly rule: PenaltyRule;
  private readonly exempt: readonly Block[];
  private readonly onPenalty: (cause: PenaltyCause, address: string) => void;
  private readonly refused = new Uint32Array(cells);
  private readonly malformed = new Uint32Array(cells);
  private readonly suspects = new Map<number, Suspect>();
  /** Address hash → when it ends, ms. */
  private readonly penalised = new Map<number, number>();
  private readonly limiters: Record<PenaltyCause, RateLimiterMemory>;
  private lastClearMs = 0;

  /** `onPenalty`: called once per penalty. Addresses of `exempt` have been checked by configuration. */
  constructor(rule: PenaltyRule, onPenalty: (cause: PenaltyCause, address: string) => void) {
    this.rule = rule;
    this.onPenalty = onPenalty;
    this.exempt = rule.exempt.map(parseBlock).filter((block) => block !== undefined);
    const limiter = (points: number) =>
      new RateLimiterMemory({ points, duration: 1, blockDuration: rule.blockSeconds });
    this.limiters = { refused: limiter(rule.refusedPerSecond), malformed: limiter(rule.malformedPerSecond) };
  }

  /** How many sources are penalised now. */
  get size(): number {
    return this.penalised.size;
  }

  isPenalised(addressHash: number): boolean {
    return this.penalised.size > 0 && this.penalised.has(addressHash);
  }

  noteRefused(flow: Flow): void {
    if (this.note(this.refused, flow, this.rule.refusedPerSecond)) this.suspects.get(flow.addressHash)!.refused++;
  }

  noteMalformed(flow: Flow): void {
    if (this.note(this.malformed, flow, this.rule.malformedPerSecond)) this.suspects.get(flow.addressHash)!.malformed++;
  }

  /** Whether this source is a suspect, whose messages are counted exactly. */
  private note(table: Uint32Array, flow: Flow, limit: number): boolean {
    if (!this.rule.enabled) return false;
    if (this.suspects.size > 0 && this.suspects.has(flow.addressHash)) return true;
    const cell = flow.addressHash & (cells - 1);
    // half of the limit from one cell in one second makes a suspect; only what it sends from then on counts against it
    if (++table[cell]! * 2 >= limit && this.suspects.size < this.rule.maxSources) {
      const address = flow.remoteAddress;
      const groups = parseAddress(address);
      const isExempt = groups === undefined || this.exempt.some((block) => inBlock(groups, block));
      this.suspects.set(flow.addressHash, {
        address,
        addressHash: flow.addressHash,
        isExempt,
        refused: 0,
        malformed: 0,
      });
    }
    return false;
  }

  /** Call about ten times a second. */
  tick(nowMs: number): void {
    for (const [addressHash, untilMs] of this.penalised) if (nowMs >= untilMs) this.penalised.delete(addressHash);
    for (const [key, suspect] of this.suspects) {
      if (suspect.refused > 0 && !suspect.isExempt) this.consume('refused', suspect, suspect.refused, nowMs);
      if (suspect.malformed > 0 && !suspect.isExempt) this.consume('malformed', suspect, suspect.malformed, nowMs);
      suspect.refused = 0;
      suspect.malformed = 0;
      if (nowMs - this.lastClearMs >= 10_000) this.suspects.delete(key);
    }
    if (nowMs - this.lastClearMs >= 10_000) this.lastClearMs = nowMs;
    this.clearTables(nowMs);
  }

  private lastTableMs = 0;

  private clearTables(nowMs: number): void {
    if (nowMs - this.lastTableMs < 1000) return;
    this.lastTableMs = nowMs;
    this.refused.fill(0);
    this.malformed.fill(0);
  }

  private consume(cause: PenaltyCause, suspect: Suspect, points: number, nowMs: number): void {
    this.limiters[cause].consume(suspect.address, points).catch((refusal: unknown) => {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      if (this.penalised.has(suspect.addressHash) || this.penalised.size >= this.rule.maxSources) return;
      this.penalised.set(suspect.addressHash, nowMs + this.rule.blockSeconds * 1000);
      this.onPenalty(cause, suspect.address);
    });
  }
}
