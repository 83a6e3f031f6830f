// A switch of limited capacity in virtual time: lab/work-queue.ts, whose clock is work done, so that the switch may slow
// down, die and come back while calls wait in it.
import { WorkQueue } from '../../src/lab/work-queue.ts';
import type { Call } from './call.ts';
import type { EventQueue } from './event-queue.ts';

export interface SimSwitchRule {
  readonly name: string;
  /** Calls per second that it can set up, at speed 1. */
  readonly capacityPerSecond: number;
  /** Answers 100 as soon as an INVITE is read; else nothing is answered before its turn. */
  readonly tryingAtOnce: boolean;
}

export interface SwitchOutput {
  onTrying(call: Call): void;
  /** Its turn is over: set up, or refused with 503. */
  onTurn(call: Call, isRefused: boolean): void;
  /** A REGISTER's turn is over. */
  onRegistered(device: number): void;
}

interface Job {
  readonly doneAtWork: number;
  readonly isRefused: boolean;
  readonly call: Call | undefined;
  readonly device: number;
}

export class SimSwitch {
  readonly rule: SimSwitchRule;
  /** 0 while it is dead. */
  speed = 1;
  /** Which life it is in. */
  life = 0;
  private readonly queue: EventQueue;
  private readonly output: SwitchOutput;
  private work: WorkQueue;
  private jobs: Job[] = [];
  private head = 0;
  /** Work done, in ms at speed 1, at `sinceMs`. */
  private workMs = 0;
  private sinceMs = 0;
  /** Only the newest planned turn counts. */
  private plan = 0;

  constructor(rule: SimSwitchRule, queue: EventQueue, output: SwitchOutput) {
    this.rule = rule;
    this.queue = queue;
    this.output = output;
    this.work = new WorkQueue(rule.capacityPerSecond);
  }

  get isAlive(): boolean {
    return this.speed > 0;
  }

  get backlogMs(): number {
    return this.work.backlogMs(this.workAt(this.queue.nowMs));
  }

  /** The same, Infinity while it is dead. */
  get waitingMs(): number {
    return this.isAlive ? this.backlogMs : Number.POSITIVE_INFINITY;
  }

  /** An INVITE, or its retransmission. */
  onInvite(call: Call): void {
    if (!this.isAlive) return;
    const isAgain = call.readBy === this.life;
    const result = this.work.arrive(this.workAt(this.queue.nowMs), isAgain ? 'retransmission' : 'invite');
    if (isAgain || result.outcome === 'lost') return;
    call.readBy = this.life;
    if (this.rule.tryingAtOnce && result.outcome === 'done') this.output.onTrying(call);
    this.put({ doneAtWork: result.atMs, isRefused: result.outcome === 'refused', call, device: -1 });
  }

  /** A REGISTER: costs as much as a retransmitted INVITE, a quarter of a call. */
  onRegister(device: number): void {
    if (!this.isAlive) return;
    const result = this.work.arrive(this.workAt(this.queue.nowMs), 'retransmission');
    if (result.outcome !== 'lost') this.put({ doneAtWork: result.atMs, isRefused: false, call: undefined, device });
  }

  /** 1: as its rule says; 0: dead, and what it had is lost; from dead it comes back empty. */
  setSpeed(speed: number): void {
    this.workMs = this.workAt(this.queue.nowMs);
    this.sinceMs = this.queue.nowMs;
    this.speed = speed;
    if (speed === 0) {
      this.life++;
      this.jobs = [];
      this.head = 0;
      this.work = new WorkQueue(this.rule.capacityPerSecond);
    }
    this.planHead();
  }

  private workAt(nowMs: number): number {
    return this.workMs + (nowMs - this.sinceMs) * this.speed;
  }

  private put(job: Job): void {
    this.jobs.push(job);
    if (this.jobs.length - this.head === 1) this.planHead();
  }

  private planHead(): void {
    this.plan++;
    const job = this.jobs[this.head];
    if (job === undefined || this.speed === 0) return;
    this.queue.at(this.sinceMs + (job.doneAtWork - this.workMs) / this.speed, this.onTurn, this.plan);
  }

  private readonly onTurn = (plan: number): void => {
    if (plan !== this.plan) return;
    const job = this.jobs[this.head++]!;
    if (this.head === this.jobs.length) {
      this.jobs = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.jobs.length) {
      this.jobs = this.jobs.slice(this.head);
      this.head = 0;
    }
    this.planHead();
    if (job.call === undefined) this.output.onRegistered(job.device);
    else this.output.onTurn(job.call, job.isRefused);
  };
}
