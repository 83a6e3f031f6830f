// The spans of one call: INVITE, from its arrival to its final response; what it waited for; each attempt at a switch.
import { createHash } from 'node:crypto';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_NETWORK_TRANSPORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import type { CallTrace, TracedArrival } from '../edge/tracing.ts';
import { callKey } from '../forward/select-switch.ts';
import type { Peek } from '../sip/peek.ts';
import { scanUri } from '../sip/uri-span.ts';
import type { Flow } from '../transport/flow.ts';
import type { Dialogs } from './dialogs.ts';
import type { TraceRules } from './trace-rules.ts';
import { type TraceParent, traceLines } from './traceparent.ts';

export interface CallSpansInit {
  readonly tracer: Tracer;
  readonly dialogs: Dialogs;
  readonly rules: TraceRules;
  /** What the trace goes on from; undefined: it begins here. */
  readonly parent: TraceParent | undefined;
  /**
   * To be added to the pipeline's clock for Unix time, ms: the same for all of a call, so that its spans fit together whatever is
   * done to the clock of the host meanwhile.
   */
  readonly offsetMs: number;
}

export class CallSpans implements CallTrace {
  private readonly init: CallSpansInit;
  private readonly key: number;
  private readonly root: Span;
  private readonly context: Context;
  /** Undefined where it has ended. */
  private readonly attempts: (Span | undefined)[] = [];
  private readonly seesDialog: boolean;
  private count = 0;
  private lastTo = '';
  private hasEnded = false;

  constructor(init: CallSpansInit, arrived: TracedArrival, nowMs: number) {
    const { tracer, rules, offsetMs, parent } = init;
    const { p, heldSinceMs, heldBy } = arrived;
    const isHeld = heldSinceMs >= 0;
    this.init = init;
    this.seesDialog = arrived.seesDialog;
    this.key = callKey(p.bytes, p.callIdStart, p.callIdEnd);
    const options = {
      kind: SpanKind.SERVER,
      startTime: offsetMs + (isHeld ? heldSinceMs : nowMs),
      attributes: arrivalAttributes(arrived, rules, parent !== undefined),
    };
    this.root = tracer.startSpan('INVITE', options, parent === undefined ? ROOT_CONTEXT : contextOf(parent));
    this.context = trace.setSpan(ROOT_CONTEXT, this.root);
    if (!isHeld) return;
    const name = heldBy === 'lane' ? 'wait for a turn' : 'look up the next hop';
    tracer.startSpan(name, { startTime: offsetMs + heldSinceMs }, this.context).end(offsetMs + nowMs);
  }

  attempt(to: string, next: Flow, nowMs: number): string {
    const { tracer, rules, parent, offsetMs } = this.init;
    const attributes: Attributes = {
      ...transportOf(next),
      [ATTR_SERVER_ADDRESS]: next.remoteAddress,
      [ATTR_SERVER_PORT]: next.remotePort,
      'surgegate.attempt': this.attempts.length + 1,
    };
    if (to !== '') Object.assign(attributes, { 'surgegate.switch': to, 'peer.service': to });
    const options = { kind: SpanKind.CLIENT, startTime: offsetMs + nowMs, attributes };
    const span = tracer.startSpan(`INVITE ${to === '' ? 'outwards' : to}`, options, this.context);
    this.attempts.push(span);
    this.told(to);
    const { traceId, spanId } = span.spanContext();
    return rules.propagate ? traceLines(traceId, spanId, parent?.state ?? '') : '';
  }

  told(to: string): void {
    this.count++;
    this.lastTo = to;
  }

  resent(attempt: number, nowMs: number): void {
    this.attempts[attempt]?.addEvent('retransmission', this.init.offsetMs + nowMs);
  }

  response(attempt: number, status: number, nowMs: number): void {
    const span = this.attempts[attempt];
    if (span === undefined) return;
    if (status < 200) span.addEvent(String(status), this.init.offsetMs + nowMs);
    else this.endAttempt(attempt, nowMs, status);
  }

