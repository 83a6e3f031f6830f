// An interface and its neighbours as admission sees them: who may send how much, who is trusted, how each is told to stop.
import type { ClassifyContext } from '../classify/classify.ts';
import type { Dialplan } from '../classify/plan.ts';
import type { InterfaceName } from '../transport/flow.ts';
import { type Block, inBlock, parseAddress, parseBlock } from './cidr.ts';
import { NeighbourTally } from './neighbour-tally.ts';
import { RefusedShare, type RetryAfterRange } from './retry-after.ts';
import { TokenBucket } from './token-bucket.ts';

export type Pushback = 'oc' | 'reject' | 'retry-after' | 'drop';

/** Rates per second above 0; a rate that is undefined is not limited here. */
export interface SideLimits {
  readonly newCallsPerSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly registrationsPerSecond?: number | undefined;
  readonly registrationBurst?: number | undefined;
  readonly nonEssentialPerSecond?: number | undefined;
  readonly nonEssentialBurst?: number | undefined;
}

/** What configuration says of a neighbour; what is absent is its interface's. */
export interface NeighbourRule {
  readonly name: string;
  /** Addresses and blocks. */
  readonly addresses: readonly string[];
  readonly trustsPriority: boolean | undefined;
  readonly pushback: Pushback | undefined;
  /** Its part when the interface's share is divided, above 0. */
  readonly weight: number;
  readonly limits: SideLimits;
}

export interface SideRule {
  readonly name: InterfaceName;
  readonly pushback: Pushback;
  readonly retryAfter: RetryAfterRange;
  readonly trustsPriority: boolean;
  /** Its part when the capacity of the switches is divided, above 0. */
  readonly weight: number;
  readonly limits: SideLimits;
  readonly neighbours: readonly NeighbourRule[];
}

/** A neighbour of configuration, or all other sources of an interface together (`name` ''). */
export interface Neighbour {
  readonly name: string;
  readonly side: Side;
  readonly pushback: Pushback;
  readonly context: ClassifyContext;
  readonly weight: number;
  /** The operator's limit. */
  readonly newCalls: TokenBucket | undefined;
  /** Its part of the interface's share as the Control Function gives it; undefined: as much as the interface may. */
  share: TokenBucket | undefined;
  /** It gets all that it asks for while others do not: its calls do not wait because of them. */
  isServed: boolean;
  /** What it is told by RFC 7339 where it takes part: parameters of a Via, or ''. */
  ocText: string;
  readonly tally: NeighbourTally;
}

export interface Side {
  readonly name: InterfaceName;
  /** Position in `interfaceOrder`: index of counters. */
  readonly index: number;
  readonly retryAfter: RetryAfterRange;
  readonly refusedShare: RefusedShare;
  readonly weight: number;
  /** The operator's limit. */
  readonly newCalls: TokenBucket | undefined;
  /** Its share of what the switches can do; undefined while there is enough for all. */
  share: TokenBucket | undefined;
  /** How long a connection that goes on after pushback is not read from; 0: it is. */
  pauseReadsMs: number;
  readonly registrations: TokenBucket | undefined;
  readonly nonEssential: TokenBucket | undefined;
  readonly anyone: Neighbour;
  /** `anyone` first, then those of configuration. */
  readonly neighbours: readonly Neighbour[];
  readonly blocks: readonly { readonly block: Block; readonly neighbour: Neighbour }[];
}

const defaultBurstSeconds = 0.2;

/** The side of one interface. `index`: its position in the counters. Addresses have been checked by configuration. */
export function buildSide(rule: SideRule, index: number, plan: Dialplan): Side {
  const { limits } = rule;
  const blocks: { block: Block; neighbour: Neighbour }[] = [];
  const neighbours: Neighbour[] = [];
  const side = {
    name: rule.name,
    index,
    retryAfter: rule.retryAfter,
    refusedShare: new RefusedShare(),
    weight: rule.weight,
    share: undefined,
    pauseReadsMs: 0,
    newCalls: bucket(limits.newCallsPerSecond, limits.burst),
    registrations: bucket(limits.registrationsPerSecond, limits.registrationBurst),
    nonEssential: bucket(limits.nonEssentialPerSecond, limits.nonEssentialBurst),
    blocks,
    neighbours,
  };
  const neighbour = (
    name: string,
    pushback: Pushback,
    trustsPriority: boolean,
    weight: number,
    newCalls: TokenBucket | undefined,
  ): Neighbour => ({
    name,
    side: whole,
    pushback,
    weight,
    newCalls,
    share: undefined,
    isServed: false,
    ocText: '',
    tally: new NeighbourTally(),
    context: { plan, interfaceName: rule.name, trustsPriority, fromCore: rule.name === 'core' },
  });
  const whole: Side & { anyone: Neighbour } = Object.assign(side, { anyone: undefined as unknown as Neighbour });
  whole.anyone = neighbour('', rule.pushback, rule.trustsPriority, 1, undefined);
  neighbours.push(whole.anyone);
  for (const one of rule.neighbours) {
    const made = neighbour(
      one.name,
      one.pushback ?? rule.pushback,
      one.trustsPriority ?? rule.trustsPriority,
      one.weight,
      bucket(one.limits.newCallsPerSecond, one.limits.burst),
    );
    neighbours.push(made);
    for (const address of one.addresses) {
      const block = parseBlock(address);
      if (block !== undefined) blocks.push({ block, neighbour: made });
    }
  }
  // the longest block first, so that a host inside a network may have its own rule
  blocks.sort((a, b) => b.block.bits - a.block.bits);
  return whole;
}

function bucket(ratePerSecond: number | undefined, burst: number | undefined): TokenBucket | undefined {
  if (ratePerSecond === undefined) return undefined;
  return new TokenBucket(ratePerSecond, burst ?? Math.max(1, ratePerSecond * defaultBurstSeconds));
}

/** How much of a share may be used at once after a silence, in seconds of it; and the least number of calls. */
const shareBurstSeconds = 0.25;
const leastShareBurst = 2;

/** The share of an interface or a neighbour from now on, calls per second; `Infinity`: no limit of this kind. */
export function setShare(
  of: { share: TokenBucket | undefined },
  perSecond: number,
  burstSeconds = shareBurstSeconds,
): void {
  if (perSecond === Number.POSITIVE_INFINITY) of.share = undefined;
  else {
    // a rate of nothing at all would never refill
    const rate = Math.max(0.001, perSecond);
    const burst = Math.max(leastShareBurst, rate * burstSeconds);
    if (of.share === undefined) of.share = new TokenBucket(rate, burst);
    else of.share.change(rate, burst);
  }
}

/** The neighbour at a numeric address. */
export function neighbourAt(side: Side, address: string): Neighbour {
  if (side.blocks.length === 0) return side.anyone;
  const groups = parseAddress(address);
  if (groups === undefined) return side.anyone;
  for (const { block, neighbour } of side.blocks) if (inBlock(groups, block)) return neighbour;
  return side.anyone;
}
