// What is ordered by hand, as the HTTP interface says it.
import type { Held, OperatorControls } from '../control/operator-controls.ts';
import type { RunningMode } from '../control/throttle.ts';
import type { Clocks } from './gap-json.ts';

/** A control that came with the orders of an orchestrator, and ends with them. */
export interface OrderedControl {
  readonly orchestrator: string;
  readonly kind: 'gap' | 'drain';
  /** Of a gap. */
  readonly digits?: string;
  /** Who ordered it there. */
  readonly by: string;
  /** By the clock of the samples. */
  readonly untilMs: number;
}

export interface HeldJson {
  readonly by: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly endsAt: string;
  readonly remainingSeconds: number;
}

export interface ControlsJson {
  readonly mode: (HeldJson & { readonly mode: RunningMode }) | null;
  readonly drain: HeldJson | null;
  /** In place of what configuration says. */
  readonly shadow: (HeldJson & { readonly on: boolean }) | null;
  readonly switches: readonly (HeldJson & { readonly name: string })[];
  readonly ordered: readonly (Omit<OrderedControl, 'untilMs'> & Omit<HeldJson, 'by' | 'reason'>)[];
}

export function controlsJson(
  { mode, drain, shadow, drainedSwitches }: OperatorControls,
  ordered: readonly OrderedControl[],
  clocks: Clocks,
): ControlsJson {
  return {
    mode: mode === undefined ? null : { mode: mode.mode, ...heldJson(mode, clocks) },
    drain: drain === undefined ? null : heldJson(drain, clocks),
    shadow: shadow === undefined ? null : { on: shadow.on, ...heldJson(shadow, clocks) },
    switches: [...drainedSwitches].map(([name, held]) => ({ name, ...heldJson(held, clocks) })),
    ordered: ordered.map(({ untilMs, ...one }) => ({ ...one, ...endOf(untilMs, clocks) })),
  };
}

export function heldJson({ by, reason, untilMs }: Held, clocks: Clocks): HeldJson {
  return { by, reason, ...endOf(untilMs, clocks) };
}

function endOf(untilMs: number, { nowMs, unixMs }: Clocks): { endsAt: string; remainingSeconds: number } {
  const leftMs = Math.max(0, untilMs - nowMs);
  return { endsAt: new Date(unixMs + leftMs).toISOString(), remainingSeconds: Math.ceil(leftMs / 1000) };
}
