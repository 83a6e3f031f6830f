// What has changed with orchestrators from one look to the next, as lines of the timeline.
import type { LinkView } from '../metrics/link-view.ts';
import type { Tell } from './changes.ts';

/** A boundary that moves by less is not told. */
const leastChangeRatio = 0.1;

interface Told {
  readonly isUp: boolean;
  readonly mode: LinkView['mode'];
  readonly boundaryPerSecond: number;
  readonly notices: number;
}

export class LinkChanges {
  private readonly tell: Tell;
  private readonly told = new Map<string, Told>();

  constructor(tell: Tell) {
    this.tell = tell;
  }

  look(views: readonly LinkView[]): void {
    for (const view of views) this.note(view, this.told.get(view.name));
  }

  private note({ name, isUp, mode, boundaryPerSecond, notices }: LinkView, before: Told | undefined): void {
    const say = (severity: 'info' | 'warning' | 'critical', text: string) =>
      this.tell({ kind: 'orchestrator', severity, text: `orchestrator ${name}: ${text}` });
    if (isUp !== (before?.isUp ?? false)) {
      if (isUp) say('info', before === undefined ? 'registered' : 'reachable');
      else say('warning', 'unreachable; what it ordered holds until it expires');
    }
    if (mode !== before?.mode && (mode !== 'L0' || before?.mode !== undefined)) {
      if (mode === undefined) say('warning', 'its orders have expired: local control goes on alone');
      else say(mode > (before?.mode ?? 'L0') ? 'warning' : 'info', `host mode ${before?.mode ?? 'L0'} → ${mode}`);
    }
    const boundaryBefore = before?.boundaryPerSecond ?? Number.POSITIVE_INFINITY;
    const isMoved = hasMoved(boundaryBefore, boundaryPerSecond);
    if (isMoved) {
      const text = Number.isFinite(boundaryPerSecond)
        ? `the host allows ${Math.round(boundaryPerSecond)} calls a second`
        : 'the host sets no limit to calls';
      say(boundaryPerSecond < boundaryBefore ? 'warning' : 'info', text);
    }
    if (notices > (before?.notices ?? 0)) say('warning', `asks to shed load; requests in force: ${notices}`);
    // a slow drift is told once it is one
    const noted = isMoved || before === undefined ? boundaryPerSecond : boundaryBefore;
    this.told.set(name, { isUp, mode, boundaryPerSecond: noted, notices });
  }
}

function hasMoved(before: number, now: number): boolean {
  if (before === now) return false;
  if (!Number.isFinite(before) || !Number.isFinite(now)) return true;
  return Math.abs(now - before) >= leastChangeRatio * Math.max(before, now);
}
