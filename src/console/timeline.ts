// What has happened, the newest thousand of it: for who comes to the console after it did.
import type { TimelineEntry } from '../admin/timeline-entry.ts';

export const mostEntries = 1000;
const mostCharacters = 300;

export class Timeline {
  /** Told of each entry. */
  onEntry: (entry: TimelineEntry) => void = () => {};
  private readonly unixMs: () => number;
  /** The oldest first, once there are as many as may be: from `next` on. */
  private readonly ring: TimelineEntry[] = [];
  private next = 0;

  /** `unixMs`: the clock of the wall. */
  constructor(unixMs: () => number) {
    this.unixMs = unixMs;
  }

  /** Text beyond 300 characters is cut. */
  add(entry: Omit<TimelineEntry, 'at'>): void {
    const text = entry.text.length > mostCharacters ? `${entry.text.slice(0, mostCharacters)}…` : entry.text;
    const made = { at: new Date(this.unixMs()).toISOString(), ...entry, text };
    this.ring[this.next] = made;
    this.next = (this.next + 1) % mostEntries;
    this.onEntry(made);
  }

  /** The newest first. */
  entries(limit: number): TimelineEntry[] {
    const ordered = [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
    return ordered.toReversed().slice(0, limit);
  }
}
