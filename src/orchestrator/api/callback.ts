// Brings the orders of one application to its callback: one attempt at a time, always with the newest, and again after a growing,
// jittered delay when it fails. It never gives up; it ends with the registration.
import type { SecureContextOptions } from 'node:tls';
import { Client } from 'undici';
import type { Registration } from '../../congestion/application-messages.ts';
import type { Orders } from '../../congestion/orders.ts';
import { guardedLookup } from './callback-address.ts';

export type CallbackTarget = NonNullable<Registration['callback']>;

export interface CallbackOptions {
  readonly allowedHosts: readonly string[];
  /** Our certificate and the authorities of theirs, for https. */
  readonly tls?: SecureContextOptions | undefined;
  /** 0 to below 1. */
  readonly random: () => number;
  /** Whether the orders are still to be brought: the application is registered. */
  readonly isWanted: () => boolean;
  /** After each attempt; `error` of a failed one. */
  readonly onAttempt: (error: Error | undefined) => void;
  readonly timing?: Partial<CallbackTiming> | undefined;
}

export interface CallbackTiming {
  /** From the connection to the end of the answer. */
  readonly timeoutMs: number;
  /** Before the second attempt; doubles with each further one. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export interface Callback {
  push(orders: Orders): void;
  stop(): void;
}

const usual: CallbackTiming = { timeoutMs: 2000, firstDelayMs: 250, longestDelayMs: 30_000 };
const mostAnswerBytes = 16_384;

/** `target` has been accepted by refuseCallback. */
export function createCallback(target: CallbackTarget, options: CallbackOptions): Callback {
  const timing = { ...usual, ...options.timing };
  const { origin, pathname, search } = new URL(target.url);
  const client = new Client(origin, {
    connect: { ...options.tls, timeout: timing.timeoutMs, lookup: guardedLookup(options.allowedHosts) },
    headersTimeout: timing.timeoutMs,
    bodyTimeout: timing.timeoutMs,
    maxResponseSize: mostAnswerBytes,
  });
  const headers = {
    'content-type': 'application/json',
    ...(target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }),
  };
  let newest: Orders | undefined;
  let failures = 0;
  let isBusy = false;
  let isStopped = false;
  let delay: NodeJS.Timeout | undefined;

  async function attempt(orders: Orders): Promise<void> {
    const signal = AbortSignal.timeout(timing.timeoutMs);
    // undici follows no redirect unless it is told to: where orders go was judged for this address only
    const answer = await client.request({
      ...{ method: 'POST', path: `${pathname}${search}`, headers, signal },
      body: JSON.stringify(orders),
    });
    await answer.body.dump({ limit: mostAnswerBytes, signal });
    if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode}`);
  }

  async function work(): Promise<void> {
    const orders = newest;
    if (orders === undefined || isBusy || isStopped || delay !== undefined) return;
    newest = undefined;
    isBusy = true;
    try {
      if (!options.isWanted()) return stop();
      await attempt(orders);
      failures = 0;
      if (!isStopped) options.onAttempt(undefined);
    } catch (error) {
      newest ??= orders;
      if (!isStopped) {
        delay = setTimeout(again, delayMs(failures++, timing, options.random));
        options.onAttempt(error instanceof Error ? error : new Error(String(error)));
      }
    }
    isBusy = false;
    void work();
  }

  function again(): void {
    delay = undefined;
    void work();
  }

  function stop(): void {
    isStopped = true;
    clearTimeout(delay);
    client.destroy(null, () => {});
  }

  return {
    push(orders) {
      newest = orders;
      // whoever changes orders has done so before they are read again
      queueMicrotask(() => void work());
    },
    stop,
  };
}

/** Half of it is random, so that those that failed together do not come together again. */
function delayMs(failures: number, timing: CallbackTiming, random: () => number): number {
  const whole = Math.min(timing.longestDelayMs, timing.firstDelayMs * 2 ** Math.min(failures, 20));
  return whole * (0.5 + 0.5 * random());
}
