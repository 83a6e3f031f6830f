// The wave that our Retry-After values send back: books every refused call for the second in which it was told to come again,
// and says by how much the next values must be pushed out so that no second gets more than the capacity left for them
// (RFC 5390 REQ 14; RFC 3261 §20.33). Bounded: 256 seconds ahead.

/** The furthest second that is booked; what lies beyond is booked there. */
const ringSeconds = 256;
/**
 * Share of refused calls that come again when they were told to. Telephones and gateways that know Retry-After all do; people
 * who redial by hand and those who give up do not. Too high a share spreads the wave too far, too low a one lets it break.
 */
const defaultRetryRatio = 0.8;
/** Nobody is sent away for longer than this on top of the configured range: a customer away is away for emergency calls too. */
const defaultMostExtraSeconds = 60;

export class ReturnWave {
  private readonly booked = new Float64Array(ringSeconds);
  /** The second that the ring begins with, since the clock's zero. */
  private first = Number.NaN;
  private readonly retryRatio: number;
  private readonly mostExtraSeconds: number;

  /** `retryRatio` 0 to 1; `mostExtraSeconds` whole, 0 to 200. */
  constructor(retryRatio: number = defaultRetryRatio, mostExtraSeconds: number = defaultMostExtraSeconds) {
    this.retryRatio = retryRatio;
    this.mostExtraSeconds = mostExtraSeconds;
  }

  /** `told[s]` calls were refused just now with Retry-After `s` (what was sent, extra seconds in it); `told[0]` had none. */
  book(told: readonly number[], nowMs: number): void {
    this.advance(nowMs);
    for (let s = 1; s < told.length; s++) {
      const count = told[s]!;
      if (count === 0) continue;
      const slot = (this.first + Math.min(s, ringSeconds - 1)) % ringSeconds;
      this.booked[slot] = this.booked[slot]! + count * this.retryRatio;
    }
  }

  /** Calls that will come back in the second that is `secondsAhead` (0 to 255) after the one of `nowMs`. */
  expected(secondsAhead: number, nowMs: number): number {
    this.advance(nowMs);
    return this.booked[(this.first + secondsAhead) % ringSeconds]!;
  }

  /**
   * Whole seconds, 0 or more, to add to Retry-After values that lie between `minSeconds` and `maxSeconds` (1 to 255), so that
   * they meet only seconds booked below `capacityLeftPerSecond`. Where none is left, those booked least, so that the wave is flat.
   */
  extraSeconds(nowMs: number, capacityLeftPerSecond: number, minSeconds: number, maxSeconds: number): number {
    this.advance(nowMs);
    const most = Math.min(this.mostExtraSeconds, ringSeconds - 1 - maxSeconds);
    let best = 0;
    let least = Infinity;
    for (let extra = 0; extra <= most; extra++) {
      let highest = 0;
      for (let s = minSeconds + extra; s <= maxSeconds + extra; s++)
        highest = Math.max(highest, this.booked[(this.first + s) % ringSeconds]!);
      if (highest < capacityLeftPerSecond) return extra;
      if (highest < least) {
        least = highest;
        best = extra;
      }
    }
    return best;
  }

  /** Forgets the seconds that are over. */
  private advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (Number.isNaN(this.first)) this.first = second;
    const over = Math.min(ringSeconds, second - this.first);
    for (let i = 0; i < over; i++) this.booked[(this.first + i) % ringSeconds] = 0;
    // a clock that goes back changes nothing
    if (second > this.first) this.first = second;
  }
}
