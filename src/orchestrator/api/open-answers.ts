// The answers that stay open: the long poll for orders, and the streams of orders and of changes of the mode.
import type { FastifyReply } from 'fastify';
import type { Desk, Refusal } from '../desk.ts';
import type { ApiLimits } from './api-options.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { isRefusal } from './handlers.ts';
import { othersThan, waitForOrders } from './long-poll.ts';
import { createPlaces } from './places.ts';

export interface OpenAnswers {
  /** Undefined: nothing else came. `full`: too many wait. */
  poll(
    who: string,
    application: string,
    query: PollQuery,
    reply: FastifyReply,
  ): Promise<object | Refusal | 'full' | undefined>;
  /** Answers by itself, unless it returns a reason not to. */
  orders(who: string, application: string, reply: FastifyReply): Refusal | 'full' | undefined;
  transitions(who: string, reply: FastifyReply): 'full' | undefined;
  /** Ends all of them. */
  close(): void;
}

export interface PollQuery {
  readonly after?: number | undefined;
  readonly waitSeconds: number;
}

export const retryAfterFullSeconds = 5;

export function createOpenAnswers(desk: Desk, limits: ApiLimits): OpenAnswers {
  const waits = createPlaces({ perHolder: limits.waitsPerIdentity, inAll: limits.waits });
  const streams = createPlaces({ perHolder: limits.streamsPerIdentity, inAll: limits.streams });

  /** `begin` sends what holds now and returns what stops the rest. */
  function open(who: string, reply: FastifyReply, mostWaiting: number, begin: (stream: EventStream) => () => void) {
    let stream: EventStream | undefined;
    const leave = streams.take(who, () => stream?.end());
    if (leave === undefined) return 'full';
    let stop = (): void => {};
    reply.hijack();
    const headers = Object.fromEntries(
      Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    stream = openEventStream(reply.raw, headers, { ...limits, mostWaiting }, () => {
      leave();
      stop();
    });
    stop = begin(stream);
    return undefined;
  }

  return {
    async poll(who, application, { after, waitSeconds }, reply) {
      const known = othersThan(desk, application, after);
      if (known !== undefined || waitSeconds === 0) return known;
      const wait = waitForOrders(desk, application, after!, waitSeconds * 1000);
      const leave = waits.take(who, wait.end);
      if (leave === undefined) wait.end();
      reply.raw.on('close', wait.end);
      const orders = await wait.orders;
      leave?.();
      return leave === undefined ? 'full' : orders;
    },
    orders(who, application, reply) {
      const now = desk.orders(application);
      if (isRefusal(now)) return now;
      return open(who, reply, 1, (stream) => {
        stream.send('orders', now.sequence, now);
        return desk.onOrders(application, (orders) => stream.send('orders', orders.sequence, orders));
      });
    },
    transitions(who, reply) {
      return open(who, reply, 64, (stream) => {
        const [last] = desk.transitions();
        if (last !== undefined) stream.send('transition', last.at, last);
        return desk.onTransition((transition) => stream.send('transition', transition.at, transition));
      });
    },
    close() {
      waits.clear();
      streams.clear();
    },
  };
}
