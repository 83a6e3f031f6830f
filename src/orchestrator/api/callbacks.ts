// The callbacks of all applications that have registered one.
import type { SecureContextOptions } from 'node:tls';
import type { Registration } from '../../congestion/application-messages.ts';
import type { Log } from '../../log.ts';
import type { Desk } from '../desk.ts';
import { type Instances, turnOf } from '../registry/instances.ts';
import type { CallbackOutcome } from './api-options.ts';
import { type CallbackTiming, createCallback } from './callback.ts';
import { refuseCallback } from './callback-address.ts';

export interface CallbacksOptions {
  readonly desk: Pick<Desk, 'orders' | 'onOrders'>;
  /** Of an application, besides the loopback. */
  readonly hostsOf: (application: string) => readonly string[];
  readonly tls?: SecureContextOptions | undefined;
  readonly log: Pick<Log, 'limited'>;
  readonly onAttempt?: ((outcome: CallbackOutcome) => void) | undefined;
  readonly random?: (() => number) | undefined;
  readonly timing?: Partial<CallbackTiming> | undefined;
}

export interface Callbacks {
  /** Why its callback cannot be taken; undefined: it has none, or a good one. */
  refuse(application: string, registration: Registration): string | undefined;
  /** After the desk has taken the registration. One that is a duplicate, or late, changes nothing. */
  registered(application: string, registration: Registration): void;
  /** It is not registered any more; whatever it says next is new. */
  left(application: string): void;
  stop(): void;
}

export function createCallbacks(options: CallbacksOptions): Callbacks {
  const { desk, log } = options;
  const running = new Map<string, () => void>();
  /** As the desk tells a late registration from a new one. */
  const instances = new Map<string, Instances>();
  const drop = (application: string): void => {
    running.get(application)?.();
    running.delete(application);
  };

  function start(application: string, target: NonNullable<Registration['callback']>): () => void {
    const callback = createCallback(target, {
      allowedHosts: options.hostsOf(application),
      tls: options.tls,
      random: options.random ?? Math.random,
      isWanted: () => !('refused' in desk.orders(application)),
      onAttempt(error) {
        options.onAttempt?.(error === undefined ? 'delivered' : 'failed');
        if (error === undefined) return;
        const facts = { application, reason: error.message };
        log.limited(`callback ${application}`, 'warn', 'orders could not be brought to the callback', facts);
      },
      timing: options.timing,
    });
    const stopListening = desk.onOrders(application, (orders) => callback.push(orders));
    return () => {
      stopListening();
      callback.stop();
    };
  }

  return {
    refuse(application, { callback }) {
      return callback === undefined ? undefined : refuseCallback(callback.url, options.hostsOf(application));
    },
    registered(application, { instance, sequence, callback }) {
      const { turn, instances: known } = turnOf(instances.get(application), instance, sequence);
      instances.set(application, known);
      if (turn === 'out-of-turn') return;
      drop(application);
      if (callback !== undefined) running.set(application, start(application, callback));
    },
    left(application) {
      drop(application);
      instances.delete(application);
    },
    stop() {
      for (const application of [...running.keys()]) drop(application);
    },
  };
}
