// The north side as the HTTP side asks for it: each order by hand is placed or lifted, and audited with who, what, when, until when.

import type { AuditLog } from '../../audit-log.ts';
import type { AuditEntry, DrainControl, GapControl, ModeOverride } from '../../congestion/north-messages.ts';
import type { Refusal } from '../desk.ts';
import type { NorthControls } from './north-controls.ts';

/** Who lifts what has come to its end. */
const expiry = 'expiry';

export class NorthDesk {
  private readonly controls: NorthControls;
  private readonly audit: Pick<AuditLog<AuditEntry['action']>, 'note'>;

  constructor(controls: NorthControls, audit: Pick<AuditLog<AuditEntry['action']>, 'note'>) {
    this.controls = controls;
    this.audit = audit;
  }

  override(order: ModeOverride, by: string, nowMs: number): void {
    const { mode, reason, endsMs } = this.controls.override(order, by, nowMs);
    this.audit.note({ by, action: 'override', subject: mode, reason, seconds: (endsMs - nowMs) / 1000 });
  }

  /** Whether there was one. */
  liftOverride(by: string, nowMs: number): boolean {
    const lifted = this.controls.liftOverride(nowMs);
    if (lifted === undefined) return false;
    this.audit.note({ by, action: 'lift-override', subject: lifted.mode, reason: lifted.reason });
    return true;
  }

  gap(digits: string, gap: GapControl, by: string, nowMs: number): Refusal | undefined {
    const placed = this.controls.gap(digits, gap, by, nowMs);
    if ('refused' in placed) return placed;
    const { reason, endsMs } = placed;
    this.audit.note({ by, action: 'gap', subject: placed.digits, reason, seconds: (endsMs - nowMs) / 1000 });
    return undefined;
  }

  liftGap(digits: string, by: string, nowMs: number): boolean {
    const lifted = this.controls.liftGap(digits, nowMs);
    if (lifted === undefined) return false;
    this.audit.note({ by, action: 'lift-gap', subject: lifted.digits, reason: lifted.reason });
    return true;
  }

  drain(application: string, order: DrainControl, by: string, nowMs: number): Refusal | undefined {
    const placed = this.controls.drain(application, order, by, nowMs);
    if ('refused' in placed) return placed;
    const { reason, endsMs } = placed;
    this.audit.note({ by, action: 'drain', subject: application, reason, seconds: (endsMs - nowMs) / 1000 });
    return undefined;
  }

  liftDrain(application: string, by: string, nowMs: number): boolean {
    const lifted = this.controls.liftDrain(application, nowMs);
    if (lifted === undefined) return false;
    this.audit.note({ by, action: 'lift-drain', subject: application, reason: lifted.reason });
    return true;
  }

  /** Once per interval. Whether anything came to its end. */
  expire(nowMs: number): boolean {
    const expired = this.controls.expire(nowMs);
    for (const { kind, subject, reason } of expired) {
      this.audit.note({ by: expiry, action: `lift-${kind}`, subject, reason });
    }
    return expired.length > 0;
  }
}
