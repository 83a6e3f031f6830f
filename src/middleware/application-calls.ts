// The carrier of the middleware: what is admitted goes to the application itself. Its answers are seen here, so what it can do is learned
// as from any switch.
import { calledNumber } from '../admission/gaps.ts';
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { Classification } from '../classify/classify.ts';
import type { CarriedCall, Carrier } from '../edge/carrier.ts';
import type { Way } from '../edge/next-hop.ts';
import { count, type EdgeParts } from '../edge/parts.ts';
import type { Switch } from '../edge/switches.ts';
import type { StackFlow } from '../engine/drachtio/stack-flow.ts';
import { interfaceIndex } from '../metrics/counters.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import type { SrfAsked } from './srf-request.ts';

/** The server forgets an INVITE that nobody answers at all; ms. */
const forgottenMs = 64_000;
/** A call that rings so long has been given up by all, ms: longer than Timer C. */
const longestMs = 240_000;

export interface ApplicationCall extends CarriedCall {
  readonly key: number;
  readonly from: Neighbour;
  readonly one: Switch;
  /** The number called by an ordinary call, else 0. */
  readonly called: number;
  readonly sentMs: number;
  hasAnswered: boolean;
  hasProgress: boolean;
}

export class ApplicationCalls implements Carrier<ApplicationCall> {
  private readonly parts: EdgeParts;
  private readonly most: number;
  /** In the order in which they began. */
  private readonly byKey = new Map<number, ApplicationCall>();

  constructor(parts: EdgeParts, most: number) {
    this.parts = parts;
    this.most = most;
  }

  get open(): number {
    return this.byKey.size;
  }

  find(key: number): ApplicationCall | undefined {
    return this.byKey.get(key);
  }

  onRetransmission(): void {}

  onAck(): boolean {
    return true;
  }

  /** drachtio-srf tells the application too. */
  onCancel(call: ApplicationCall): void {
    this.end(call, 487);
  }

  onResponse(): boolean {
    return false;
  }

  hasRoom(isPrivileged: boolean): boolean {
    return this.byKey.size < this.most * (isPrivileged ? 1 : 0.9);
  }

  begin(
    p: Peek,
    _hop: Way,
    arrival: Flow,
    from: Neighbour,
    classification: Classification,
    isPrivileged: boolean,
    first: Switch | undefined,
  ): void {
    const { parts } = this;
    const one = first ?? parts.switches.all[0]!;
    const call: ApplicationCall = {
      key: parts.marks.serverKey(),
      class: classification.class,
      from,
      one,
      called: classification.class === 'new-call' ? calledNumber(p.bytes, p.uriStart, p.uriEnd) : 0,
      sentMs: parts.now(),
      hasAnswered: false,
      hasProgress: false,
    };
    this.byKey.set(call.key, call);
    one.counters.requests++;
    one.tally.noteSent(isPrivileged);
    (arrival as StackFlow<SrfAsked>).request.admit((status) => this.onStatus(call, status));
  }

  relay(p: Peek, flow: Flow, from: Neighbour, { class: requestClass }: Classification, reason: Reason): undefined {
    const { parts } = this;
    if (p.method === 'CANCEL' || p.method === 'ACK') {
      count(parts, from, p, 'in-dialog', 'absorb', 'retransmission');
      return undefined;
    }
    const [one] = parts.switches.all;
    one!.counters.requests++;
    count(parts, from, p, requestClass, 'forward', reason);
    (flow as StackFlow<SrfAsked>).request.admit((status) => {
      one!.counters.countResponse(status);
      this.countAnswer(from, status);
    });
    return undefined;
  }

  /** Every 100 ms: calls that the application has forgotten. */
  tick(nowMs: number): void {
    for (const call of this.byKey.values()) {
      const ageMs = nowMs - call.sentMs;
      if (ageMs < forgottenMs) return;
      if (call.hasProgress && ageMs < longestMs) continue;
      if (!call.hasProgress) call.one.tally.noteTimeout();
      this.end(call, 0);
    }
  }

  private onStatus(call: ApplicationCall, status: number): void {
    const { one } = call;
    one.counters.countResponse(status);
    this.countAnswer(call.from, status);
    if (this.byKey.get(call.key) !== call) return;
    const ms = this.parts.now() - call.sentMs;
    if (!call.hasAnswered) {
      call.hasAnswered = true;
      one.counters.firstResponseSeconds.observe(ms / 1000);
      one.tally.noteFirstResponse(ms);
    }
    if (status > 100) this.noteProgress(call, status, ms);
    if (status >= 200) this.end(call, status);
  }

  private noteProgress(call: ApplicationCall, status: number, ms: number): void {
    if (!call.hasProgress) {
      call.hasProgress = true;
      call.one.tally.noteProgress(status, ms);
    } else if (status === 503) call.one.tally.noteLateRefusal();
  }

  /** `status` 0: nobody has answered it. */
  private end(call: ApplicationCall, status: number): void {
    const { parts } = this;
    if (!this.byKey.delete(call.key)) return;
    if (!call.hasProgress) call.one.tally.noteGone();
    call.hasProgress = true;
    if (status >= 200) parts.counters.callSetupSeconds.observe((parts.now() - call.sentMs) / 1000);
    if (status < 200 || status >= 300) return;
    parts.counters.completed.count(call.from.side.index, call.class);
    call.one.tally.noteAnswered();
    parts.numbers.noteAnswer(call.called);
  }

  private countAnswer(from: Neighbour, status: number): void {
    const { responses } = this.parts.counters;
    responses.count(interfaceIndex('core'), 'received', status);
    responses.count(from.side.index, 'sent', status);
  }
}
