// Which called numbers, and which first 3, 6 and 10 digits of numbers, the ordinary new calls of the last seconds are for, in fixed
// memory (Space-Saving, see space-saving.ts): 256 numbers, 128 prefixes of 6 and of 10 digits, and all 1000 of 3. Every attempt is
// counted, none is sampled: 60 ns for traffic to few numbers, about 150 ns when every attempt calls another number.
import type { NumberSample } from '../control/load-sample.ts';
import { SpaceSaving } from './space-saving.ts';

const keptNumbers = 256;
const keptPrefixes = 128;
/** Told in a sample, at most. */
const toldNumbers = 24;
const toldPrefixes = 8;
/** A count loses half its weight in this time. */
const halfLifeMs = 1000;

const powersOfTen = Float64Array.from({ length: 17 }, (_, i) => 10 ** i);

export class HeavyHitters {
  private readonly numbers = new SpaceSaving(keptNumbers);
  private readonly three = new SpaceSaving(1000);
  private readonly six = new SpaceSaving(keptPrefixes);
  private readonly ten = new SpaceSaving(keptPrefixes);
  private halvedMs = Number.NaN;

  /**
   * An ordinary new call to `called`, as `calledNumber` of admission/gaps.ts gives it: a 1 and then the digits; 0 is not counted.
   * Also those that a gap or a limit refuses; not retransmissions. A prefix is counted for numbers that are longer than it.
   */
  noteAttempt(called: number): void {
    if (called === 0) return;
    const digits = digitCount(called);
    this.numbers.noteAttempt(called);
    if (digits > 3) this.three.noteAttempt(prefix(called, digits - 3));
    if (digits > 6) this.six.noteAttempt(prefix(called, digits - 6));
    if (digits > 10) this.ten.noteAttempt(prefix(called, digits - 10));
  }

  /** The call was answered (2xx), whenever it began. */
  noteAnswer(called: number): void {
    if (called === 0) return;
    const digits = digitCount(called);
    this.numbers.noteAnswer(called);
    if (digits > 3) this.three.noteAnswer(prefix(called, digits - 3));
    if (digits > 6) this.six.noteAnswer(prefix(called, digits - 6));
    if (digits > 10) this.ten.noteAnswer(prefix(called, digits - 10));
  }

  /** The attempt, noted before, was refused by a gap on its number or on first digits of it. */
  noteGapped(called: number): void {
    if (called === 0) return;
    const digits = digitCount(called);
    this.numbers.noteGapped(called);
    if (digits > 3) this.three.noteGapped(prefix(called, digits - 3));
    if (digits > 6) this.six.noteGapped(prefix(called, digits - 6));
    if (digits > 10) this.ten.noteGapped(prefix(called, digits - 10));
  }

  /** The heaviest 24 numbers and 8 prefixes of each length, with what they did since the last call. `nowMs`: monotonic. */
  take(nowMs: number): NumberSample[] {
    const { numbers, three, six, ten } = this;
    const samples = [
      ...samplesOf(numbers, toldNumbers, false),
      ...samplesOf(ten, toldPrefixes, true),
      ...samplesOf(six, toldPrefixes, true),
      ...samplesOf(three, toldPrefixes, true),
    ];
    if (Number.isNaN(this.halvedMs)) this.halvedMs = nowMs;
    if (nowMs - this.halvedMs >= halfLifeMs) {
      for (const sketch of [numbers, three, six, ten]) sketch.halve();
      this.halvedMs = nowMs;
    }
    return samples;
  }
}

function samplesOf(sketch: SpaceSaving, most: number, isPrefix: boolean): NumberSample[] {
  return sketch.take(most).map(({ key, missed, ...counts }) => ({
    ...counts,
    digits: String(key).slice(1),
    isPrefix,
    excess: missed,
  }));
}

/** `called` without its last `cut` digits. A division of doubles: `%` of numbers above 2^31 is a slow library call. */
function prefix(called: number, cut: number): number {
  return Math.floor(called / powersOfTen[cut]!);
}

/** The usual ten digits first. */
function digitCount(called: number): number {
  if (called >= 1e10 && called < 1e11) return 10;
  let count = called < 1e10 ? 1 : 11;
  while (called >= powersOfTen[count + 1]!) count++;
  return count;
}
