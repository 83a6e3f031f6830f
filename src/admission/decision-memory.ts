// Remembers what was decided of a transaction without state, so that a retransmission gets the answer its original got and
// is not counted as load (RFC 3261 §16.11, RFC 6357 §12). Fixed memory: a 4-way table of 8-byte entries; the oldest of four
// makes room. Where an entry was overwritten the request is decided anew: under a flood of more calls than the table holds,
// late retransmissions count as new. The To tag of a refusal does not depend on this table.

const ways = 4;
const tickMs = 250;
const tickMask = 0xffff;
/** 64×T1 (RFC 3261 §17.2.1 Timer H): no client retransmits longer than that. */
const keepTicks = 32_000 / tickMs;

export class DecisionMemory {
  /** Two words an entry: fingerprint (0: empty), then tick (16 bits), reason (8), Retry-After seconds (8). */
  private readonly words: Uint32Array;
  private readonly bucketMask: number;
  /** The entry that the last `find` found. */
  reason = 0;
  retryAfterSeconds = 0;

  /** `entries`: a power of two, 8 bytes each. */
  constructor(entries: number) {
    this.words = new Uint32Array(entries * 2);
    this.bucketMask = entries / ways - 1;
  }

  /** Whether the transaction with this 64-bit hash was decided in the last 32 s; then `reason` and `retryAfterSeconds` tell how. */
  find(high: number, low: number, nowMs: number): boolean {
    const words = this.words;
    const base = (low & this.bucketMask) * ways * 2;
    const print = high | 1;
    for (let i = base; i < base + ways * 2; i += 2) {
      if (words[i] !== print >>> 0) continue;
      const entry = words[i + 1]!;
      if (this.age(entry, nowMs) > keepTicks) return false;
      this.reason = (entry >>> 8) & 0xff;
      this.retryAfterSeconds = entry & 0xff;
      return true;
    }
    return false;
  }

  /** Notes a decision. `reason` 0 to 255; `retryAfterSeconds` 0 (none) to 255. */
  note(high: number, low: number, nowMs: number, reason: number, retryAfterSeconds: number): void {
    const words = this.words;
    const base = (low & this.bucketMask) * ways * 2;
    let place = base;
    let oldest = -1;
    for (let i = base; i < base + ways * 2; i += 2) {
      // an empty place, or an older decision of the same transaction
      if (words[i] === 0 || words[i] === (high | 1) >>> 0) {
        place = i;
        break;
      }
      const age = this.age(words[i + 1]!, nowMs);
      if (age > oldest) {
        oldest = age;
        place = i;
      }
    }
    words[place] = (high | 1) >>> 0;
    words[place + 1] = ((this.tick(nowMs) << 16) | (reason << 8) | retryAfterSeconds) >>> 0;
  }

  private tick(nowMs: number): number {
    return Math.floor(nowMs / tickMs) & tickMask;
  }

  private age(entry: number, nowMs: number): number {
    return (this.tick(nowMs) - (entry >>> 16)) & tickMask;
  }
}
