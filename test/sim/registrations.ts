// Devices that must register again after an outage: REGISTER retransmission by RFC 3261 §17.1.2 (Timers E and F), waiting after
// a failure by Retry-After or by RFC 5626 §4.5 (30 s doubled with each failure, at most 1,800 s, of which 50 to 100 %).
import type { EventQueue } from './event-queue.ts';
import type { Random } from './random.ts';

export interface RegistrationRule {
  readonly devices: number;
  /** All of them notice within this time. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly retryAfterRatio: number;
}

export interface RegistrationPorts {
  /** The edge's decision. */
  admit(nowMs: number): 'pass' | number;
  send(device: number): void;
  onRegistered(nowMs: number): void;
}

const t1Ms = 500;
const t2Ms = 4000;
const timerFMs = 32_000;

export class Registrations {
  private readonly rule: RegistrationRule;
  private readonly queue: EventQueue;
  private readonly random: Random;
  private readonly ports: RegistrationPorts;
  /** When the pending transaction of each device began; NaN: none. */
  private readonly sentMs: Float64Array;
  private readonly isRegistered: Uint8Array;
  private readonly failures: Uint8Array;

  constructor(rule: RegistrationRule, queue: EventQueue, random: Random, ports: RegistrationPorts) {
    this.rule = rule;
    this.queue = queue;
    this.random = random;
    this.ports = ports;
    this.sentMs = new Float64Array(rule.devices).fill(Number.NaN);
    this.isRegistered = new Uint8Array(rule.devices);
    this.failures = new Uint8Array(rule.devices);
    for (let device = 0; device < rule.devices; device++)
      queue.at(random.between(rule.fromSeconds, rule.toSeconds) * 1000, this.onAttempt, device);
  }

  /** A switch's 200; one that comes after Timer F is too late. */
  onAnswer(device: number, nowMs: number): void {
    if (Number.isNaN(this.sentMs[device]) || this.isRegistered[device] === 1) return;
    this.isRegistered[device] = 1;
    this.sentMs[device] = Number.NaN;
    this.ports.onRegistered(nowMs);
  }

  private readonly onAttempt = (device: number, nowMs: number): void => {
    const verdict = this.ports.admit(nowMs);
    if (verdict !== 'pass') return this.retryLater(device, verdict, nowMs);
    this.sentMs[device] = nowMs;
    this.ports.send(device);
    this.queue.at(nowMs + t1Ms, this.onTimer, device);
  };

  private readonly onTimer = (device: number, nowMs: number): void => {
    const sentMs = this.sentMs[device]!;
    if (Number.isNaN(sentMs)) return;
    const passedMs = nowMs - sentMs;
    if (passedMs >= timerFMs - 1) {
      this.sentMs[device] = Number.NaN;
      return this.retryLater(device, 0, nowMs);
    }
    this.ports.send(device);
    // Timer E: 500, 1,000, 2,000, then every 4,000 ms; so at passed times 500, 1,500, 3,500, 7,500, 11,500 …
    const nextMs = passedMs + Math.min(passedMs + t1Ms, t2Ms);
    this.queue.at(sentMs + Math.min(nextMs, timerFMs), this.onTimer, device);
  };

  private retryLater(device: number, retryAfterSeconds: number, nowMs: number): void {
    const failures = ++this.failures[device]!;
    const seconds = Math.min(1800, 30 * 2 ** Math.min(failures - 1, 6)) * this.random.between(0.5, 1);
    const obeys = retryAfterSeconds > 0 && this.random.chance(this.rule.retryAfterRatio);
    this.queue.at(nowMs + (obeys ? retryAfterSeconds : seconds) * 1000, this.onAttempt, device);
  }
}
