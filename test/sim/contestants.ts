// Who is compared, by name.
import type { MakeEdge } from './controlled-edge.ts';
import { makeClearwater } from './peers/clearwater.ts';
import { makeKamailioRed } from './peers/kamailio-red.ts';
import { makeKamailioTaildrop } from './peers/kamailio-taildrop.ts';
import { makeNone } from './peers/none.ts';
import { makeOnOffRetryAfter } from './peers/on-off-retry-after.ts';

export const contestantNames = [
  'none',
  'kamailio-taildrop',
  'kamailio-red',
  'clearwater',
  'on-off-retry-after',
] as const;
export type ContestantName = (typeof contestantNames)[number];

export const makers: Readonly<Record<ContestantName, MakeEdge>> = {
  none: makeNone,
  'kamailio-taildrop': makeKamailioTaildrop,
  'kamailio-red': makeKamailioRed,
  clearwater: makeClearwater,
  'on-off-retry-after': makeOnOffRetryAfter,
};
