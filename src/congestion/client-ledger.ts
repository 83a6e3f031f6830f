// What a client keeps while it runs: its state, which only events change, the clock of the orders' validity, and what it counts.
// Callbacks of the application are called here and nowhere else; one that throws is counted, told once, and harms nothing.
import {
  type ClientChange,
  type ClientOptions,
  type FailureKind,
  failureKinds,
  type IgnoredReason,
  ignoredReasons,
} from './client-options.ts';
import { type ClientEvent, type ClientState, initialClient, notOurs, stepClient } from './client-state.ts';
import { type Orders, ordersSchema } from './orders.ts';

export interface LedgerRule {
  readonly application: string;
  readonly reportMs: number;
  readonly isUnref: boolean;
}

/** Why orders that were pushed are none for us. */
export type NotTaken = Exclude<IgnoredReason, 'sequence'>;

export class ClientLedger {
  state: ClientState = initialClient(performance.now());
  readonly failures = countsOf(failureKinds);
  readonly ignored = countsOf(ignoredReasons);
  taken = 0;
  private readonly options: ClientOptions;
  private readonly rule: LedgerRule;
  private expiry: NodeJS.Timeout | undefined;
  private wasPushWrong = false;
  private isClosed = false;

  constructor(options: ClientOptions, rule: LedgerRule) {
    this.options = options;
    this.rule = rule;
  }

  /** Those that are valid now. */
  get orders(): Orders | undefined {
    const { held } = this.state;
    return held !== undefined && performance.now() < held.validUntilMs ? held.orders : undefined;
  }

  /** From now on nothing changes and nobody is told anything. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.expiry);
  }

  step(event: ClientEvent): void {
    if (this.isClosed) return;
    const { state, actions } = stepClient(this.state, event, this.rule);
    this.state = state;
    this.awaitExpiry();
    for (const action of actions) {
      if (action.do === 'tell') this.tell(action.change);
      else if (action.do === 'ignore') this.ignored[action.reason]++;
      else this.give(action.orders);
    }
  }

  failed(kind: FailureKind, detail: string, retryAfterMs?: number): void {
    if (this.isClosed) return;
    this.failures[kind]++;
    this.step({ type: 'failed', kind, detail, retryAfterMs, nowMs: performance.now(), random: Math.random() });
  }

  /** What is wrong on our own side: told the first time. */
  fault(kind: 'application' | 'listener', detail: string): void {
    this.failures[kind]++;
    if (this.failures[kind] === 1) this.tell({ what: 'failed', kind, detail });
  }

  /** The answer to a message of ours; returns whether it was one to us. */
  answered(orders: Orders, sentMs: number, isReport: boolean): boolean {
    const reason = notOurs(this.state, orders, this.rule.application);
    if (reason === undefined) {
      this.step({ type: 'answered', orders, isReport, sentMs, nowMs: performance.now() });
      return true;
    }
    this.ignored[reason]++;
    this.failed(reason === 'session' ? 'session' : 'invalid', `orders of another ${reason}`);
    return false;
  }

  /** Orders that came by themselves: their sequence number, or why they are none for us. */
  pushed(text: string): number | NotTaken {
    const orders = ordersOf(text);
    const reason = orders === undefined ? 'invalid' : notOurs(this.state, orders, this.rule.application);
    if (orders !== undefined && reason === undefined) {
      this.wasPushWrong = false;
      this.step({ type: 'pushed', orders, nowMs: performance.now() });
      return orders.sequence;
    }
    const why = reason ?? 'invalid';
    this.ignored[why]++;
    // after a restart they come before the answer that tells us so
    if (why === 'session') return why;
    this.failures.invalid++;
    const detail = why === 'invalid' ? 'what was pushed is no orders' : 'orders of another application were pushed';
    if (!this.wasPushWrong) this.tell({ what: 'failed', kind: 'invalid', detail });
    this.wasPushWrong = true;
    return why;
  }

  tell(change: ClientChange): void {
    if (this.isClosed) return;
    try {
      this.options.onChange?.(change);
    } catch {
      this.failures.application++;
    }
  }

  /** What the application gives; undefined where it throws. */
  guarded<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.fault('application', `a callback threw: ${String(error)}`);
      return undefined;
    }
  }

  private give(orders: Orders | undefined): void {
    if (orders !== undefined) this.taken++;
    this.guarded(() => this.options.onOrders?.(orders));
  }

  private awaitExpiry(): void {
    clearTimeout(this.expiry);
    if (this.state.held === undefined) return;
    const waitMs = Math.max(1, Math.ceil(this.state.held.validUntilMs - performance.now()));
    this.expiry = setTimeout(() => this.step({ type: 'tick', nowMs: performance.now() }), waitMs);
    if (this.rule.isUnref) this.expiry.unref();
  }
}

function ordersOf(text: string): Orders | undefined {
  try {
    return ordersSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function countsOf<T extends FailureKind | IgnoredReason>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
}
