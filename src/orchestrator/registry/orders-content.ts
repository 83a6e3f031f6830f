// What the orchestrator says to an application, with moments where the message has spans, so that two can be compared and told at any
// time; and how it becomes the message (congestion/orders.ts).
import { type Amounts, byResource } from '../../congestion/amounts.ts';
import type { Control, ForcedLimit, ModeAttributes, ModeReport, Notice, Orders } from '../../congestion/orders.ts';
import type { RunningMode } from '../../control/throttle.ts';

/** The running mode of the host. Moments by the clock of the steps, ms. */
export interface HostMode {
  readonly mode: RunningMode;
  readonly sinceMs: number;
  readonly causes: readonly string[];
  readonly attributes: ModeAttributes;
}

/** A gap, a code block or a drain that somebody has placed. */
export type PlacedControl =
  | {
      readonly kind: 'gap';
      readonly digits: string;
      readonly intervalSeconds?: number | 'stop' | undefined;
      readonly passRatio?: number | undefined;
      readonly endsMs: number;
      readonly by: string;
    }
  | { readonly kind: 'drain'; readonly endsMs: number; readonly by: string };

export interface OrdersContent {
  readonly application: string;
  readonly session: string;
  readonly isExempt: boolean;
  readonly mode: HostMode;
  readonly allocation: {
    readonly maximum: Amounts;
    readonly current: Amounts;
    readonly available: Amounts;
    /** Its preset congestion boundary, while one is in force. */
    readonly boundary?: Amounts | undefined;
  };
  readonly notices: readonly (Pick<Notice, 'id' | 'kind' | 'target' | 'cause'> & { readonly deadlineMs: number })[];
  readonly forced: readonly (Pick<ForcedLimit, 'resource' | 'limit' | 'cause'> & { readonly sinceMs: number })[];
  readonly isSuspended: boolean;
  readonly controls: readonly PlacedControl[];
}

/** As many as the message takes. */
const most = { causes: 64, notices: 64, forced: 16, controls: 1000 } as const;
const longestCause = 200;

/** Amounts as they are told: whole bytes, thousandths of a core. */
function rounded(amounts: Amounts): Amounts {
  return byResource((name) => {
    const amount = amounts[name];
    return amount === undefined
      ? undefined
      : name === 'cpuCores'
        ? Math.round(amount * 1000) / 1000
        : Math.round(amount);
  });
}

/** Within the bounds of the message. */
export function toldContent(content: OrdersContent): OrdersContent {
  const { maximum, current, available, boundary } = content.allocation;
  return {
    ...content,
    mode: { ...content.mode, causes: content.mode.causes.slice(0, most.causes).map(shortened) },
    allocation: {
      maximum: rounded(maximum),
      current: rounded(current),
      available: rounded(available),
      ...(boundary === undefined ? {} : { boundary: rounded(boundary) }),
    },
    notices: content.notices
      .slice(0, most.notices)
      .map((one) => ({ ...one, target: rounded(one.target), cause: shortened(one.cause) })),
    forced: content.forced.slice(0, most.forced).map((one) => ({ ...one, cause: shortened(one.cause) })),
    // A drain is never what is left out.
    controls: [...content.controls].sort((a, b) => a.kind.localeCompare(b.kind)).slice(0, most.controls),
  };
}

const shortened = (cause: string): string => cause.slice(0, longestCause);

export interface OrdersEnvelope {
  readonly orchestrator: string;
  readonly sequence: number;
  readonly validitySeconds: number;
}

/** The message at this moment. */
export function ordersAt(content: OrdersContent, envelope: OrdersEnvelope, nowMs: number): Orders {
  return {
    orchestrator: envelope.orchestrator,
    application: content.application,
    session: content.session,
    sequence: envelope.sequence,
    validitySeconds: envelope.validitySeconds,
    mode: modeReportAt(envelope.orchestrator, content.mode, nowMs),
    exempt: content.isExempt,
    allocation: { ...content.allocation },
    notices: content.notices.map(({ id, kind, target, cause, deadlineMs }) => {
      return { id, kind, target, deadlineSeconds: secondsBetween(nowMs, deadlineMs), cause };
    }),
    forced: content.forced.map(({ resource, limit, cause, sinceMs }) => {
      return { resource, limit, sinceSeconds: secondsBetween(sinceMs, nowMs), cause };
    }),
    suspended: content.isSuspended,
    controls: content.controls.flatMap((control) => controlAt(control, nowMs)),
  };
}

export function modeReportAt(
  orchestrator: string,
  { mode, sinceMs, causes, attributes }: HostMode,
  nowMs: number,
): ModeReport {
  return {
    orchestrator,
    mode,
    sinceSeconds: secondsBetween(sinceMs, nowMs),
    causes: causes.slice(0, most.causes).map(shortened),
    attributes: { ...attributes },
  };
}

/** What is over is not told. */
function controlAt(control: PlacedControl, nowMs: number): Control[] {
  const { endsMs, by } = control;
  if (endsMs <= nowMs) return [];
  const remainingSeconds = secondsBetween(nowMs, endsMs);
  if (control.kind === 'drain') return [{ kind: 'drain', remainingSeconds, by }];
  const { digits, intervalSeconds, passRatio } = control;
  const limit = intervalSeconds === undefined ? { passRatio } : { intervalSeconds };
  return [{ kind: 'gap', digits, ...limit, remainingSeconds, by }];
}

const secondsBetween = (fromMs: number, toMs: number): number => Math.max(0, Math.round(toMs - fromMs) / 1000);
