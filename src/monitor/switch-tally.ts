// What the data plane notes of one switch between two samples of the Monitor: plain numbers, a bounded number of times.
import type { OcValue, SwitchSample } from '../control/load-sample.ts';

/** Times kept between two samples; of more, the later ones are counted and not kept. */
const mostTimes = 256;

export class SwitchTally {
  private sent = 0;
  private privilegedSent = 0;
  private retransmitted = 0;
  private progressed = 0;
  private answered = 0;
  private refused = 0;
  private timedOut = 0;
  private firstResponseMs: number[] = [];
  private progressMs: number[] = [];
  /** INVITEs without any response but 100, now. */
  outstanding = 0;

  noteSent(isPrivileged: boolean): void {
    this.sent++;
    this.outstanding++;
    if (isPrivileged) this.privilegedSent++;
  }

  noteRetransmitted(): void {
    this.retransmitted++;
  }

  /** The first response of any kind, 100 included, `ms` after the INVITE. */
  noteFirstResponse(ms: number): void {
    if (this.firstResponseMs.length < mostTimes) this.firstResponseMs.push(ms);
  }

  /** The first response other than 100, `ms` after the INVITE. */
  noteProgress(status: number, ms: number): void {
    this.outstanding--;
    if (status === 503) this.refused++;
    else {
      this.progressed++;
      if (this.progressMs.length < mostTimes) this.progressMs.push(ms);
    }
  }

  /** It is taken to be in progress: when that began is not known. */
  noteUnseenProgress(): void {
    this.outstanding--;
    this.progressed++;
  }

  /** A 503 after other responses. */
  noteLateRefusal(): void {
    this.refused++;
  }

  noteAnswered(): void {
    this.answered++;
  }

  /** No answer in time; whether it is still outstanding is told by `noteGone`. */
  noteTimeout(): void {
    this.timedOut++;
  }

  /** An INVITE ended before any response but 100: given up, cancelled, connection lost. */
  noteGone(): void {
    this.outstanding--;
  }

  /** What was noted since the last call. */
  take(now: {
    readonly name: string;
    readonly isUp: boolean;
    readonly weight: number;
    readonly configuredPerSecond: number | undefined;
    readonly oc: OcValue | undefined;
    /** Default 0. */
    readonly backlogCalls?: number;
  }): SwitchSample {
    const { sent, privilegedSent, retransmitted, progressed, answered, refused, timedOut, outstanding } = this;
    const { firstResponseMs, progressMs } = this;
    this.sent = 0;
    this.privilegedSent = 0;
    this.retransmitted = 0;
    this.progressed = 0;
    this.answered = 0;
    this.refused = 0;
    this.timedOut = 0;
    this.firstResponseMs = [];
    this.progressMs = [];
    const counts = { sent, privilegedSent, retransmitted, progressed, answered, refused, timedOut, outstanding };
    return { backlogCalls: 0, ...now, ...counts, firstResponseMs, progressMs };
  }
}
