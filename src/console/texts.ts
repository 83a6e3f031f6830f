// Orders by hand and gaps, in words.
import type { AuditEntry } from '../admin/audit-entry.ts';
import type { TimelineEntry } from '../admin/timeline-entry.ts';
import type { Gap } from '../control/throttle.ts';

/** `5550001111 1 call per 2 s`. */
export function gapText({ digits, limit }: Gap): string {
  if (limit.kind === 'share') return `${digits} ${Math.round(limit.passRatio * 100)} % of calls pass`;
  if (limit.intervalMs === Number.POSITIVE_INFINITY) return `${digits} no call passes`;
  return `${digits} 1 call per ${Math.round(limit.intervalMs / 10) / 100} s`;
}

/** An entry of the audit as one of the timeline. */
export function operatorEntry(entry: AuditEntry): Omit<TimelineEntry, 'at'> {
  const until = entry.until === undefined ? '' : ` until ${entry.until.slice(11, 19)} UTC`;
  const reason = entry.reason === '' ? '' : `: ${entry.reason}`;
  const isLift = entry.action.startsWith('lift-');
  return {
    kind: 'operator',
    severity: isLift ? 'info' : 'warning',
    text: `${orderText(entry)}${until}${reason}`,
    by: entry.by,
  };
}

function orderText({ action, subject }: AuditEntry): string {
  switch (action) {
    case 'override':
      return `running mode ${subject} ordered`;
    case 'lift-override':
      return `order of running mode ${subject} lifted`;
    case 'gap':
      return `gap placed on ${subject}`;
    case 'lift-gap':
      return `gap on ${subject} lifted`;
    case 'drain':
      return 'drain of the edge ordered';
    case 'lift-drain':
      return 'drain of the edge lifted';
    case 'drain-switch':
      return `switch ${subject} taken out of service`;
    case 'lift-switch-drain':
      return `switch ${subject} back in service`;
    case 'shadow':
      return `shadow mode switched ${subject}`;
    case 'lift-shadow':
      return `order of shadow mode ${subject} lifted`;
    default:
      return action satisfies never;
  }
}
