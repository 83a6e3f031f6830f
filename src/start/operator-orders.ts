// What the operator has ordered of this process by hand, each with an end: gaps and code blocks, a running mode, drains, shadow mode. Every
// order is audited. A reload keeps them, a restart does not: who needs one for longer than that has it in the dial plan or the configuration.
import type { AuditAction, AuditEntry } from '../admin/audit-entry.ts';
import type { GapInForce } from '../admin/gap-json.ts';
import type { GapTable } from '../admission/gaps.ts';
import type { AuditNote } from '../audit-log.ts';
import { expireControls, type Held, noOperatorControls, type OperatorControls } from '../control/operator-controls.ts';
import {
  expireGaps,
  type GapRequest,
  gapDigits,
  listGaps,
  noOperatorGaps,
  type OperatorGaps,
  placeGap,
  removeGap,
} from '../control/operator-gaps.ts';
import type { Gap, RunningMode } from '../control/throttle.ts';

interface Order {
  /** Above 0 to 86,400. */
  readonly seconds: number;
  readonly reason: string;
}

/** What of the edge an order is carried out on. */
export interface OrderedParts {
  /** Where the gaps of every cause are counted. */
  readonly table: GapTable;
  /** The clock of the samples, ms. */
  readonly now: () => number;
  readonly audit: { note(note: AuditNote<AuditAction>): unknown; entries(): readonly AuditEntry[] };
  /** The switches, with their group and whether they take calls by configuration; `isDrained`: by order. */
  readonly switches: () => readonly { readonly name: string; readonly group: string; readonly weight: number }[];
  /** Called when something but a gap has changed. */
  readonly onChange: () => void;
}

export class OperatorOrders {
  private gapsInForce: OperatorGaps = noOperatorGaps;
  private held: OperatorControls = noOperatorControls;
  private placedBy: ReadonlyMap<string, string> = new Map();
  private readonly parts: OrderedParts;

  constructor(parts: OrderedParts) {
    this.parts = parts;
  }

  /** In force now, by digits. */
  gaps(): readonly Gap[] {
    const nowMs = this.parts.now();
    this.gapsInForce = expireGaps(this.gapsInForce, nowMs);
    return this.gapsInForce.size === 0 ? [] : listGaps(this.gapsInForce, nowMs);
  }

  /** The gap in force, and whether it took the place of another; or one line that says what is wrong with the request. */
  place(
    request: GapRequest,
    by: string,
  ): { readonly placed: Gap; readonly isNew: boolean } | { readonly error: string } {
    const nowMs = this.parts.now();
    const before = expireGaps(this.gapsInForce, nowMs);
    const result = placeGap(before, request, nowMs);
    if ('error' in result) return result;
    const { placed } = result;
    this.gapsInForce = result.gaps;
    this.placedBy = new Map([...this.placedBy].filter(([digits]) => result.gaps.has(digits))).set(placed.digits, by);
    this.note(by, 'gap', gapText(placed), { seconds: request.seconds, reason: request.reason ?? '' });
    return { placed, isNew: !before.has(placed.digits) };
  }

  /** Whether there was one on these digits. */
  remove(digits: string, by: string, reason = ''): boolean {
    const { gaps, wasThere } = removeGap(this.gapsInForce, digits, this.parts.now());
    this.gapsInForce = gaps;
    if (wasThere) this.note(by, 'lift-gap', gapDigits(digits) ?? digits, { reason });
    return wasThere;
  }

  /** Gaps of every cause with what they have let pass and refused; the operator's also where no throttle has had them yet. */
  list(): GapInForce[] {
    const others: GapInForce[] = [];
    const own = this.gaps();
    const keyOf = (gap: Gap): string => `${gap.digits} ${gap.limit.kind}`;
    const ownKeys = new Set(own.map(keyOf));
    const counts = new Map<string, { passed: number; refused: number }>();
    this.parts.table.each((gap, passed, refused) => {
      const isOwn = gap.cause === 'operator' && ownKeys.has(keyOf(gap));
      if (isOwn) counts.set(keyOf(gap), { passed, refused });
      else others.push({ gap, passed, refused, ...(gap.cause === 'operator' ? { by: 'orchestrator' } : {}) });
    });
    const listed = own.map((gap) => {
      const { passed, refused } = counts.get(keyOf(gap)) ?? { passed: 0, refused: 0 };
      return { gap, passed, refused, by: this.placedBy.get(gap.digits) };
    });
    return [...listed, ...others];
  }

