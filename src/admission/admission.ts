// The Actuator (RFC 6357 §4): may this request be sent on now? Token buckets for the whole edge, each interface and each
// neighbour. Priority and emergency calls take tokens without asking, so ordinary calls get what they leave.
import type { Reason } from './reasons.ts';
import type { Neighbour } from './side.ts';
import { TokenBucket } from './token-bucket.ts';

/** Rates per second and bursts, all above 0. */
export interface EdgeLimits {
  /** `Infinity` where only the switches limit them. */
  readonly newCallsPerSecond: number;
  readonly burst: number;
  /** 0 to 0.9: the share of `burst` that only priority calls may use. */
  readonly priorityReserveRatio: number;
  readonly priorityCapPerSecond: number;
  readonly registrationsPerSecond: number;
  readonly registrationBurst: number;
  readonly nonEssentialPerSecond: number;
  readonly nonEssentialBurst: number;
}

export class Admission {
  private readonly calls: TokenBucket;
  private readonly priority: TokenBucket;
  private readonly registrations: TokenBucket;
  private readonly nonEssential: TokenBucket;
  private floor = 0;
  private limits: EdgeLimits;

  constructor(limits: EdgeLimits) {
    this.limits = limits;
    this.calls = new TokenBucket(limits.newCallsPerSecond, limits.burst);
    this.priority = new TokenBucket(limits.priorityCapPerSecond, priorityBurst(limits));
    this.registrations = new TokenBucket(limits.registrationsPerSecond, limits.registrationBurst);
    this.nonEssential = new TokenBucket(limits.nonEssentialPerSecond, limits.nonEssentialBurst);
    this.change(limits);
  }

  /** New limits in force; what is in hand stays. */
  change(limits: EdgeLimits): void {
    this.limits = limits;
    const isLimited = Number.isFinite(limits.newCallsPerSecond);
    this.calls.change(limits.newCallsPerSecond, isLimited ? limits.burst : Number.POSITIVE_INFINITY);
    this.priority.change(limits.priorityCapPerSecond, priorityBurst(limits));
    this.registrations.change(limits.registrationsPerSecond, limits.registrationBurst);
    this.nonEssential.change(limits.nonEssentialPerSecond, limits.nonEssentialBurst);
    // at least one ordinary call must fit above the reserve
    this.floor = isLimited ? Math.min(limits.burst * limits.priorityReserveRatio, limits.burst - 1) : 0;
  }

  /** REGISTERs per second at most, below what the operator allows; `Infinity`: that. */
  limitRegistrations(perSecond: number): void {
    const rate = Math.min(perSecond, this.limits.registrationsPerSecond);
    this.registrations.change(
      rate,
      Math.max(1, (rate / this.limits.registrationsPerSecond) * this.limits.registrationBurst),
    );
  }

  /** Whether priority calls are using what is kept for them, or more than there is. */
  isReserveInUse(nowMs: number): boolean {
    this.calls.refill(nowMs);
    return this.calls.level < this.floor;
  }

  /** The limit of its neighbour or interface that an ordinary new call meets, as the operator has set it; undefined: none. */
  ownLimit(from: Neighbour, nowMs: number): 'neighbour-rate' | 'interface-rate' | undefined {
    if (!hasToken(from.newCalls, nowMs)) return 'neighbour-rate';
    return hasToken(from.side.newCalls, nowMs) ? undefined : 'interface-rate';
  }

  /**
   * An ordinary new call comes: `admitted` where it may have a turn, or the narrowest limit that it meets. First what the
   * operator has limited, then its neighbour's part of the share, so that a loud neighbour does not fill the lane of the others.
   */
  enter(from: Neighbour, nowMs: number): Reason {
    const { calls } = this;
    const { side } = from;
    const own = this.ownLimit(from, nowMs);
    if (own !== undefined) return own;
    calls.refill(nowMs);
    if (!calls.has(this.floor)) return 'edge-rate';
    if (!hasToken(from.share, nowMs)) return 'neighbour-share';
    calls.spend();
    side.newCalls?.spend();
    from.newCalls?.spend();
    from.share?.spend();
    return 'admitted';
  }

  /** One that has entered: whether its interface's share has room for it now. */
  proceed({ side }: Neighbour, nowMs: number): 'admitted' | 'share' {
    if (!hasToken(side.share, nowMs)) return 'share';
    side.share?.spend();
    return 'admitted';
  }

  /** Gives back what `enter` took: the call does not go on after all. */
  leave(from: Neighbour): void {
    this.calls.giveBack();
    from.side.newCalls?.giveBack();
    from.newCalls?.giveBack();
    from.share?.giveBack();
  }

  /** A priority or emergency call: stopped by the anti-forgery cap alone. */
  priorityCall(from: Neighbour, nowMs: number): 'admitted' | 'priority-cap' {
    this.priority.refill(nowMs);
    if (!this.priority.has(0)) return 'priority-cap';
    this.priority.spend();
    this.calls.refill(nowMs);
    this.calls.spend();
    spendIfThere(from.side.newCalls, nowMs);
    spendIfThere(from.newCalls, nowMs);
    return 'admitted';
  }

  registration(from: Neighbour, nowMs: number): 'admitted' | 'registration-rate' {
    return takeBoth(this.registrations, from.side.registrations, nowMs) ? 'admitted' : 'registration-rate';
  }

  nonEssentialRequest(from: Neighbour, nowMs: number): 'admitted' | 'non-essential-rate' {
    return takeBoth(this.nonEssential, from.side.nonEssential, nowMs) ? 'admitted' : 'non-essential-rate';
  }
}

/** The cap allows one second's worth at once: an honest wave of priority calls is not smooth. */
function priorityBurst(limits: EdgeLimits): number {
  return Math.max(10, limits.priorityCapPerSecond);
}

function hasToken(bucket: TokenBucket | undefined, nowMs: number): boolean {
  if (bucket === undefined) return true;
  bucket.refill(nowMs);
  return bucket.has(0);
}

function spendIfThere(bucket: TokenBucket | undefined, nowMs: number): void {
  if (bucket === undefined) return;
  bucket.refill(nowMs);
  bucket.spend();
}

function takeBoth(edge: TokenBucket, side: TokenBucket | undefined, nowMs: number): boolean {
  edge.refill(nowMs);
  side?.refill(nowMs);
  if (!edge.has(0) || (side !== undefined && !side.has(0))) return false;
  edge.spend();
  side?.spend();
  return true;
}
