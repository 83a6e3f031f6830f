// The ordinary calls of one interface that wait for their turn: a bounded queue, oldest to newest, in a ring of one array and
// one typed array, so that a call that waits costs no memory of its own.
//
//   [ ][ ][a][b][c][ ][ ][ ]    first = 2, length = 3, at index & mask; takes from either end, offers at the right

/** More than this never waits, whatever room is asked for. */
const mostRoom = 65_536;

export class Lane<T> {
  /** Items that wait. */
  length = 0;
  #room = 0;
  #first = 0;
  #items: (T | undefined)[] = new Array(16).fill(undefined);
  #sinceMs = new Float64Array(16);

  /** `room`: items that may wait at most, 0 to 65,536. */
  constructor(room: number) {
    this.room = room;
  }

  get room(): number {
    return this.#room;
  }

  /** Can be changed at any time. Less room than there are items expires none of them; none is taken until there is room. */
  set room(room: number) {
    this.#room = room > 0 ? Math.min(mostRoom, Math.floor(room)) : 0;
  }

  /** Puts an item behind the others; false where there is no room. `nowMs` should not be less than with the item before. */
  offer(item: T, nowMs: number): boolean {
    if (this.length >= this.#room) return false;
    if (this.length === this.#items.length) this.#grow();
    const at = this.#at(this.length++);
    this.#items[at] = item;
    this.#sinceMs[at] = nowMs;
    return true;
  }

  /** The item that `takeNext` would take; it stays. */
  next(newestFirst: boolean): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#at(newestFirst ? this.length - 1 : 0)];
  }

  /** Takes the item that waits the longest, or the shortest; undefined where none waits. */
  takeNext(newestFirst: boolean): T | undefined {
    if (this.length === 0) return undefined;
    return newestFirst ? this.#clear(this.#at(--this.length)) : this.#shift();
  }

  /** Takes every item that has waited longer than `waitMs`, the oldest first. Returns how many. */
  expire(nowMs: number, waitMs: number, visit: (item: T) => void): number {
    let count = 0;
    while (this.length > 0 && this.oldestMs(nowMs) > waitMs) {
      count++;
      visit(this.#shift() as T);
    }
    return count;
  }

  /** Takes the oldest item of which `isIt` is true, wherever it is, for example because its call is given up (CANCEL). */
  remove(isIt: (item: T) => boolean): T | undefined {
    for (let i = 0; i < this.length; i++) {
      const item = this.#items[this.#at(i)] as T;
      if (!isIt(item)) continue;
      this.#close(i);
      return item;
    }
    return undefined;
  }

  /** How long the oldest item has waited, ms; 0 where none waits. */
  oldestMs(nowMs: number): number {
    return this.length === 0 ? 0 : Math.max(0, nowMs - this.#sinceMs[this.#first]!);
  }

  #at(index: number): number {
    return (this.#first + index) & (this.#items.length - 1);
  }

  #shift(): T | undefined {
    const at = this.#first;
    this.#first = this.#at(1);
    this.length--;
    return this.#clear(at);
  }

  #clear(at: number): T | undefined {
    const item = this.#items[at];
    this.#items[at] = undefined;
    return item;
  }

  /** Closes the gap at an index from the side that is shorter. */
  #close(index: number): void {
    if (index < this.length / 2) {
      for (let i = index; i > 0; i--) this.#move(i - 1, i);
      this.#shift();
    } else {
      for (let i = index; i < this.length - 1; i++) this.#move(i + 1, i);
      this.#clear(this.#at(--this.length));
    }
  }

  #move(from: number, to: number): void {
    this.#items[this.#at(to)] = this.#items[this.#at(from)];
    this.#sinceMs[this.#at(to)] = this.#sinceMs[this.#at(from)]!;
  }

  /** Twice the slots, the oldest item at the first of them. */
  #grow(): void {
    const slots = this.#items.length * 2;
    const items = new Array<T | undefined>(slots).fill(undefined);
    const sinceMs = new Float64Array(slots);
    for (let i = 0; i < this.length; i++) {
      items[i] = this.#items[this.#at(i)];
      sinceMs[i] = this.#sinceMs[this.#at(i)]!;
    }
    this.#items = items;
    this.#sinceMs = sinceMs;
    this.#first = 0;
  }
}
