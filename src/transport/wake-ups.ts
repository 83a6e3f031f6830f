// When to look at the batched UDP sockets. A wake-up of the event loop costs as much as the message it brings (about 17 µs of
// the 35 µs that a message of a call costs at 7,000/s). So between a few thousand and some ten thousand messages a second the
// busy sockets are looked at once a millisecond, together, as network cards coalesce their interrupts. Below, the loop watches
// them and nothing waits; above, whatever is handled leaves the next batch waiting anyway. Quiet sockets beside busy ones, such
// as that of the switches in a surge, stay watched: an answer to a priority call does not wait for the clock.

/** Direct wake-ups a second from which the sockets are looked at by the clock. */
const busyWakeUpsPerSecond = 2000;
/** Messages a second below which the loop watches again, and above which a wake-up brings enough by itself. */
const idleMessagesPerSecond = 1500;
const batchedMessagesPerSecond = 50_000;
/** Messages a second of the quietest sockets together that are worth wake-ups of their own while busy ones are looked at by the clock. */
const quietMessagesPerSecond = 1500;
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

/** What is known of a socket. */
interface Seat {
  /** Since the last decision. */
  messages: number;
  /** Looked at by the clock, not watched. */
  isPolled: boolean;
}

export class WakeUps {
  /** Sockets are looked at one after the other: `flush` comes to all of them after the last. */
  isLooking = false;
  private readonly sockets = new Map<Watched, Seat>();
  private readonly now: () => number;
  private timer: NodeJS.Timeout | undefined;
  private since: number;
  private count = 0;

  /** `now` in milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.since = now();
  }

  get areCoalesced(): boolean {
    return this.timer !== undefined;
  }

  add(socket: Watched): void {
    this.sockets.set(socket, { messages: 0, isPolled: false });
    socket.watch();
  }

  delete(socket: Watched): void {
    this.sockets.delete(socket);
    socket.unwatch();
    if (this.timer !== undefined && this.sockets.size === 0) this.watchAll();
  }

  /** The loop has called a socket, which took so many messages. */
  woken(socket: Watched, messages: number): void {
    this.took(socket, messages);
    if (this.timer !== undefined || ++this.count < decisionEvery) return;
    const [wakeUps, rate, seconds] = this.rates();
    if (wakeUps > busyWakeUpsPerSecond && rate < batchedMessagesPerSecond) {
      this.pollBusy(seconds);
      this.timer = setTimeout(this.look, intervalMs);
    }
    this.begin();
  }

  /** Messages of a look by the clock. */
  looked(socket: Watched, messages: number): void {
    this.took(socket, messages);
  }

  private took(socket: Watched, messages: number): void {
    const seat = this.sockets.get(socket);
    if (seat !== undefined) seat.messages += messages;
  }

  /** The quietest sockets are watched, as many as wake up seldom enough together; all others are polled. */
  private pollBusy(seconds: number): void {
    let left = quietMessagesPerSecond * seconds;
    for (const [socket, seat] of [...this.sockets].sort(([, a], [, b]) => a.messages - b.messages)) {
      left -= seat.messages;
      this.poll(socket, seat, left < 0);
    }
  }

  private watchAll(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [socket, seat] of this.sockets) this.poll(socket, seat, false);
  }

  private poll(socket: Watched, seat: Seat, isPolled: boolean): void {
    if (isPolled === seat.isPolled) return;
    seat.isPolled = isPolled;
    if (isPolled) socket.unwatch();
    else socket.watch();
  }

  private readonly look = (): void => {
    if (this.timer === undefined) return;
    let isMore = false;
    this.isLooking = true;
    for (const [socket, { isPolled }] of this.sockets) isMore = (isPolled && socket.look()) || isMore;
    this.isLooking = false;
    // what one receives another sends: so each sends once, and not again for every socket that comes after it
    for (const socket of this.sockets.keys()) socket.flush();
    if (isMore) setImmediate(this.look);
    else this.timer.refresh();
    if (++this.count < decisionEvery) return;
    const [, rate, seconds] = this.rates();
    if (rate < idleMessagesPerSecond || rate > batchedMessagesPerSecond) this.watchAll();
    else this.pollBusy(seconds);
    this.begin();
  };

  /** Wake-ups or looks, and messages, a second; and the seconds since the last decision. */
  private rates(): readonly [number, number, number] {
    const seconds = Math.max(0.001, (this.now() - this.since) / 1000);
    let messages = 0;
    for (const seat of this.sockets.values()) messages += seat.messages;
    return [this.count / seconds, messages / seconds, seconds];
  }

  /** Counts for the next decision. */
  private begin(): void {
    this.since = this.now();
    this.count = 0;
    for (const seat of this.sockets.values()) seat.messages = 0;
  }
}
