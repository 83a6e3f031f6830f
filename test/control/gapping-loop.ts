// A closed loop for gapping without sockets: seeded Poisson arrivals → gaps → capacity → called lines, and what the Monitor sees of
// it → stepGapping → gaps. Time in steps of 1 ms, a sample every 100 ms.
import { GapTable, numberOfDigits } from '../../src/admission/gaps.ts';
import { TokenBucket } from '../../src/admission/token-bucket.ts';
import { type GappingState, noGapping, stepGapping } from '../../src/control/gapping.ts';
import type { NumberSample } from '../../src/control/load-sample.ts';
import type { Gap } from '../../src/control/throttle.ts';
import { HeavyHitters } from '../../src/monitor/heavy-hitters.ts';

/** Numbers between 0 and 1, the same each time. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One kind of traffic. */
export interface Source {
  readonly name: string;
  readonly perSecond: (ms: number) => number;
  readonly number: (random: () => number) => string;
  /** Share of calls answered if a line is free, after this time. */
  readonly answered: number;
  readonly ringMs: number;
  /** Lines that answer, and how long each is busy; unlimited where absent. */
  readonly lines?: { readonly count: number; readonly holdMs: number };
}

export interface Second {
  readonly offered: Record<string, number>;
  readonly passed: Record<string, number>;
  readonly admitted: Record<string, number>;
  readonly answered: Record<string, number>;
  /** The gaps at the end of the second. */
  readonly gaps: readonly Gap[];
}

export class GappingLoop {
  nowMs = 0;
  gaps: readonly Gap[] = [];
  state: GappingState = noGapping;
  readonly seconds: Second[] = [];
  /** Each time the gaps changed. */
  readonly changes: { readonly ms: number; readonly text: string }[] = [];
  private readonly table = new GapTable();
  private readonly monitor = new HeavyHitters();
  private readonly capacity: TokenBucket;
  private readonly random: () => number;
  private readonly sources: readonly Source[];
  private readonly busyUntil = new Map<string, number[]>();
  private readonly answers = new Map<number, { called: number; name: string }[]>();
  private arrivals = 0;
  private current = emptySecond();

  constructor(capacityPerSecond: number, sources: readonly Source[], seed: number) {
    this.capacity = new TokenBucket(capacityPerSecond, capacityPerSecond * 0.1);
    this.sources = sources;
    this.random = seeded(seed);
  }

  run(untilMs: number): void {
    while (this.nowMs < untilMs) {
      this.nowMs++;
      this.tick();
      if (this.nowMs % 100 === 0) this.sample();
      if (this.nowMs % 1000 === 0) {
        this.seconds.push({ ...this.current, gaps: this.gaps });
        this.current = emptySecond();
      }
    }
  }

  private tick(): void {
    const { nowMs, random } = this;
    for (const { called, name } of this.answers.get(nowMs) ?? []) {
      this.monitor.noteAnswer(called);
      add(this.current.answered, name);
    }
    this.answers.delete(nowMs);
    for (const source of this.sources) {
      for (let n = poisson(source.perSecond(nowMs) / 1000, random); n > 0; n--) this.call(source);
    }
  }

  private call(source: Source): void {
    const { nowMs, random } = this;
    const called = numberOfDigits(source.number(random));
    this.arrivals++;
    add(this.current.offered, source.name);
    this.monitor.noteAttempt(called);
    if (!this.table.check(called, nowMs)) return this.monitor.noteGapped(called);
    add(this.current.passed, source.name);
    this.capacity.refill(nowMs);
    if (!this.capacity.has(0)) return;
    this.capacity.spend();
    add(this.current.admitted, source.name);
    if (random() >= source.answered || !this.takeLine(source)) return;
    const at = nowMs + Math.round(source.ringMs * (0.5 + random())) + 1;
    this.answers.set(at, [...(this.answers.get(at) ?? []), { called, name: source.name }]);
  }

  private takeLine({ name, lines }: Source): boolean {
    if (lines === undefined) return true;
    const busy = (this.busyUntil.get(name) ?? []).filter((until) => until > this.nowMs);
    const isFree = busy.length < lines.count;
    if (isFree) busy.push(this.nowMs + lines.holdMs);
    this.busyUntil.set(name, busy);
    return isFree;
  }

  private sample(): void {
    const numbers: NumberSample[] = this.monitor.take(this.nowMs);
    const step = stepGapping(this.state, {
      numbers,
      ordinaryArrivalsPerSecond: this.arrivals * 10,
      ordinaryCapacityPerSecond: this.capacity.ratePerSecond,
      isOverloaded: false,
      nowMs: this.nowMs,
      intervalMs: 100,
    });
    this.arrivals = 0;
    this.state = step.state;
    this.gaps = step.gaps;
    this.table.replace(step.gaps, this.nowMs);
    const text = step.gaps
      .map(({ digits, limit }) => `${digits}:${limit.kind === 'interval' ? limit.intervalMs / 1000 : limit.passRatio}`)
      .join(' ');
    if ((this.changes.at(-1)?.text ?? '') !== text) this.changes.push({ ms: this.nowMs, text });
  }
}

function emptySecond(): Omit<Second, 'gaps'> {
  return { offered: {}, passed: {}, admitted: {}, answered: {} };
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let n = 0;
  for (let p = random(); p > limit; p *= random()) n++;
  return n;
}
