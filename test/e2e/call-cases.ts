// Every kind of call that must pass the edge unharmed: who calls, who is called, and what the books then show.
import { expect } from 'vitest';
import type { Lab } from '../peers/lab-test.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';

export interface CallCase {
  readonly name: string;
  readonly uac: string;
  readonly uas: string;
  readonly caller?: SippOptions;
  readonly called?: SippOptions;
  /** INVITEs outside a dialog for each call; default 1. */
  readonly invites?: number;
  /** Only with a SIPp as the switch itself, and why. */
  readonly onlyDirect?: string;
}

export const callCases: readonly CallCase[] = [
  { name: 'plain call', uac: 'uac-call', uas: 'uas-call' },
  { name: 'call hung up by the called party', uac: 'uac-hung-up', uas: 'uas-hangs-up' },
  { name: '1 kB of further headers', uac: 'uac-large-headers', uas: 'uas-large-headers' },
  { name: 'compact forms', uac: 'uac-compact', uas: 'uas-call' },
  { name: 'cancelled while it rings', uac: 'uac-cancel', uas: 'uas-cancel' },
  { name: 'given up after a long ring', uac: 'uac-cancel', uas: 'uas-cancel', caller: { talkMs: 3_000 } },
  { name: 'busy', uac: 'uac-busy', uas: 'uas-busy' },
  { name: 'no answer, 480', uac: 'uac-unavailable', uas: 'uas-unavailable', called: { talkMs: 1_000 } },
  { name: 'no answer, 408', uac: 'uac-timed-out', uas: 'uas-timed-out' },
  { name: 'unknown number', uac: 'uac-unknown', uas: 'uas-unknown' },
  {
    name: '503 of every switch',
    uac: 'uac-overloaded',
    uas: 'uas-overloaded',
    onlyDirect: 'a Kamailio makes 500 of it',
  },
  { name: 'asked for credentials', uac: 'uac-challenged', uas: 'uas-challenges', invites: 2 },
  { name: 're-INVITE', uac: 'uac-reinvite', uas: 'uas-reinvite' },
  { name: 'UPDATE', uac: 'uac-update', uas: 'uas-update' },
  { name: 'PRACK', uac: 'uac-prack', uas: 'uas-prack' },
  { name: 'long ring', uac: 'uac-long-ring', uas: 'uas-long-ring', called: { talkMs: 1_000 } },
];

export const callsOfCase = 3;

/** Places the calls of one case; both ends see them through. */
export async function expectCalls(
  lab: Lab,
  one: CallCase,
  to: string,
  called: Sipp,
  more: SippOptions = {},
): Promise<void> {
  const calls = callsOfCase;
  const caller = await startSipp(lab, one.uac, { to, calls, talkMs: 200, limitSeconds: 20, ...one.caller, ...more });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
  expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
}
