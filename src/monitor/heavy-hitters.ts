// Which called numbers, and which first 3, 6 and 10 digits of numbers, the ordinary new calls of the last seconds are for, in fixed
// memory (Space-Saving, see space-saving.ts): 256 numbers, 128 prefixes of 6 and of 10 digits, and all 1000 of 3. An attempt costs
// 60 ns for traffic to few numbers, about 150 ns when every one calls another number; so of a flood above 20,000 a second only one
// in 2, 3 … 16 is counted, for as many: what is hot is so many times over that it shows all the same.
import type { NumberSample } from '../control/load-sample.ts';
import { SpaceSaving } from './space-saving.ts';

const keptNumbers = 256;
const keptPrefixes = 128;
/** Told in a sample, at most. */
const toldNumbers = 24;
const toldPrefixes = 8;
/**
 * A number that was called but once lately is not told: what is heavy comes again, and most others never do. Of ordinary traffic, each
 * call to another number, the control loop would otherwise follow five hundred of them, which took it a third of its time.
 */
const leastCount = 2;
/** Attempts between two samples that are counted one by one; of more, one in so many, for as many. */
const countedEach = 2000;
const mostStride = 16;
/** A count loses half its weight in this time. */
const halfLifeMs = 1000;

const powersOfTen = Float64Array.from({ length: 17 }, (_, i) => 10 ** i);

export class HeavyHitters {
  private readonly numbers = new SpaceSaving(keptNumbers);
  private readonly three = new SpaceSaving(1000);
  private readonly six = new SpaceSaving(keptPrefixes);
  private readonly ten = new SpaceSaving(keptPrefixes);
  private halvedMs = Number.NaN;
  /** One attempt in so many is counted until the next sample; how many came since the last; how many go by before the next. */
  private stride = 1;
  private came = 0;
  private skip = 1;
  /** State of a linear congruential generator (Numerical Recipes): attempts that come in turns are not counted in step. */
  private chance = 1;

  /** To be asked for every attempt: whether this one is to be noted, as an attempt and where a gap refuses it. */
  counts(): boolean {
    this.came++;
    if (--this.skip > 0) return false;
    this.skip = this.stride === 1 ? 1 : this.nextSkip();
    return true;
  }

  /** 1 to 2 × stride - 1, each as likely. */
  private nextSkip(): number {
    this.chance = (Math.imul(this.chance, 1_664_525) + 1_013_904_223) | 0;
    return 1 + ((this.chance >>> 8) % (2 * this.stride - 1));
  }

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

  /** The heaviest 24 numbers and 8 prefixes of each length that came at least twice, with what they did since the last call. `nowMs`: monotonic. */
  take(nowMs: number): NumberSample[] {
    const { numbers, three, six, ten } = this;
    const { stride } = this;
    const samples = [
      ...samplesOf(numbers, toldNumbers, false, stride),
      ...samplesOf(ten, toldPrefixes, true, stride),
      ...samplesOf(six, toldPrefixes, true, stride),
      ...samplesOf(three, toldPrefixes, true, stride),
    ];
    this.stride = Math.min(mostStride, Math.max(1, Math.ceil(this.came / countedEach)));
    this.came = 0;
    if (this.stride === 1) this.skip = 1;
    if (Number.isNaN(this.halvedMs)) this.halvedMs = nowMs;
    if (nowMs - this.halvedMs >= halfLifeMs) {
      for (const sketch of [numbers, three, six, ten]) sketch.halve();
      this.halvedMs = nowMs;
    }
    return samples;
  }
}

function samplesOf(sketch: SpaceSaving, most: number, isPrefix: boolean, stride: number): NumberSample[] {
  return sketch.take(most, leastCount).map(({ key, attempts, missed, answers, refusedByGap }) => ({
    digits: String(key).slice(1),
    isPrefix,
    attempts: attempts * stride,
    excess: missed * stride,
    answers,
    refusedByGap: refusedByGap * stride,
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
