// Who is compared, by name; and what nobody can go below.
import type { MakeEdge } from './controlled-edge.ts';
import { makeClearwater } from './peers/clearwater.ts';
import { makeGapsFilled, makePriorityAlone } from './peers/floors.ts';
import { makeKamailioRed } from './peers/kamailio-red.ts';
import { makeKamailioTaildrop } from './peers/kamailio-taildrop.ts';
import { makeNone } from './peers/none.ts';
import { makeOnOffRetryAfter } from './peers/on-off-retry-after.ts';
import { SurgegateEdge } from './surgegate-edge.ts';

export const contestantNames = [
  'surgegate',
  'surgegate-learned',
  'none',
  'kamailio-taildrop',
  'kamailio-red',
  'clearwater',
  'on-off-retry-after',
  'gaps-filled',
  'priority-alone',
] as const;
export type ContestantName = (typeof contestantNames)[number];

/** No controllers: of these only the times of priority calls are told. */
export const isFloor = (name: ContestantName): boolean => name === 'gaps-filled' || name === 'priority-alone';

export const makers: Readonly<Record<ContestantName, MakeEdge>> = {
  surgegate: (input) => new SurgegateEdge(input),
  // configured with the switches' addresses and nothing else
  'surgegate-learned': (input) => new SurgegateEdge({ ...input, configuredPerSecond: undefined }),
  none: makeNone,
  'kamailio-taildrop': makeKamailioTaildrop,
  'kamailio-red': makeKamailioRed,
  clearwater: makeClearwater,
  'on-off-retry-after': makeOnOffRetryAfter,
  'gaps-filled': makeGapsFilled,
  'priority-alone': makePriorityAlone,
};
