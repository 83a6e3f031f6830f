// Emergency and priority calls: who may say so, what arrives at the switch, and how the edge counts them.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import type { Edge } from '../peers/edge.ts';
import type { Lab } from '../peers/lab-test.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';

/** Interfaces that all cases share. */
export const prioritySides = { south: {}, east: { trust: { resourcePriority: true } } };

export interface PriorityCase {
  readonly name: string;
  readonly side: 'south' | 'east';
  readonly uac: string;
  readonly uas: string;
  readonly caller?: SippOptions;
  /** What each INVITE is counted as. */
  readonly counted: Readonly<Record<string, string>>;
  /** The edge refuses it: the switch sees nothing. */
  readonly isRefused?: true;
}

export const priorityCases = {
  sos: {
    name: 'urn:service:sos is an emergency call',
    ...{ side: 'south', uac: 'uac-emergency', uas: 'uas-call', counted: { class: 'emergency', reason: 'emergency' } },
  },
  number: {
    name: '911 is an emergency call by the dial plan',
    ...{ side: 'south', uac: 'uac-call', uas: 'uas-call', caller: { service: '911' }, counted: { class: 'emergency' } },
  },
  trusted: {
    name: 'Resource-Priority of a trusted neighbour makes priority calls and arrives',
    ...{ side: 'east', uac: 'uac-priority', uas: 'uas-priority', caller: { keys: { rp: 'ets.0' } } },
    counted: { interface: 'east', class: 'priority', reason: 'priority' },
  },
  gets: {
    name: 'GETS by its number: the edge puts the header in',
    ...{ side: 'south', uac: 'uac-call', uas: 'uas-gets', caller: { service: '7106274387' } },
    counted: { class: 'priority' },
  },
  wps: {
    name: 'WPS by *272: the prefix goes, the header comes',
    ...{ side: 'south', uac: 'uac-call', uas: 'uas-wps', caller: { service: '*2722125551234' } },
    counted: { class: 'priority' },
  },
  unknown: {
    name: 'an unknown value that must be understood is refused with 417',
    ...{ side: 'east', uac: 'uac-unknown-priority', uas: 'uas-call', counted: { reason: 'unknown-priority' } },
    isRefused: true,
  },
} as const satisfies Record<string, PriorityCase>;

const calls = 3;

/** Places the calls of one case, whose called party is `called`. */
export async function expectPriority(
  lab: Lab,
  edge: Edge,
  one: PriorityCase,
  called: Sipp,
  more: SippOptions = {},
): Promise<void> {
  const counted = async (): Promise<number> =>
    (await expectBalanced(edge)).sum('surgegate_requests_total', { method: 'INVITE', ...one.counted });
  const before = await counted();
  const call = { to: edge.address[one.side], calls, talkMs: 100, limitSeconds: 20, ...one.caller, ...more };
  const caller = await startSipp(lab, one.uac, call);
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: one.isRefused ? 0 : calls });
  expect((await counted()) - before).toBe(calls);
}
