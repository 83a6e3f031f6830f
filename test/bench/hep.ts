// What mirroring to HOMER costs the edge, beside the call itself: `npx tsx test/bench/hep.ts`. Processor time of this process; the
// collector is a socket that reads nothing.
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestClass } from '../../src/classify/class.ts';
import { type Collector, openCollector } from '../../src/hep/collector.ts';
import { newHepCounts } from '../../src/hep/hep-counts.ts';
import { Mirror } from '../../src/hep/mirror.ts';
import type { Flow } from '../../src/transport/flow.ts';

const ROUNDS = 7;
const listener = { host: '127.0.0.1', port: 5060, advertisedHost: '127.0.0.1' };
const flow = { remoteAddress: '127.0.0.1', v4: 0x7f000001, remotePort: 5061, listener } as unknown as Flow;
const fields = [
  'Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK-1000000-1-0;rport',
  'From: sipp <sip:sipp@127.0.0.1:5061>;tag=1000000SIPpTag001',
  'To: service <sip:12125551234@127.0.0.1:5060>',
  'Call-ID: 1-00000000@127.0.0.1',
  'CSeq: 1 INVITE',
];
const body = 'v=0\r\no=u 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n';
const message = (first: string, text: string) => Buffer.from([first, ...fields, '', text].join('\r\n'));
const invite = message('INVITE sip:12125551234@127.0.0.1:5060 SIP/2.0', body);
const [refusal, trying] = [message('SIP/2.0 503 Service Unavailable', ''), message('SIP/2.0 100 Trying', '')];

/** Another call: its number stands in the Call-ID of all messages. */
function renumber(call: number): void {
  for (const bytes of [invite, refusal, trying]) {
    let rest = call;
    for (let at = bytes.indexOf('Call-ID: 1-') + 18; rest > 0; at--, rest = Math.floor(rest / 10))
      bytes[at] = 48 + (rest % 10);
  }
}

/** Microseconds of processor time of one step, the least of several rounds; `pause` lets callbacks come between parts. */
async function costOf(steps: number, step: (n: number) => void, pause = steps): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let done = 0; done < steps; done++) {
      step(round * steps + done + 1);
      if ((done + 1) % pause === 0 && pause < steps) await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / steps);
  }
  return best;
}

function mirrorTo(collector: Pick<Collector, 'send'>, messagesPerSecond: number, ratio: number) {
  const source: { classAtHand: RequestClass } = { classAtHand: 'new-call' };
  const rules = { ratio, messagesPerSecond, refusalsPerSecond: 100, captureId: 1, maskCredentials: true };
  return new Mirror(rules, collector, newHepCounts(), () => source);
}

function call(mirror: Mirror, answer: Buffer, n: number): void {
  renumber(n);
  mirror.received(flow, invite, 0, invite.length);
  mirror.sent(flow, answer, 0, answer.length);
  mirror.handled();
}

const sink = createSocket('udp4');
await new Promise<void>((resolve) => sink.bind(0, '127.0.0.1', resolve));
const { port } = sink.address();
const counts = newHepCounts();
const udp = openCollector({
  ...{ transport: 'udp', host: '127.0.0.1', port, queueBytes: 2 ** 26, counts },
  onChange: () => {},
});
await sleep(200);
const unlimited = 1e9;
const nowhere = { send() {} };
const none = await costOf(100_000, renumber);
const show = (what: string, microseconds: number) => console.log(`${microseconds.toFixed(2).padStart(7)} µs  ${what}`);
const flood = mirrorTo(nowhere, 5000, 1);
show('a refused call that is left out', (await costOf(100_000, (n) => call(flood, refusal, n))) - none);
const outside = mirrorTo(nowhere, 5000, 0.01);
show(
  'a refused call that is not in the sample of 1 %',
  (await costOf(100_000, (n) => call(outside, refusal, n))) - none,
);
const packets = mirrorTo(nowhere, unlimited, 1);
show('a mirrored message, without its sending', ((await costOf(50_000, (n) => call(packets, trying, n))) - none) / 2);
const whole = mirrorTo(udp, unlimited, 1);
show('a mirrored message, sent over UDP', ((await costOf(10_000, (n) => call(whole, trying, n), 50)) - none) / 2);
await udp.close();
sink.close();
