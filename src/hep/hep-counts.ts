// What the mirror counts, as metrics want it; ever growing, and not begun anew by a reload.
import type { CallKind } from './call-choice.ts';

/**
 * Why a packet did not go out: `rate` more than `messagesPerSecond`, `queue` more than `queueBytes` wait, `unreachable` no
 * collector, `size` too long for the protocol or for a datagram.
 */
export const dropReasons = ['rate', 'queue', 'unreachable', 'size'] as const;
export type DropReason = (typeof dropReasons)[number];

export interface HepCounts {
  sent: number;
  sentBytes: number;
  readonly dropped: Record<DropReason, number>;
  readonly calls: Readonly<Record<CallKind, { kept: number; leftOut: number }>>;
}

export function newHepCounts(): HepCounts {
  const none = () => ({ kept: 0, leftOut: 0 });
  return {
    sent: 0,
    sentBytes: 0,
    dropped: { rate: 0, queue: 0, unreachable: 0, size: 0 },
    calls: { call: none(), priority: none(), refusal: none() },
  };
}
