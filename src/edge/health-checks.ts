// OPTIONS to every switch (RFC 3261 §11): sent, repeated over UDP, judged by the pure `health.ts`.
import type { Marks } from '../forward/marks.ts';
import { equalsExactly, latin1 } from '../sip/bytes.ts';
import { hex } from '../sip/keyed-hash.ts';
import type { Peek } from '../sip/peek.ts';
import { hostPort, viaHead } from './own-lines.ts';
import type { EdgeParts } from './parts.ts';
import { ProbeTimes } from './probe-times.ts';
import { switchFlow } from './switch-flow.ts';
import type { Switch } from './switches.ts';

export interface HealthTiming {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly t1Ms: number;
}

interface Probe {
  readonly one: Switch;
  readonly message: string;
  readonly sentMs: number;
  resendAtMs: number;
  resendMs: number;
}

// branch = prefix, number of the probe (8), mark (8), digits hexadecimal
const prefix = 'z9hG4bKshc';

export class HealthChecks {
  private readonly parts: () => EdgeParts;
  private readonly marks: Marks;
  private readonly timing: () => HealthTiming;
  private readonly open = new Map<number, Probe>();
  private readonly times = new ProbeTimes();
  private number = 0;

  constructor(parts: () => EdgeParts, marks: Marks, timing: () => HealthTiming) {
    this.parts = parts;
    this.marks = marks;
    this.timing = timing;
  }

  /** Call about ten times a second. Switches are probed at their own times, spread over the interval. */
  tick(nowMs: number): void {
    const { switches } = this.parts();
    const { intervalMs, timeoutMs } = this.timing();
    for (const [number, probe] of this.open) {
      if (nowMs - probe.sentMs >= timeoutMs) {
        this.open.delete(number);
        switches.note(probe.one, { kind: 'probe-timeout' });
      } else if (nowMs >= probe.resendAtMs) {
        probe.resendMs *= 2;
        probe.resendAtMs = nowMs + probe.resendMs;
        this.send(probe);
      }
    }
    for (const one of this.times.take(switches.all, nowMs, intervalMs)) this.probe(one, nowMs);
  }

  private probe(one: Switch, nowMs: number): void {
    const parts = this.parts();
    const flow = switchFlow(parts, one);
    if (flow === undefined) return;
    this.number = (this.number + 1) & 0x7fffffff;
    const { number } = this;
    const branch = `${prefix}${hex(number)}${this.marks.seal('probe', hex(number)).slice(0, 8)}`;
    const { listener } = flow;
    const target = `${one.target!.address.includes(':') ? `[${one.target!.address}]` : one.target!.address}:${one.target!.port}`;
    const own = `sip:surgegate@${hostPort(listener)}`;
    const message = `OPTIONS sip:${target} SIP/2.0\r\n${viaHead(listener)}${branch}\r\nMax-Forwards: 70\r\nFrom: <${own}>;tag=${hex(number)}\r\nTo: <sip:${target}>\r\nCall-ID: ${this.marks.seal('probe-call', hex(number))}\r\nCSeq: ${number} OPTIONS\r\nContact: <${own}>\r\nContent-Length: 0\r\n\r\n`;
    const { t1Ms } = this.timing();
    const probe: Probe = {
      one,
      message,
      sentMs: nowMs,
      resendMs: t1Ms,
      resendAtMs: flow.reliable ? Number.POSITIVE_INFINITY : nowMs + t1Ms,
    };
    this.open.set(number, probe);
    parts.switches.note(one, { kind: 'probe-sent' });
    this.send(probe);
  }

  private send(probe: Probe): void {
    const flow = switchFlow(this.parts(), probe.one);
    const bytes = Buffer.from(probe.message, 'latin1');
    if (flow?.send(bytes, 0, bytes.length) !== true) this.parts().switches.note(probe.one, { kind: 'transport-error' });
  }

  /** Whether this is the response to a probe of ours; then it has been dealt with. */
  onResponse(p: Peek): boolean {
    const { bytes, branchStart, branchEnd } = p;
    if (
      branchEnd - branchStart !== prefix.length + 16 ||
      !equalsExactly(bytes, branchStart, branchStart + prefix.length, prefix)
    )
      return false;
    const digits = latin1(bytes, branchStart + prefix.length, branchStart + prefix.length + 8);
    if (!equalsExactly(bytes, branchEnd - 8, branchEnd, this.marks.seal('probe', digits).slice(0, 8))) return true;
    const number = Number.parseInt(digits, 16);
    const probe = this.open.get(number);
    if (probe === undefined) return true;
    if (p.status >= 200) this.open.delete(number);
    this.parts().switches.note(probe.one, { kind: 'probe-response', status: p.status });
    return true;
  }
}
