// The loop of RFC 7339 without sockets: clients that obey (or do not) towards a server with one capacity, in steps of 1 ms.
import { noRate, type RateEstimate, stepRate } from '../../src/control/demand.ts';
import { noOc, noteOc, type OcClientState, ocInForce } from '../../src/control/oc-client.ts';
import { newOcServer, type OcNeighbourOutput, stepOcServer } from '../../src/control/oc-server.ts';
import { maxMinShares } from '../../src/control/shares.ts';
import type { OcFeedback } from '../../src/control/throttle.ts';
import { lossRatios, newTrafficMix, stepTrafficMix, type TrafficMix } from './loss-mix.ts';
import { seeded } from './random.ts';
import { RateThrottle } from './rate-throttle.ts';

export interface LoopClient {
  readonly name: string;
  /** undefined: knows nothing of oc. */
  readonly offers: 'loss' | 'loss,rate' | undefined;
  readonly ignores?: boolean;
  /** New calls and other requests per second that it wants to send, at a time. */
  readonly newCalls: (ms: number) => number;
  readonly other: number;
}

export interface LoopSecond {
  /** By client: new calls that came, all requests that came. */
  readonly newCalls: number[];
  readonly flagged: boolean[];
  readonly feedback: (OcFeedback | undefined)[];
}

const roundTripMs = 5;
const stepMs = 100;
const validityMs = 500;

class Sender {
  readonly client: LoopClient;
  private state: OcClientState = noOc;
  private throttle: RateThrottle | undefined;
  private mix: TrafficMix = newTrafficMix(0);
  private readonly random: () => number;
  readonly heard: { ms: number; feedback: OcFeedback }[] = [];

  constructor(client: LoopClient, random: () => number) {
    this.client = client;
    this.random = random;
  }

  /** Whether one request goes out. */
  sends(isNew: boolean, nowMs: number): boolean {
    while (this.heard.length > 0 && this.heard[0]!.ms <= nowMs) this.hear(this.heard.shift()!.feedback, nowMs);
    this.mix = stepTrafficMix(this.mix, isNew ? 1 : 0, isNew ? 0 : 1, nowMs);
    const value = ocInForce(this.state, nowMs);
    if (this.client.ignores || value === undefined) {
      this.throttle = undefined;
      return true;
    }
    if (value.algorithm === 'loss') {
      const ratios = lossRatios(value.percent, this.mix.category1Ratio);
      return this.random() >= (isNew ? ratios.category1 : ratios.category2);
    }
    this.throttle ??= new RateThrottle(value.perSecond, nowMs, this.random());
    this.throttle.change(value.perSecond, nowMs);
    return this.throttle.admits(nowMs, isNew ? 'ordinary' : 'priority', this.random());
  }

  private hear(feedback: OcFeedback, nowMs: number): void {
    const { algorithm, value, validityMs, sequence } = feedback;
    this.state = noteOc(this.state, { hasOc: true, value, algorithms: [algorithm], validityMs, sequence }, nowMs);
  }
}

/** Runs for `seconds`; capacity in new calls per second. */
export function runOcLoop(
  clients: readonly LoopClient[],
  capacity: number,
  seconds: number,
  seed: number,
): LoopSecond[] {
  const random = seeded(seed);
  const senders = clients.map((client) => new Sender(client, random));
  const rates: RateEstimate[] = clients.map(() => noRate);
  let server = newOcServer;
  let outputs: ReadonlyMap<string, OcNeighbourOutput> = new Map();
  let counts = clients.map(() => ({ newCalls: 0, other: 0 }));
  let second = clients.map(() => 0);
  const history: LoopSecond[] = [];
  for (let ms = 0; ms < seconds * 1000; ms++) {
    for (const [i, sender] of senders.entries()) {
      for (const isNew of [true, false]) {
        const perMs = (isNew ? sender.client.newCalls(ms) : sender.client.other) / 1000;
        let wanted = Math.floor(perMs) + (random() < perMs % 1 ? 1 : 0);
        for (; wanted > 0; wanted--) {
          if (!sender.sends(isNew, ms)) continue;
          if (isNew) {
            counts[i]!.newCalls++;
            second[i] = second[i]! + 1;
          } else counts[i]!.other++;
          const output = outputs.get(sender.client.name);
          if (output !== undefined) sender.heard.push({ ms: ms + roundTripMs, feedback: output.feedback });
        }
      }
    }
    if ((ms + 1) % stepMs === 0) {
      for (const [i, one] of counts.entries()) rates[i] = stepRate(rates[i]!, one.newCalls, stepMs);
      const claims = clients.map(({ name }, i) => ({
        weight: 1,
        demandPerSecond: outputs.get(name)?.demandPerSecond ?? rates[i]!.perSecond,
      }));
      const isShort = claims.reduce((sum, one) => sum + one.demandPerSecond, 0) > capacity;
      const shares = isShort ? maxMinShares(capacity, claims) : claims.map(() => Infinity);
      const neighbours = clients.map((client, i) => ({
        name: client.name,
        offers: client.offers,
        elements: 1,
        newCalls: counts[i]!.newCalls,
        otherRequests: counts[i]!.other,
        sharePerSecond: shares[i]!,
      }));
      const unixMs = 1_282_321_615_000 + ms;
      ({ state: server, outputs } = stepOcServer(server, {
        nowMs: ms,
        intervalMs: stepMs,
        unixMs,
        validityMs,
        neighbours,
      }));
      counts = clients.map(() => ({ newCalls: 0, other: 0 }));
    }
    if ((ms + 1) % 1000 === 0) {
      history.push({
        newCalls: second,
        flagged: clients.map(({ name }) => outputs.get(name)?.doesNotComply ?? false),
        feedback: clients.map(({ name }) => outputs.get(name)?.feedback),
      });
      second = clients.map(() => 0);
    }
  }
  return history;
}
