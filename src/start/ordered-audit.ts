// The audit of what operators order through an orchestrator: each control once when it is new, and once when it is lifted before its
// time. Orders that expire because the orchestrator is gone lift nothing in this sense: nobody has ordered that.
import type { AuditAction } from '../admin/audit-entry.ts';
import type { AuditNote } from '../audit-log.ts';
import type { Control, Orders } from '../congestion/orders.ts';
import { gapOf } from './link-orders.ts';
import { gapText } from './operator-orders.ts';

/** How much of its time a control may have left when it vanishes and yet has ended by itself, ms: orders come with each report. */
const slackMs = 3000;

interface Known {
  readonly control: Control;
  readonly untilMs: number;
}

export class OrderedAudit {
  private readonly log: { note(note: AuditNote<AuditAction>): unknown };
  private readonly now: () => number;
  private known: ReadonlyMap<string, Known> = new Map();

  /** `now`: a clock that never goes back, ms. */
  constructor(log: { note(note: AuditNote<AuditAction>): unknown }, now: () => number) {
    this.log = log;
    this.now = now;
  }

  note({ controls, orchestrator }: Orders): void {
    const nowMs = this.now();
    const next = new Map<string, Known>();
    for (const control of controls) {
      const key = `${subjectOf(control)} ${control.by}`;
      next.set(key, { control, untilMs: nowMs + control.remainingSeconds * 1000 });
      if (!this.known.has(key)) this.write(control, orchestrator, control.kind, control.remainingSeconds);
    }
    for (const [key, { control, untilMs }] of this.known) {
      if (!next.has(key) && untilMs - nowMs > slackMs) this.write(control, orchestrator, `lift-${control.kind}`);
    }
    this.known = next;
  }

  private write(control: Control, orchestrator: string, action: AuditAction, seconds?: number): void {
    const reason = 'ordered through the orchestrator';
    this.log.note({ by: `${control.by}@${orchestrator}`, action, subject: subjectOf(control), reason, seconds });
  }
}

function subjectOf(control: Control): string {
  if (control.kind === 'drain') return 'edge';
  const [gap] = gapOf(control, 0);
  return gap === undefined ? control.digits : gapText(gap);
}
