// Which admitted calls are traced: a share of them chosen by the hash of the transaction, those that a trusted sender traces, and of
// both so many in a second at the most.
import type { Tracer } from '@opentelemetry/api';
import type { Neighbour } from '../admission/side.ts';
import type { CallTrace, TracedArrival, Tracing } from '../edge/tracing.ts';
import type { Peek } from '../sip/peek.ts';
import { CallSpans } from './call-spans.ts';
import { Dialogs } from './dialogs.ts';
import { isContinuedFrom, type TraceRules } from './trace-rules.ts';
import { traceParentOf } from './traceparent.ts';

/** What of the calls in a second ordinary ones leave to privileged ones. */
const reserveRatio = 0.2;

export class TracedCalls implements Tracing {
  ordinaryBelow = 0;
  privilegedBelow = 0;
  asksSenders = false;
  /** Calls traced, and those that were one too many. */
  traced = 0;
  overLimit = 0;
  readonly openDialogs: Dialogs;
  private readonly tracer: Tracer;
  private readonly offsetMs: () => number;
  private rules!: TraceRules;
  private secondMs = Number.NEGATIVE_INFINITY;
  private left = 0;

  /** `offsetMs`: what is to be added to the pipeline's clock for Unix time. */
  constructor(tracer: Tracer, rules: TraceRules, offsetMs: () => number) {
    this.tracer = tracer;
    this.offsetMs = offsetMs;
    this.openDialogs = new Dialogs(tracer);
    this.change(rules);
  }

  get dialogs(): number {
    return this.openDialogs.size;
  }

  change(rules: TraceRules): void {
    this.rules = rules;
    this.ordinaryBelow = Math.round(rules.ratio * 2 ** 32);
    this.privilegedBelow = Math.round(rules.priorityRatio * 2 ** 32);
    this.asksSenders = rules.continueFrom.length > 0;
  }

  isBelieved(from: Neighbour): boolean {
    return isContinuedFrom(this.rules.continueFrom, from);
  }

  begin(arrived: TracedArrival, nowMs: number): CallTrace | undefined {
    const { tracer, rules, openDialogs: dialogs } = this;
    const parent = this.isBelieved(arrived.from) ? traceParentOf(arrived.p) : undefined;
    if (!(parent?.isSampled ?? arrived.isChosen)) return undefined;
    if (!this.takesOne(arrived.isPrivileged, nowMs)) {
      this.overLimit++;
      return undefined;
    }
    this.traced++;
    return new CallSpans({ tracer, dialogs, rules, parent, offsetMs: this.offsetMs() }, arrived, nowMs);
  }

  onInDialog(p: Peek, from: Neighbour, nowMs: number): void {
    this.openDialogs.onRequest(p, from, nowMs);
  }

  private takesOne(isPrivileged: boolean, nowMs: number): boolean {
    const { callsPerSecond } = this.rules;
    if (nowMs - this.secondMs >= 1000) {
      this.secondMs = nowMs;
      this.left = callsPerSecond;
    }
    if (this.left <= (isPrivileged ? 0 : Math.floor(callsPerSecond * reserveRatio))) return false;
    this.left--;
    return true;
  }
}
