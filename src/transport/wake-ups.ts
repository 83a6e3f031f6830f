// When to look at the batched UDP sockets. A wake-up of the event loop costs as much as the message it brings (about 17 µs of
// the 35 µs that a message of a call costs at 7,000/s). So between a few thousand and some ten thousand messages a second the
// sockets are looked at once a millisecond, together, as network cards coalesce their interrupts. Below, the loop watches
// them and nothing waits; above, whatever is handled leaves the next batch waiting anyway.

/** Direct wake-ups a second from which the sockets are looked at by the clock. */
const busyWakeUpsPerSecond = 2000;
/** Messages a second below which the loop watches again, and above which a wake-up brings enough by itself. */
const idleMessagesPerSecond = 1500;
const batchedMessagesPerSecond = 50_000;
/** Direct wake-ups, or looks by the clock, between two decisions. */
const decisionEvery = 128;
const intervalMs = 1;

/** A socket as this sees it. */
export interface Watched {
  /** The loop calls the socket when there is something to read. */
  watch(): void;
  /** The loop does not any more. */
  unwatch(): void;
  /** Takes what there is; true where something may be left. Nothing needs to be sent before `flush`. */
  look(): boolean;
  /** What is to be sent leaves. */
  flush(): void;
}

export class WakeUps {
  /** Sockets are looked at one after the other: `flush` comes to all of them after the last. */
  isLooking = false;
  private readonly sockets = new Set<Watched>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private since: number;
  private count = 0;
  private messages = 0;

  /** `now` in milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.since = now();
  }

  get areCoalesced(): boolean {
    return this.timer !== undefined;
  }

  add(socket: Watched): void {
    this.sockets.add(socket);
    if (this.timer === undefined) socket.watch();
  }

  delete(socket: Watched): void {
    this.sockets.delete(socket);
    if (this.timer === undefined) socket.unwatch();
    else if (this.sockets.size === 0) this.watchAll();
  }

  /** The loop has called a socket, which took so many messages. */
  woken(messages: number): void {
    this.messages += messages;
    if (++this.count < decisionEvery || this.timer !== undefined) return;
    const [wakeUps, rate] = this.rates();
    if (wakeUps > busyWakeUpsPerSecond && rate < batchedMessagesPerSecond) this.coalesce();
  }

  /** Messages of a look by the clock. */
  looked(messages: number): void {
    this.messages += messages;
  }

  private coalesce(): void {
    for (const socket of this.sockets) socket.unwatch();
    this.timer = setTimeout(this.look, intervalMs);
  }

  private watchAll(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const socket of this.sockets) socket.watch();
  }

  private readonly look = (): void => {
    if (this.timer === undefined) return;
    let isMore = false;
    this.isLooking = true;
    for (const socket of this.sockets) isMore = socket.look() || isMore;
    this.isLooking = false;
    // what one receives another sends: so each sends once, and not again for every socket that comes after it
    for (const socket of this.sockets) socket.flush();
    if (isMore) setImmediate(this.look);
    else this.timer.refresh();
    if (++this.count < decisionEvery) return;
    const [, rate] = this.rates();
    if (rate < idleMessagesPerSecond || rate > batchedMessagesPerSecond) this.watchAll();
  };

  /** Wake-ups and messages a second since the last decision. */
  private rates(): readonly [number, number] {
    const now = this.now();
    const seconds = Math.max(0.001, (now - this.since) / 1000);
    const rates = [this.count / seconds, this.messages / seconds] as const;
    this.since = now;
    this.count = 0;
    this.messages = 0;
    return rates;
  }
}
