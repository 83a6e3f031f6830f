// Which refusals are kept, and how they are found again. Of a flood one in n is kept, evenly; those of priority and emergency calls all,
// in a ring of their own, which no flood of others writes over.
import { isPrivileged, type RequestClass } from '../classify/class.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import type { Decision, Reason } from './reasons.ts';
import { RefusalRing, type Refused, type ThrottleMark } from './refusal-ring.ts';
import type { Neighbour } from './side.ts';

/** Above it, a second, one in n is kept. */
export const mostPerSecond = 5000;
/** The rate is judged anew so often. */
const windowMs = 100;
const mostPerWindow = (mostPerSecond * windowMs) / 1000;
/** Priority and emergency calls kept, at most: none of them should be refused at all. */
const mostPrivileged = 1000;

export interface RefusalsRead {
  readonly found: readonly Refused[];
  /** From where to go on; undefined: there are no more. */
  readonly before: number | undefined;
}

export class Refusals {
  private readonly others: RefusalRing;
  private readonly privileged: RefusalRing;
  private readonly isOn: boolean;
  private throttle: ThrottleMark | undefined;
  /** Refusals of the process so far, kept or not. */
  seen = 0;
  /** One in so many of the others is kept now. */
  oneIn = 1;
  private windowEndsMs = Number.NEGATIVE_INFINITY;
  private inWindow = 0;
  private keptInWindow = 0;
  /** The one kept of each `oneIn`: chosen anew each time, so that no rhythm of the traffic hides a part of it. */
  private place = 1;
  private left = 1;
  private random = 0x2545f491;

  /** `kept`: at most, 0 for none. */
  constructor(kept: number) {
    this.isOn = kept > 0;
    this.others = new RefusalRing(kept);
    this.privileged = new RefusalRing(Math.min(kept, mostPrivileged));
  }

  /** Those that are held. */
  get length(): number {
    return this.others.length + this.privileged.length;
  }

  /** What what is refused from now on is explained by. */
  inForce(throttle: ThrottleMark): void {
    this.throttle = throttle;
  }

  /** Counts a refusal; whether it is to be kept. */
  takes(requestClass: RequestClass, nowMs: number): boolean {
    this.seen++;
    if (!this.isOn) return false;
    if (isPrivileged(requestClass)) return true;
    if (nowMs >= this.windowEndsMs) this.beginWindow(nowMs);
    this.inWindow++;
    return --this.left <= 0;
  }

  /** Keeps the request at hand, of which `takes` has just said so. `status` 0: no answer; `retryAfter` 0: none. */
  keep(
    p: Peek,
    flow: Flow,
    from: Neighbour,
    requestClass: RequestClass,
    decision: Decision,
    reason: Reason,
    status: number,
    retryAfter: number,
    nowMs: number,
  ): void {
    const isOther = !isPrivileged(requestClass);
    const ring = isOther ? this.others : this.privileged;
    const oneIn = isOther ? this.oneIn : 1;
    const { seen, throttle } = this;
    ring.put(p, flow, from, requestClass, decision, reason, status, retryAfter, nowMs, seen, oneIn, throttle);
    if (isOther) this.next();
  }

  /**
   * The newest first, `limit` at most, of those that came before the refusal of that `order`. No more than `rows` are looked at, for
   * nothing else is done meanwhile: the answer says from where to go on.
   */
  read(limit: number, matches: (one: Refused) => boolean, before: number, rows: number): RefusalsRead {
    const found: Refused[] = [];
    const { others, privileged } = this;
    let a = others.olderThan(before);
    let b = privileged.olderThan(before);
    let order = before;
    for (let i = 0; i < rows && found.length < limit; i++) {
      if (a >= others.length && b >= privileged.length) return { found, before: undefined };
      const isOther = b >= privileged.length || (a < others.length && others.orderAt(a) > privileged.orderAt(b));
      const one = isOther ? others.at(a++) : privileged.at(b++);
      order = one.order;
      if (matches(one)) found.push(one);
    }
    return { found, before: order };
  }

  private beginWindow(nowMs: number): void {
    // after a pause the window before says nothing of now
    const isPause = nowMs >= this.windowEndsMs + windowMs;
    const oneIn = isPause ? 1 : Math.max(1, Math.ceil(this.inWindow / mostPerWindow));
    this.windowEndsMs = nowMs + windowMs;
    this.inWindow = 0;
    this.keptInWindow = 0;
    if (oneIn !== this.oneIn) this.sample(oneIn);
  }

  private next(): void {
    // more come than came before: until the next window each half as many again is thinned out once more
    if (++this.keptInWindow > mostPerWindow) {
      this.keptInWindow -= mostPerWindow / 2;
      return this.sample(this.oneIn * 2);
    }
    const rest = this.oneIn - this.place;
    this.place = this.draw();
    this.left = rest + this.place;
  }

  private sample(oneIn: number): void {
    this.oneIn = oneIn;
    this.place = this.draw();
    this.left = this.place;
  }

  /** 1 to `oneIn` (Numerical Recipes' generator: nothing hangs on it but that it has no rhythm). */
  private draw(): number {
    this.random = (Math.imul(this.random, 1664525) + 1013904223) | 0;
    return 1 + Math.floor(((this.random >>> 0) / 2 ** 32) * this.oneIn);
  }
}
