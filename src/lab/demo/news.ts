// Which events are told, and in which order: those of several processes by their time, and of what is said again and again while the
// mode of the host is the same, the first.
import type { DemoEvent } from './events.ts';

export class News {
  private waiting: DemoEvent[] = [];
  private readonly said = new Set<string>();

  add(event: DemoEvent): void {
    this.waiting.push(event);
  }

  /** Those up to that time that have not been told yet, the oldest first. */
  upTo(atMs: number): DemoEvent[] {
    const due = this.waiting.filter((one) => one.atMs <= atMs);
    this.waiting = this.waiting.filter((one) => one.atMs > atMs);
    return due.sort((a, b) => placeOf(a) - placeOf(b)).filter((one) => this.isNews(one));
  }

  private isNews({ who, what, text }: DemoEvent): boolean {
    if (what === 'mode' && who === 'host') this.said.clear();
    if (what !== 'asked' && !(what === 'self' && text.startsWith('keeps to'))) return true;
    const key = `${who} ${what} ${text}`;
    if (this.said.has(key)) return false;
    this.said.add(key);
    return true;
  }
}

/** A change of the host's mode stands before what it brings about, which may be logged first. */
const placeOf = ({ atMs, who, what }: DemoEvent): number => (who === 'host' && what === 'mode' ? atMs - 50 : atMs);
