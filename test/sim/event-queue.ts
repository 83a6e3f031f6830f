// Virtual time: a binary heap of what happens when. Events of the same moment happen in the order in which they were put in,
// so that a run depends on nothing but its seed.

type Handle<T> = (subject: T, nowMs: number) => void;

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly handle: Handle<never>;
  readonly subject: unknown;
}

export class EventQueue {
  nowMs = 0;
  private readonly heap: Entry[] = [];
  private order = 0;

  get size(): number {
    return this.heap.length;
  }

  /** Calls `handle(subject, atMs)` at that time; what lies in the past happens next. */
  at<T>(atMs: number, handle: Handle<T>, subject: T): void {
    const entry: Entry = { atMs: Math.max(atMs, this.nowMs), order: this.order++, handle, subject };
    const { heap } = this;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Everything up to and including `endMs`; then it is `endMs`. */
  runUntil(endMs: number): void {
    const { heap } = this;
    while (heap.length > 0 && heap[0]!.atMs <= endMs) {
      const entry = this.takeFirst();
      this.nowMs = entry.atMs;
      entry.handle(entry.subject as never, entry.atMs);
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  private takeFirst(): Entry {
    const { heap } = this;
    const first = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
