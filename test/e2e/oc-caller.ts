// A carrier that takes part in rate-based overload control (RFC 7415) and obeys what it is told, or does not: calls to a number
// that is busy, so that one request makes a call. Its leaky bucket is written from §3.5.1, and not the edge's.
import { type Datagrams, openDatagrams, requestText } from '../peers/datagram.ts';
import type { Lab } from '../peers/lab-test.ts';

export interface OcCounts {
  readonly sent: number;
  /** By the switch, whatever it said. */
  readonly answered: number;
  /** 503. */
  readonly refused: number;
}

export interface OcCallerOptions {
  readonly host: string;
  /** Of the edge. */
  readonly port: number;
  readonly obeys: boolean;
}

/** Whom it calls, in turn. */
export const busyNumbers = Array.from({ length: 500 }, (_, i) => `3${2e8 + ((i * 429_496_729) % 799_999_993)}`);

/** TAU of §3.5.1, in requests. */
const tau = 4;

export class OcCaller {
  /** Calls that it kept to itself. */
  heldBack = 0;
  /** Requests per second that hold now; undefined before the first. */
  told: number | undefined;
  private readonly options: OcCallerOptions;
  private socket!: Datagrams;
  private timer: NodeJS.Timeout | undefined;
  private sent = 0;
  private answered = 0;
  private refused = 0;
  private sequence = 0;
  private untilMs = 0;
  private bucket = 0;
  private lastMs = 0;

  private constructor(options: OcCallerOptions) {
    this.options = options;
  }

  static async start(lab: Lab, options: OcCallerOptions): Promise<OcCaller> {
    const one = new OcCaller(options);
    one.socket = await openDatagrams(options.host, 0, (text, reply) => one.onResponse(text, reply));
    lab.onEnd(() => {
      one.hangUp();
      one.socket.close();
    });
    return one;
  }

  /** Calls so many times a second from now on. */
  call(perSecond: number): void {
    const began = performance.now();
    let due = 0;
    this.timer = setInterval(() => {
      for (; due < ((performance.now() - began) * perSecond) / 1000; due++) this.attempt(performance.now());
    }, 5);
  }

  hangUp(): void {
    clearInterval(this.timer);
  }

  counts(): OcCounts {
    return { sent: this.sent, answered: this.answered, refused: this.refused };
  }

  since(before: OcCounts): OcCounts {
    const { sent, answered, refused } = this.counts();
    return { sent: sent - before.sent, answered: answered - before.answered, refused: refused - before.refused };
  }

  private attempt(nowMs: number): void {
    if (this.options.obeys && !this.mayGo(nowMs)) {
      this.heldBack++;
      return;
    }
    this.sent++;
    const number = busyNumbers[this.sent % busyNumbers.length]!;
    const { host, port } = this.options;
    const text = requestText({ host, port: this.socket.port, uri: `sip:${number}@127.0.0.1` });
    this.socket.send(text.replace(';rport', ';rport;oc;oc-algo="loss,rate"'), port, '127.0.0.1');
  }

  private mayGo(nowMs: number): boolean {
    if (this.told === undefined || nowMs >= this.untilMs) return true;
    const left = this.bucket - ((nowMs - this.lastMs) * this.told) / 1000;
    if (this.told === 0 || left > tau) return false;
    this.bucket = Math.max(0, left) + 1;
    this.lastMs = nowMs;
    return true;
  }

  private onResponse(text: string, reply: (text: string) => void): void {
    const via = /^Via: .*;oc=(\d+);oc-algo="rate";oc-validity=(\d+);oc-seq=([\d.]+)/m.exec(text);
    // seconds since 1970 and five digits are within what a double holds
    if (via !== null && Number(via[3]) > this.sequence) {
      this.sequence = Number(via[3]);
      if (Number(via[2]) > 0) this.told = Number(via[1]);
      this.untilMs = performance.now() + Number(via[2]);
    }
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
    if (!(status >= 200)) return;
    if (status === 503) this.refused++;
    else this.answered++;
    const lines = text.split('\r\n').filter((line) => /^(?:Via|From|To|Call-ID):/.test(line));
    reply(
      [`ACK sip:busy@127.0.0.1 SIP/2.0`, ...lines, 'CSeq: 1 ACK', 'Max-Forwards: 70', 'Content-Length: 0', '\r\n'].join(
        '\r\n',
      ),
    );
  }
}
