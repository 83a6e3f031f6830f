// The load of the server counts as ours: the worse of both, and its sockets' queues by interface.
import { expect, it } from 'vitest';
import type { StackLoad } from '../../../src/engine/drachtio/link.ts';
import { StackListeners } from '../../../src/engine/drachtio/stack-listeners.ts';
import { withStackLoad } from '../../../src/engine/drachtio/stack-load.ts';
import { configOf } from '../../edge/settings.ts';

const { listeners } = new StackListeners(configOf({ rest: { engine: 'drachtio' } }));
const sockets = {
  listeners,
  addresses: [
    { protocol: 'udp', host: '192.0.2.1', port: 5060 },
    { protocol: 'tcp', host: '192.0.2.1', port: 5060 },
    { protocol: 'udp', host: '192.0.2.2', port: 5060 },
    { protocol: 'udp', host: '192.0.2.77', port: 5060 },
  ],
  roomBytes: 200_000,
} as const;
const own = { loopUtilisation: 0.3, loopDelayMs: 20, memoryRatio: 0.1 };
const quiet: StackLoad = { cpuRatio: 0.1, lagMs: 1, kernel: [], unseenPerSecond: undefined };

it('of the processor and of delay the worse of both', () => {
  expect(withStackLoad(own, quiet, sockets).host).toEqual(own);
  expect(withStackLoad(own, { ...quiet, cpuRatio: 1.3, lagMs: 90 }, sockets).host).toEqual({
    loopUtilisation: 1,
    loopDelayMs: 90,
    memoryRatio: 0.1,
  });
  expect(withStackLoad(own, { ...quiet, cpuRatio: undefined }, sockets).host).toEqual(own);
});

it('of the queues of its UDP sockets those that an interface names; of what cannot be read nothing', () => {
  const kernel = [
    { queuedBytes: 150_000, drops: 7 },
    { queuedBytes: 200_000, drops: 0 },
    undefined,
    { queuedBytes: 200_000, drops: 9 },
  ];
  expect([...withStackLoad(own, { ...quiet, kernel }, sockets).kernel]).toEqual([
    ['south', { receiveQueueRatio: 0.75, drops: 7 }],
  ]);
});
