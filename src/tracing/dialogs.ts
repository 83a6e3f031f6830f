// The dialogs of traced calls, each a span from its 2xx to its BYE. Their number and their age are bounded: what is not seen to end
// is given up.
import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { Neighbour } from '../admission/side.ts';
import { callKey } from '../forward/select-switch.ts';
import type { Peek } from '../sip/peek.ts';

const mostDialogs = 10_000;
/** How long a dialog is waited for, ms. */
const longestMs = 4 * 3_600_000;

interface OpenDialog {
  readonly span: Span;
  readonly beganMs: number;
  /** To be added to the pipeline's clock for Unix time, ms. */
  readonly offsetMs: number;
  hasAck: boolean;
}

export class Dialogs {
  /** Of traced calls that found no room. */
  skipped = 0;
  private readonly tracer: Tracer;
  /** By the hash of the Call-ID, the oldest first. */
  private readonly open = new Map<number, OpenDialog>();

  constructor(tracer: Tracer) {
    this.tracer = tracer;
  }

  get size(): number {
    return this.open.size;
  }

  /** `key`: `callKey` of the Call-ID. */
  begin(key: number, parent: Context, offsetMs: number, nowMs: number): void {
    this.giveUpOld(nowMs);
    if (this.open.has(key)) return;
    if (this.open.size >= mostDialogs) {
      this.skipped++;
      return;
    }
    const span = this.tracer.startSpan('dialog', { startTime: offsetMs + nowMs }, parent);
    this.open.set(key, { span, beganMs: nowMs, offsetMs, hasAck: false });
  }

  onRequest(p: Peek, from: Neighbour, nowMs: number): void {
    const key = callKey(p.bytes, p.callIdStart, p.callIdEnd);
    const dialog = this.open.get(key);
    if (dialog === undefined) return;
    const atMs = dialog.offsetMs + nowMs;
    // a 2xx that comes again is acknowledged again
    if (p.method === 'ACK' && dialog.hasAck) return;
    if (p.method === 'ACK') dialog.hasAck = true;
    dialog.span.addEvent(p.method, { 'surgegate.interface': from.side.name }, atMs);
    if (p.method !== 'BYE') return;
    this.open.delete(key);
    dialog.span.setAttribute('surgegate.dialog.end', 'bye').end(atMs);
  }

  /** Nothing more will be seen of any. */
  endAll(nowMs: number): void {
    for (const dialog of this.open.values()) end(dialog, 'shutdown', nowMs);
    this.open.clear();
  }

  private giveUpOld(nowMs: number): void {
    for (const [key, dialog] of this.open) {
      if (nowMs - dialog.beganMs < longestMs) return;
      this.open.delete(key);
      end(dialog, 'not-seen', nowMs);
    }
  }
}

function end({ span, offsetMs }: OpenDialog, how: 'shutdown' | 'not-seen', nowMs: number): void {
  span.setAttribute('surgegate.dialog.end', how).end(offsetMs + nowMs);
}
