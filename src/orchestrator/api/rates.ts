// How often an identity may ask, and how often a source address may be wrong. Memory is bounded: identities are configured, and
// addresses share a table of fixed size.
import { createHmac, randomBytes } from 'node:crypto';
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiLimits } from './api-options.ts';
import type { Identity } from './identity.ts';

export interface Rates {
  /** Seconds to wait, 1 or more; undefined: it may. Counts the request. */
  ofIdentity(identity: Identity): Promise<number | undefined>;
  /** The same for what needs no token. */
  ofOpen(address: string | undefined): Promise<number | undefined>;
  /** Seconds until tokens of this address are looked at again; undefined: now. */
  afterFailures(address: string | undefined): Promise<number | undefined>;
  noteFailure(address: string | undefined): Promise<void>;
}

/** Cells of the table of addresses; two in one cell are counted together. */
const cells = 16_384;
/** What an identity may use of its burst comes back after so long, s. */
const burstSeconds = 5;

export function createRates(limits: ApiLimits): Rates {
  const steady = new RateLimiterMemory({ points: limits.requestsPerSecond, duration: 1 });
  const extra = Math.max(0, limits.burst - limits.requestsPerSecond);
  const burst = new RateLimiterMemory({ points: extra, duration: burstSeconds });
  const identities = new BurstyRateLimiter(steady, burst);
  const open = new RateLimiterMemory({ points: limits.openRequestsPerSecond, duration: 1 });
  const failures = new RateLimiterMemory({ points: limits.failuresPerAddress, duration: limits.failureSeconds });
  const salt = randomBytes(16);
  const cellOf = (address: string | undefined): number =>
    createHmac('sha256', salt).update(sourceOf(address)).digest().readUInt16BE(0) % cells;

  return {
    ofIdentity: ({ role, name }) => wait(() => identities.consume(`${role} ${name}`)),
    ofOpen: (address) => wait(() => open.consume(cellOf(address))),
    async afterFailures(address) {
      const counted = await failures.get(cellOf(address));
      if (counted === null || counted.consumedPoints < limits.failuresPerAddress) return undefined;
      return seconds(counted.msBeforeNext);
    },
    async noteFailure(address) {
      await failures.penalty(cellOf(address));
    },
  };
}

async function wait(consume: () => Promise<RateLimiterRes>): Promise<number | undefined> {
  try {
    await consume();
    return undefined;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return seconds(refusal.msBeforeNext);
    throw refusal;
  }
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Who has one IPv6 address has its /64 (RFC 6177). */
function sourceOf(address = ''): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
