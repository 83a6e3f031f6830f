// What the orders of an orchestrator mean to the edge: a mode, a boundary in calls per second, a reduction, gaps, a drain. Several
// orchestrators are joined: the highest mode, the least boundary, all controls.
import type { OrderedControl } from '../admin/control-json.ts';
import { allowedUse } from '../congestion/allowed-use.ts';
import type { Orders as CongestionOrders, Control } from '../congestion/orders.ts';
import { type Boundary, boundaryOf, type CallNeeds, noBoundary } from '../control/boundary.ts';
import { joinGaps } from '../control/operator-controls.ts';
import { gapDigits } from '../control/operator-gaps.ts';
import { highestMode } from '../control/running-mode.ts';
import type { Gap, RunningMode } from '../control/throttle.ts';

export interface LinkOrders {
  /** Undefined: nobody says. */
  readonly mode: RunningMode | undefined;
  readonly boundary: Boundary;
  /** Where there is no boundary in calls: it is less by that already. */
  readonly reductionRatio: number;
  readonly gaps: readonly Gap[];
  readonly isDraining: boolean;
}

export const noLinkOrders: LinkOrders = {
  mode: undefined,
  boundary: noBoundary,
  reductionRatio: 0,
  gaps: [],
  isDraining: false,
};

export interface LinkContext {
  readonly needs: CallNeeds;
  /** No order brings the boundary below it. */
  readonly minimumCallsPerSecond: number;
  readonly offeredPerSecond: number;
  /** When the orders came, and now, by the clock of the samples. */
  readonly receivedMs: number;
  readonly nowMs: number;
}

/** An exempt application is asked for nothing: of the mode, which asks the others, it is only told. */
export function linkOrders(orders: CongestionOrders, context: LinkContext): LinkOrders {
  const { exempt, suspended, mode, controls } = orders;
  const { minimumCallsPerSecond, receivedMs, nowMs } = context;
  const allowed = boundaryOf(allowedUse(orders), context.needs, context.offeredPerSecond);
  const callsPerSecond = suspended ? minimumCallsPerSecond : Math.max(minimumCallsPerSecond, allowed.callsPerSecond);
  const isOver = ({ remainingSeconds }: Control): boolean => receivedMs + remainingSeconds * 1000 <= nowMs;
  return {
    mode: exempt ? undefined : mode.mode,
    boundary: { ...allowed, callsPerSecond },
    reductionRatio: exempt || allowed.resource !== undefined ? 0 : mode.attributes.reductionRatio,
    gaps: controls.flatMap((control) => gapOf(control, receivedMs)).filter(({ untilMs }) => untilMs > nowMs),
    isDraining: controls.some((control) => control.kind === 'drain' && !isOver(control)),
  };
}

export function joinLinkOrders(all: readonly LinkOrders[]): LinkOrders {
  const modes = all.flatMap(({ mode }) => mode ?? []);
  return {
    mode: modes.length === 0 ? undefined : highestMode(modes),
    boundary: all.reduce(
      (least, { boundary }) => (boundary.callsPerSecond < least.callsPerSecond ? boundary : least),
      noBoundary,
    ),
    reductionRatio: Math.max(0, ...all.map(({ reductionRatio }) => reductionRatio)),
    gaps: joinGaps(...all.map(({ gaps }) => gaps)),
    isDraining: all.some(({ isDraining }) => isDraining),
  };
}

/** For GET /v1/controls. */
export function orderedControls(orders: CongestionOrders, receivedMs: number): OrderedControl[] {
  return orders.controls.map((control) => ({
    orchestrator: orders.orchestrator,
    kind: control.kind,
    ...(control.kind === 'gap' ? { digits: control.digits } : {}),
    by: control.by,
    untilMs: receivedMs + control.remainingSeconds * 1000,
  }));
}

/** None of a drain, nor of what is no gap: neither an interval nor a share. */
export function gapOf(control: Control, receivedMs: number): Gap[] {
  if (control.kind !== 'gap') return [];
  const digits = gapDigits(control.digits);
  const { intervalSeconds, passRatio, remainingSeconds } = control;
  if (digits === undefined || (intervalSeconds === undefined && passRatio === undefined)) return [];
  const untilMs = receivedMs + remainingSeconds * 1000;
  if (passRatio !== undefined) return [{ digits, limit: { kind: 'share', passRatio }, cause: 'operator', untilMs }];
  const intervalMs = intervalSeconds === 'stop' ? Number.POSITIVE_INFINITY : (intervalSeconds ?? 0) * 1000;
  return [{ digits, limit: { kind: 'interval', intervalMs }, cause: 'operator', untilMs }];
}