  /** In force now. */
  controls(): OperatorControls {
    this.held = expireControls(this.held, this.parts.now());
    return this.held;
  }

  orderMode(mode: RunningMode, order: Order, by: string): void {
    this.change({ mode: { mode, ...this.hold(order, by) } });
    this.note(by, 'override', mode, order);
  }

  liftMode(by: string, reason = ''): boolean {
    const { mode } = this.controls();
    if (mode === undefined) return false;
    this.change({ mode: undefined });
    this.note(by, 'lift-override', mode.mode, { reason });
    return true;
  }

  drain(order: Order, by: string): void {
    this.change({ drain: this.hold(order, by) });
    this.note(by, 'drain', 'edge', order);
  }

  liftDrain(by: string, reason = ''): boolean {
    if (this.controls().drain === undefined) return false;
    this.change({ drain: undefined });
    this.note(by, 'lift-drain', 'edge', { reason });
    return true;
  }

  orderShadow(on: boolean, order: Order, by: string): void {
    this.change({ shadow: { on, ...this.hold(order, by) } });
    this.note(by, 'shadow', on ? 'on' : 'off', order);
  }

  liftShadow(by: string, reason = ''): boolean {
    const { shadow } = this.controls();
    if (shadow === undefined) return false;
    this.change({ shadow: undefined });
    this.note(by, 'lift-shadow', shadow.on ? 'on' : 'off', { reason });
    return true;
  }

  drainSwitch(name: string, order: Order, by: string): 'unknown' | 'last' | undefined {
    const all = this.parts.switches();
    const own = all.find((one) => one.name === name);
    if (own === undefined) return 'unknown';
    const { drainedSwitches } = this.controls();
    const isOther = all.some(
      (one) => one.name !== name && one.group === own.group && one.weight > 0 && !drainedSwitches.has(one.name),
    );
    if (!isOther) return 'last';
    this.change({ drainedSwitches: new Map(drainedSwitches).set(name, this.hold(order, by)) });
    this.note(by, 'drain-switch', name, order);
    return undefined;
  }

  liftSwitchDrain(name: string, by: string, reason = ''): boolean {
    const left = new Map(this.controls().drainedSwitches);
    if (!left.delete(name)) return false;
    this.change({ drainedSwitches: left });
    this.note(by, 'lift-switch-drain', name, { reason });
    return true;
  }

  /** The newest first. */
  audit(): readonly AuditEntry[] {
    return this.parts.audit.entries();
  }

  /** The clock of the ends, and that of the wall, ms. */
  clocks(): { nowMs: number; unixMs: number } {
    return { nowMs: this.parts.now(), unixMs: Date.now() };
  }

  private hold({ seconds, reason }: Order, by: string): Held {
    return { untilMs: this.parts.now() + seconds * 1000, reason, by };
  }

  private change(some: Partial<OperatorControls>): void {
    this.held = { ...this.controls(), ...some };
    this.parts.onChange();
  }

  private note(by: string, action: AuditAction, subject: string, order: Partial<Order> = {}): void {
    this.parts.audit.note({ by, action, subject, reason: order.reason ?? '', seconds: order.seconds });
  }
}

/** `5550001111 1 per 2 s`. */
export function gapText({ digits, limit }: Gap): string {
  if (limit.kind === 'share') return `${digits} passes ${Math.round(limit.passRatio * 100)} %`;
  return `${digits} ${limit.intervalMs === Number.POSITIVE_INFINITY ? 'stop' : `1 per ${limit.intervalMs / 1000} s`}`;
}
