// Reads pause on connections that go on after pushback (DESIGN.md §4): TCP then slows their sender down. Only where most of what
// comes is refused anyway (L3), and never where a neighbour's priority calls are believed: they come on the same connection.
import type { Neighbour } from '../admission/side.ts';
import type { Flow } from '../transport/flow.ts';

/** Refused calls of one connection in a second that are still no reason to stop reading: a PBX with a busy hour. */
const patience = 20;
const windowMs = 1000;

export class Pauses {
  private readonly refused = new WeakMap<Flow, { sinceMs: number; count: number }>();
  /** How often a connection was paused. */
  count = 0;

  /** A call of this connection was refused. */
  noteRefused(flow: Flow, from: Neighbour, nowMs: number): void {
    const { pauseReadsMs } = from.side;
    if (pauseReadsMs === 0 || flow.pauseReads === undefined || from.context.trustsPriority) return;
    const known = this.refused.get(flow);
    if (known === undefined || nowMs - known.sinceMs >= windowMs) {
      this.refused.set(flow, { sinceMs: nowMs, count: 1 });
      return;
    }
    if (++known.count <= patience) return;
    this.count++;
    flow.pauseReads(pauseReadsMs);
  }
}
