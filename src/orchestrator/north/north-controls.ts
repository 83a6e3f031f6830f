// What operators and AIN elements have placed by hand (the seed's north side; ITU-T E.412): a running mode, gaps and code blocks,
// drains. Each has a name on it, a reason and an end, by the local monotonic clock.
import type { DrainControl, GapControl, ModeOverride } from '../../congestion/north-messages.ts';
import { gapDigits } from '../../control/operator-gaps.ts';
import type { RunningMode } from '../../control/throttle.ts';
import type { Refusal } from '../desk.ts';
import type { PlacedControl } from '../registry/orders-content.ts';

interface Placed {
  readonly by: string;
  readonly reason: string;
  readonly endsMs: number;
}
export interface PlacedOverride extends Placed {
  readonly mode: RunningMode;
}
export interface PlacedGap extends Placed {
  /** As numbers are counted: without `+` and the 1 of the North American plan. */
  readonly digits: string;
  readonly intervalSeconds?: number | 'stop' | undefined;
  readonly passRatio?: number | undefined;
  /** undefined: on all. */
  readonly applications?: readonly string[] | undefined;
}
export interface PlacedDrain extends Placed {
  readonly application: string;
}

/** What has come to its end. */
export interface ExpiredControl {
  readonly kind: 'override' | 'gap' | 'drain';
  /** Mode, digits or application. */
  readonly subject: string;
  readonly reason: string;
}

export interface NorthState {
  readonly override?: PlacedOverride | undefined;
  readonly gaps: readonly PlacedGap[];
  readonly drains: readonly PlacedDrain[];
}

/** Gaps in force at once, so that a faulty script cannot fill our memory; one is left for a drain in what an application is told. */
const mostGaps = 999;

export class NorthControls {
  private readonly isKnown: (application: string) => boolean;
  private placed: PlacedOverride | undefined;
  private readonly gaps = new Map<string, PlacedGap>();
  private readonly drains = new Map<string, PlacedDrain>();

  /** `isKnown`: whether an application is configured. */
  constructor(isKnown: (application: string) => boolean) {
    this.isKnown = isKnown;
  }

  /** Takes the place of an earlier one. */
  override({ mode, seconds, reason }: ModeOverride, by: string, nowMs: number): PlacedOverride {
    this.placed = { mode, by, reason, endsMs: nowMs + seconds * 1000 };
    return this.placed;
  }

  /** What was lifted; undefined: there was none in force. */
  liftOverride(nowMs: number): PlacedOverride | undefined {
    const lifted = this.overrideAt(nowMs);
    this.placed = undefined;
    return lifted;
  }

  overrideAt(nowMs: number): PlacedOverride | undefined {
    return this.placed !== undefined && this.placed.endsMs > nowMs ? this.placed : undefined;
  }

  /** On digits with or without `+` and separators; takes the place of an earlier one on the same. */
  gap(written: string, gap: GapControl, by: string, nowMs: number): PlacedGap | Refusal {
    const digits = gapDigits(written);
    if (digits === undefined) return invalid(`digits: '${written.slice(0, 40)}' is not 1 to 15 digits`);
    const { intervalSeconds, passRatio, applications, seconds, reason } = gap;
    if ((intervalSeconds === undefined) === (passRatio === undefined))
      return invalid('one of intervalSeconds and passRatio must be given, and not both');
    const unknown = applications?.find((name) => !this.isKnown(name));
    if (unknown !== undefined) return notConfigured(unknown);
    const inForce = [...this.gaps.values()].filter(({ endsMs }) => endsMs > nowMs).length;
    if (!this.gaps.has(digits) && inForce >= mostGaps)
      return { refused: 429, type: 'about:blank', detail: `${mostGaps} gaps are in force, no more may be` };
    const placed = { digits, intervalSeconds, passRatio, applications, by, reason, endsMs: nowMs + seconds * 1000 };
    this.gaps.set(digits, placed);
    return placed;
  }

  liftGap(written: string, nowMs: number): PlacedGap | undefined {
    return lift(this.gaps, gapDigits(written) ?? '', nowMs);
  }

  drain(application: string, { seconds, reason }: DrainControl, by: string, nowMs: number): PlacedDrain | Refusal {
    if (!this.isKnown(application)) return notConfigured(application);
    const placed = { application, by, reason, endsMs: nowMs + seconds * 1000 };
    this.drains.set(application, placed);
    return placed;
  }

  liftDrain(application: string, nowMs: number): PlacedDrain | undefined {
    return lift(this.drains, application, nowMs);
  }

  /** What an application is told, the gaps by their digits. */
  controlsOf(application: string, nowMs: number): readonly PlacedControl[] {
    const drain = this.drains.get(application);
    const drains = drain !== undefined && drain.endsMs > nowMs ? [drain] : [];
    const gaps = [...this.gaps.values()].filter(
      ({ applications, endsMs }) => endsMs > nowMs && (applications?.includes(application) ?? true),
    );
    return [
      ...drains.map(({ endsMs, by }): PlacedControl => ({ kind: 'drain', endsMs, by })),
      ...gaps
        .sort((a, b) => (a.digits < b.digits ? -1 : 1))
        .map(({ digits, intervalSeconds, passRatio, endsMs, by }): PlacedControl => {
          return { kind: 'gap', digits, intervalSeconds, passRatio, endsMs, by };
        }),
    ];
  }

  /** Takes away what is over, and tells what that was. */
  expire(nowMs: number): readonly ExpiredControl[] {
    const expired: ExpiredControl[] = [];
    if (this.placed !== undefined && this.placed.endsMs <= nowMs) {
      expired.push({ kind: 'override', subject: this.placed.mode, reason: this.placed.reason });
      this.placed = undefined;
    }
    for (const { digits, reason, endsMs } of this.gaps.values()) {
      if (endsMs > nowMs) continue;
      expired.push({ kind: 'gap', subject: digits, reason });
      this.gaps.delete(digits);
    }
    for (const { application, reason, endsMs } of this.drains.values()) {
      if (endsMs > nowMs) continue;
      expired.push({ kind: 'drain', subject: application, reason });
      this.drains.delete(application);
    }
    return expired;
  }

  /** All of it, for the journal. */
  state(): NorthState {
    return { override: this.placed, gaps: [...this.gaps.values()], drains: [...this.drains.values()] };
  }

  /** Of the process before; `endsMs` by our own clock. What is over already is told by the next `expire`. */
  restore({ override, gaps, drains }: NorthState): void {
    this.placed = override;
    for (const gap of gaps.slice(0, mostGaps)) this.gaps.set(gap.digits, gap);
    for (const drain of drains) if (this.isKnown(drain.application)) this.drains.set(drain.application, drain);
  }
}

function lift<T extends Placed>(all: Map<string, T>, key: string, nowMs: number): T | undefined {
  const lifted = all.get(key);
  all.delete(key);
  return lifted !== undefined && lifted.endsMs > nowMs ? lifted : undefined;
}

const invalid = (detail: string): Refusal => {
  return { refused: 400, type: 'urn:surgegate:problem:invalid-message', detail };
};

const notConfigured = (application: string): Refusal => {
  return { refused: 404, type: 'about:blank', detail: `${application} is not configured here` };
};