  failed(attempt: number, why: 'timeout' | 'transport-error', nowMs: number): void {
    this.endAttempt(attempt, nowMs, why);
  }

  attemptEnded(attempt: number, nowMs: number): void {
    this.endAttempt(attempt, nowMs, undefined);
  }

  cancelled(nowMs: number): void {
    if (!this.hasEnded) this.root.addEvent('CANCEL', this.init.offsetMs + nowMs);
  }

  answered(status: number, nowMs: number): void {
    if (this.hasEnded) return;
    if (status < 200) {
      this.root.addEvent(String(status), this.init.offsetMs + nowMs);
      return;
    }
    this.endRoot(nowMs, status);
    if (status < 300 && this.seesDialog) this.init.dialogs.begin(this.key, this.context, this.init.offsetMs, nowMs);
  }

  ended(nowMs: number): void {
    if (!this.hasEnded) this.endRoot(nowMs, 'no-final-response');
    for (let i = 0; i < this.attempts.length; i++) this.endAttempt(i, nowMs, undefined);
  }

  private endAttempt(attempt: number, nowMs: number, result: number | string | undefined): void {
    const span = this.attempts[attempt];
    if (span === undefined) return;
    this.attempts[attempt] = undefined;
    if (result !== undefined) setResult(span, result);
    span.end(this.init.offsetMs + nowMs);
  }

  private endRoot(nowMs: number, result: number | string): void {
    this.hasEnded = true;
    this.root.setAttribute('surgegate.attempts', this.count);
    if (this.lastTo !== '') this.root.setAttribute('surgegate.switch', this.lastTo);
    setResult(this.root, result);
    this.root.end(this.init.offsetMs + nowMs);
  }
}

/** A status code, or what came instead of one. Errors are those of machines: busy, cancelled or declined is none. */
function setResult(span: Span, result: number | string): void {
  if (typeof result === 'number') {
    span.setAttribute('sip.status_code', result);
    if (result !== 408 && (result < 500 || result > 599)) return;
  }
  span.setAttribute(ATTR_ERROR_TYPE, String(result)).setStatus({ code: SpanStatusCode.ERROR });
}

function contextOf({ traceId, spanId }: TraceParent): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
}

function arrivalAttributes(arrived: TracedArrival, rules: TraceRules, isContinued: boolean): Attributes {
  const { p, arrival, from, mode } = arrived;
  const callId = p.text(p.callIdStart, p.callIdEnd);
  const attributes: Attributes = {
    ...transportOf(arrival),
    'surgegate.interface': from.side.name,
    'surgegate.class': arrived.class,
    'surgegate.mode': mode,
    'surgegate.sampled_by': isContinued ? 'traceparent' : 'ratio',
  };
  if (rules.callId === 'full') attributes['sip.call_id'] = callId;
  else attributes['sip.call_id_hash'] = createHash('sha256').update(callId, 'latin1').digest('hex').slice(0, 16);
  if (from.name !== '') attributes['surgegate.neighbour'] = from.name;
  const prefix = rules.numberDigits > 0 ? calledPrefix(p, rules.numberDigits) : '';
  if (prefix !== '') attributes['surgegate.called_prefix'] = prefix;
  return attributes;
}

/** The first digits of the number called, '' where what is called is none. */
function calledPrefix(p: Peek, digits: number): string {
  const uri = scanUri(p.bytes, p.uriStart, p.uriEnd);
  if (uri === undefined || uri.userStart < 0) return '';
  const [number = ''] = p.text(uri.userStart, uri.userEnd).split(';');
  if (!/^\+?[\d().-]+$/.test(number)) return '';
  const plus = number.startsWith('+') ? '+' : '';
  return plus + number.replaceAll(/\D/g, '').slice(0, digits);
}

function transportOf({ listener: { transport } }: Flow): Attributes {
  return { [ATTR_NETWORK_PROTOCOL_NAME]: 'sip', [ATTR_NETWORK_TRANSPORT]: transport === 'udp' ? 'udp' : 'tcp' };
}
