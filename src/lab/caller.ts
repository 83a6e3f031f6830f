// The caller generator: offers INVITEs at a given rate whatever comes back (open loop), acknowledges refusals, and
// carries answered calls through ACK, hold and BYE. One loop, no timer and no object per call that is refused.

import { findToLine, type ParsedAnswer, parseAnswer } from './answer-scan.ts';
import { BurstSocket } from './burst-socket.ts';
import { CallRing } from './call-ring.ts';
import { type CallTemplates, type CallValues, callTemplates, writeTemplate } from './call-text.ts';
import { fillValues, isPriority, sourceAddress, type ValueOptions } from './call-values.ts';
import { CallerDialogs, dialogTexts } from './caller-dialogs.ts';
import { type CallCounts, type CallerOptions, type CallerReport, noCounts, type RateStep } from './caller-options.ts';
import { LatencyHistogram } from './latency-histogram.ts';

export interface Caller {
  /** Resolves when calls are over: all ended, or `giveUpMs` after the last one began. */
  readonly finished: Promise<CallerReport>;
  /** What there is now. */
  report(): CallerReport;
  /** Begins the window of rates and latencies anew, for instance after a warm-up. Counts of calls go on. */
  clearWindow(): void;
  /** No further calls; what is open goes on to its end. */
  stop(): void;
}

const MAX_PER_TURN = 512;
const BUSY_LOOP_PER_SECOND = 20_000;

export function startCaller(options: CallerOptions): Caller {
  const target = /^udp:([\d.]+):(\d+)$/.exec(options.target);
  if (target === null) throw new Error(`caller: "${options.target}" is not udp:HOST:PORT with an IPv4 address`);
  return new CallerLoop(options, target[1]!, Number(target[2]));
}

class CallerLoop implements Caller {
  readonly finished: Promise<CallerReport>;
  #finish: (report: CallerReport) => void = () => {};
  readonly #options: CallerOptions;
  readonly #sockets: BurstSocket[];
  readonly #steps: readonly RateStep[];
  readonly #giveUpMs: number;
  readonly #holdMs: number;
  readonly #valueOptions: ValueOptions;
  readonly #templates: readonly [CallTemplates, CallTemplates];
  readonly #counts: readonly [CallCounts, CallCounts] = [noCounts(), noCounts()];
  readonly #statuses: readonly [Uint32Array, Uint32Array] = [new Uint32Array(700), new Uint32Array(700)];
  readonly #run: Uint8Array;
  readonly #values: CallValues = { index: 0, port: 0, octet1: 0, octet2: 0, octet3: 0, from: 0, called: 0 };
  readonly #answer: ParsedAnswer = { status: 0, kind: 0, index: 0, afterBranch: 0 };
  readonly #dialogs: CallerDialogs;
  readonly #refusalLatency = new LatencyHistogram();
  readonly #setUpTime = new LatencyHistogram();
  readonly #ring: CallRing;
  #startMs = performance.now();
  #turnMs = this.#startMs;
  #nowMs = this.#startMs;
  #owed = 0;
  #notOffered = 0;
  #windowMs = this.#startMs;
  #windowEndMs = 0;
  #windowRefusals = 0;
  #windowOffered = 0;
  #lastResendMs = 0;
  #stopAtMs: number;
  #closed = false;

