// A request that is no INVITE, BYE or CANCEL, until its final answer: RFC 3261 §17.1.2, Timers E and F.
import type { TimerTable } from '../transaction/timers.ts';
import type { Channel } from './channel.ts';

export class ClientRequest {
  private readonly onEnd: (status: number) => void;
  private resend: NodeJS.Timeout | undefined;
  private readonly giveUp: NodeJS.Timeout;
  private isOver = false;

  /** Sends it. `onEnd`: called once with the final status, 0 where none came in 64·T1. */
  constructor(channel: Channel, text: string, timers: TimerTable, onEnd: (status: number) => void) {
    this.onEnd = onEnd;
    const send = (nextMs: number): void => {
      channel.send(text);
      // differs from §17.1.2.2: a provisional answer does not slow it down to T2
      if (!channel.isReliable) this.resend = setTimeout(() => send(Math.min(nextMs * 2, timers.t2Ms)), nextMs);
    };
    this.giveUp = setTimeout(() => this.end(0), timers.fMs);
    send(timers.eMs);
  }

  /** An answer with its branch has come. */
  onStatus(status: number): void {
    if (status >= 200) this.end(status);
  }

  /** Nothing is sent any more, and nobody told. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.resend);
    clearTimeout(this.giveUp);
  }

  private end(status: number): void {
    if (this.isOver) return;
    this.stop();
    this.onEnd(status);
  }
}