  constructor(options: CallerOptions, host: string, port: number) {
    this.#options = options;
    this.#steps = typeof options.rate === 'number' ? [{ atMs: 0, callsPerSecond: options.rate }] : options.rate;
    this.#giveUpMs = options.giveUpMs ?? (options.retransmit ? 32_000 : 8000);
    this.#holdMs = options.holdMs ?? 0;
    this.#stopAtMs = this.#startMs + options.durationMs;
    const run = options.run ?? Math.random().toString(36).slice(2, 8).padEnd(6, '0');
    this.#run = Buffer.from(run, 'latin1');
    this.#valueOptions = {
      sources: options.sources ?? 1000,
      firstSource: options.firstSource ?? 0,
      callsInRow: options.callsInRow ?? 16,
      hotNumber: Number(options.hotNumber ?? 0),
      hotRatio: options.hotRatio ?? 0,
      priorityRatio: options.resourcePriority === undefined ? 0 : (options.priorityRatio ?? 1),
    };
    const shape = { target: `${host}:${port}`, requestUri: options.requestUri, run };
    this.#templates = [callTemplates(shape), callTemplates({ ...shape, resourcePriority: options.resourcePriority })];
    const highest = Math.max(...this.#steps.map((step) => step.callsPerSecond), 1);
    this.#ring = new CallRing(highest, this.#giveUpMs, (index) => this.#counts[this.#kindOf(index)].lost++);
    this.#sockets = Array.from({ length: options.ports ?? 4 }, () => new BurstSocket(0, host, port));
    this.#dialogs = new CallerDialogs((dialog) => this.#counts[dialog.priority ? 1 : 0].byeFailures++);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#startMs = performance.now();
    this.#turnMs = this.#startMs;
    this.#windowMs = this.#startMs;
    this.#stopAtMs = this.#startMs + options.durationMs;
    setImmediate(this.#turn);
  }

  stop(): void {
    this.#stopAtMs = Math.min(this.#stopAtMs, performance.now());
  }

  clearWindow(): void {
    this.#windowMs = performance.now();
    this.#windowRefusals = 0;
    this.#windowOffered = 0;
    this.#refusalLatency.clear();
    this.#setUpTime.clear();
  }

  report(): CallerReport {
    const seconds = Math.max(1, (this.#windowEndMs || performance.now()) - this.#windowMs) / 1000;
    return {
      ordinary: this.#countsOf(0),
      priority: this.#countsOf(1),
      refusalLatency: this.#refusalLatency.summary(),
      setUpTime: this.#setUpTime.summary(),
      refusalsPerSecond: this.#windowRefusals / seconds,
      offeredPerSecond: this.#windowOffered / seconds,
      notOffered: Math.floor(this.#notOffered),
      sendFailures: this.#sockets.reduce((sum, socket) => sum + socket.sendFailures, 0),
    };
  }

  readonly #turn = (): void => {
    this.#nowMs = performance.now();
    let received = 0;
    for (const socket of this.#sockets) {
      for (let round = 0; round < 8; round++) {
        const n = socket.receive(this.#onDatagram);
        if (n > 0) received += n;
        if (n < BurstSocket.batch) break;
      }
    }
    this.#nowMs = performance.now();
    const rate = this.#rateNow();
    this.#begin(rate);
    this.#dialogs.run(this.#nowMs);
    if (this.#nowMs - this.#lastResendMs > 100) {
      this.#lastResendMs = this.#nowMs;
      this.#dialogs.resend(this.#nowMs);
      if (this.#options.retransmit) this.#ring.resend(this.#nowMs, this.#sendAgain);
      this.#ring.expire(this.#nowMs);
    }
    for (const socket of this.#sockets) socket.flush();
    if (this.#isOver()) return this.#close();
    if (received > 0 || rate > BUSY_LOOP_PER_SECOND) setImmediate(this.#turn);
    else setTimeout(this.#turn, 1);
  };

  #isOver(): boolean {
    if (this.#nowMs < this.#stopAtMs) return false;
    if (this.#windowEndMs === 0) this.#windowEndMs = this.#nowMs;
    return (
      (this.#ring.open === 0 && this.#dialogs.open === 0) ||
      this.#nowMs > this.#stopAtMs + this.#giveUpMs + this.#holdMs + 1000
    );
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const report = this.report();
    for (const socket of this.#sockets) socket.close();
    this.#finish(report);
  }

  #rateNow(): number {
    if (this.#nowMs >= this.#stopAtMs) return 0;
    const elapsedMs = this.#nowMs - this.#startMs;
    let rate = 0;
    for (const step of this.#steps) if (step.atMs <= elapsedMs) rate = step.callsPerSecond;
    return rate;
  }

  #begin(rate: number): void {
    this.#owed += (rate * (this.#nowMs - this.#turnMs)) / 1000;
    this.#turnMs = this.#nowMs;
    const allowed = Math.max(MAX_PER_TURN, rate / 50); // not more than 20 ms late, else it is not offered
    if (this.#owed > allowed) {
      this.#notOffered += this.#owed - allowed;
      this.#owed = allowed;
    }
    const count = Math.min(Math.floor(this.#owed), MAX_PER_TURN);
    this.#owed -= count;
    this.#windowOffered += count;
    for (let i = 0; i < count; i++) {
      const index = this.#ring.begin(this.#nowMs);
      this.#counts[this.#kindOf(index)].offered++;
      this.#sendInvite(index);
    }
  }

  #kindOf(index: number): 0 | 1 {
    return isPriority(index, this.#valueOptions) ? 1 : 0;
  }

  #socketOf(index: number): BurstSocket {
    // Blocks of a batch, so that one socket's messages fill one system call.
    return this.#sockets[(index >>> 6) % this.#sockets.length]!;
  }

  #sendInvite(index: number): void {
    const socket = this.#socketOf(index);
    fillValues(this.#values, index, socket.port, this.#valueOptions);
    const at = socket.nextAt;
    const end = writeTemplate(this.#templates[this.#kindOf(index)].invite, this.#values, socket.out, at);
    socket.push(end - at, sourceAddress(this.#values));
  }

  readonly #onDatagram = (bytes: Buffer, start: number, end: number): void => {
    const answer = this.#answer;
    if (!parseAnswer(bytes, start, end, this.#run, answer)) return;
    const { index, status, kind } = answer;
    if (kind === 98) return this.#onByeAnswer(index, status);
    if (kind !== 105) return;
    if (status < 200) return this.#ring.proceed(index);
    const begunAtMs = this.#ring.end(index);
    if (begunAtMs >= 0) {
      this.#statuses[this.#kindOf(index)][status]! += 1;
      if (status < 300) {
        this.#setUpTime.add(this.#nowMs - begunAtMs);
        return this.#beginDialog(index, bytes.toString('latin1', start, end));
      }
      this.#refusalLatency.add(this.#nowMs - begunAtMs);
      this.#windowRefusals++;
    }
    if (status < 300) this.#dialogs.again(index);
    else if (this.#options.ackRefusals !== false) this.#ackRefusal(index, bytes, answer.afterBranch, end);
  };

  /** RFC 3261 §17.1.1.3: the ACK of a refusal has the INVITE's branch and the answer's To. */
  #ackRefusal(index: number, bytes: Buffer, from: number, to: number): void {
    const line = findToLine(bytes, from, to);
    if (line < 0) return;
    const socket = this.#socketOf(index);
    fillValues(this.#values, index, socket.port, this.#valueOptions);
    const at = socket.nextAt;
    const out = socket.out;
    let end = writeTemplate(this.#templates[this.#kindOf(index)].ack, this.#values, out, at);
    for (let i = line; i < to && bytes[i] !== 13 && bytes[i] !== 10; i++) out[end++] = bytes[i]!;
    out[end] = 13;
    out[end + 1] = 10;
    out[end + 2] = 13;
    out[end + 3] = 10;
    socket.push(end + 4 - at, sourceAddress(this.#values));
  }

  #beginDialog(index: number, answer: string): void {
    const kind = this.#kindOf(index);
    this.#counts[kind].answered++;
    const socket = this.#socketOf(index);
    fillValues(this.#values, index, socket.port, this.#valueOptions);
    const scratch = Buffer.alloc(512);
    const shared = scratch.toString('latin1', 0, writeTemplate(this.#templates[kind].dialog, this.#values, scratch, 0));
    const { octet1, octet2, octet3, port } = this.#values;
    const branch = `KIND${Buffer.from(this.#run).toString('latin1')}${index.toString(16).padStart(8, '0')}`;
    const via = `Via: SIP/2.0/UDP 127.${octet1}.${octet2}.${octet3}:${port};branch=z9hG4bK-${branch};rport\r\n`;
    const texts = dialogTexts(answer, shared, via);
    if (texts === undefined) return;
    this.#dialogs.begin({
      index,
      priority: kind === 1,
      socket,
      sourceAddress: sourceAddress(this.#values),
      ...texts,
      dueAtMs: this.#nowMs + this.#holdMs,
      byeTries: 0,
    });
  }

  #onByeAnswer(index: number, status: number): void {
    if (status < 200) return;
    const dialog = this.#dialogs.end(index);
    if (dialog === undefined) return;
    if (status < 300) this.#counts[dialog.priority ? 1 : 0].completed++;
    else this.#counts[dialog.priority ? 1 : 0].byeFailures++;
  }

  readonly #sendAgain = (index: number): void => {
    this.#counts[this.#kindOf(index)].retransmissions++;
    this.#sendInvite(index);
  };

  #countsOf(kind: 0 | 1): CallCounts {
    const byStatus: Record<string, number> = {};
    this.#statuses[kind].forEach((count, status) => {
      if (count > 0) byStatus[status] = count;
    });
    return { ...this.#counts[kind], byStatus };
  }
}
