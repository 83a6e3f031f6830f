// The scenarios of `npm run sim`: who calls whom, and how often. Those in which the switches are special are in switch-scenarios.ts.
import { day, steady, surge } from './rate.ts';
import {
  allAnswer,
  everywhere,
  fromCustomers,
  fromPeer,
  onceOnly,
  oneSwitch,
  redialling,
  type Scenario,
  single,
  surgeOf,
  surgeSpan,
  usual,
} from './scenario-parts.ts';
import { deadSwitch, severalSwitches, slowSwitch, tryingAtOnce } from './switch-scenarios.ts';

export const scenarioNames = [
  'yardstick',
  'london-7-7',
  'nine-eleven',
  'televote',
  'slow-switch',
  'dead-switch',
  'registration-storm',
  'neighbours',
  'cold-start',
  'trying-at-once',
  'several-switches',
  'ordinary-day',
  'whole-day',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

function yardstick(): Scenario {
  const point = (factor: number) => ({
    label: `${factor}×`,
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 50,
      countFromSeconds: 20,
      // half of capacity first, as a switch has it on most days
      sources: Array.from({ length: 10 }, (_, i) =>
        fromPeer({ name: `peer${i + 1}`, rate: surge(7, 14 * factor, 5, 3600) }),
      ),
    },
  });
  return {
    name: 'yardstick',
    title: 'RFC 6357 §8: a switch of 140 calls/s, ten upstream neighbours, nobody redials',
    points: [0.5, 0.8, 1, 1.5, 2, 5, 10, 20, 40].map(point),
    span: { fromSeconds: 0, toSeconds: 50 },
    isSurge: false,
    settleSeconds: 20,
    equals: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    bystanders: [],
  };
}

const london = (): Scenario =>
  single({
    name: 'london-7-7',
    title: 'London 7 July 2005: 33 → 333 → 33 calls/s on 50, three in ten redial',
    span: surgeSpan,
    network: { ...usual, ...oneSwitch(50), seconds: 160, sources: everywhere(surgeOf(33, 333), redialling) },
  });

const nineEleven = (): Scenario =>
  single({
    name: 'nine-eleven',
    title: '11 September 2001: 100 → 4,000 → 100 calls/s on 140, three in ten redial',
    span: surgeSpan,
    network: { ...usual, ...oneSwitch(140), seconds: 160, sources: everywhere(surgeOf(100, 4000), redialling) },
  });

const voteNumber = '9005551234';
const televote = (): Scenario => {
  const vote = (name: string, perSecond: number) =>
    ({
      name,
      rate: surge(0, perSecond, 30, 90),
      numbers: [voteNumber],
      priorityRatio: 0,
      callers: redialling,
    }) as const;
  return single({
    name: 'televote',
    title: 'Televote: 70 ordinary calls/s on 140, and 3,000/s on one number of 20 lines',
    span: surgeSpan,
    bystanders: [0, 1],
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 160,
      countFromSeconds: 35,
      callees: { ...allAnswer, fewLines: [{ digits: voteNumber, lines: 20, talkMedianMs: 8000 }] },
      sources: [
        fromCustomers({ name: 'customers', rate: steady(40) }),
        fromPeer({ name: 'peer1', rate: steady(30) }),
        fromCustomers(vote('voters', 2000)),
        fromPeer({ ...vote('voters of peer1', 1000), neighbour: 'peer1' }),
      ],
    },
  });
};

const registrationStorm = (): Scenario =>
  single({
    name: 'registration-storm',
    title: 'After an outage of 10 s, 40,000 devices register with a switch of 140 calls/s; 80 calls/s are offered',
    span: { fromSeconds: 40, toSeconds: 160 },
    isSurge: false,
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 180,
      sources: everywhere((share) => steady(80 * share), redialling),
      speeds: [
        { atSeconds: 30, switchIndex: 0, speed: 0 },
        { atSeconds: 40, switchIndex: 0, speed: 1 },
      ],
      registrations: { devices: 40_000, fromSeconds: 40, toSeconds: 55, retryAfterRatio: 0.8 },
    },
  });

const neighbours = (): Scenario =>
  single({
    name: 'neighbours',
    title: 'Five neighbours on 140: three of 150 calls/s (oc rate, oc loss, deaf), one of 600 (deaf), one of 15',
    span: { fromSeconds: 0, toSeconds: 80 },
    isSurge: false,
    settleSeconds: 20,
    equals: [0, 1, 2, 3],
    bystanders: [4],
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 80,
      countFromSeconds: 20,
      sources: [
        fromPeer({ name: 'rate', rate: steady(150), obeysOc: 'rate' }),
        fromPeer({ name: 'loss', rate: steady(150), obeysOc: 'loss' }),
        fromPeer({ name: 'deaf', rate: steady(150), retryAfterRatio: 0 }),
        fromPeer({ name: 'deaf and loud', rate: steady(600), retryAfterRatio: 0 }),
        fromPeer({ name: 'small', rate: steady(15) }),
      ],
    },
  });

/** The edge is started, or started again, in the middle of the event. */
const coldStart = (): Scenario =>
  single({
    name: 'cold-start',
    title: 'An edge that starts into ten times of what its switch of 140 calls/s can do',
    span: { fromSeconds: 0, toSeconds: 60 },
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 90,
      sources: everywhere((share) => surge(1400 * share, 70 * share, 60, 3600), redialling),
    },
  });

/** Not an overload: nothing may be refused. `seconds`: how long the 24 hours take; the quicker, the steeper its slopes. */
const ordinaryDay = (name: 'ordinary-day' | 'whole-day', seconds: number): Scenario =>
  single({
    name,
    title: `A day of ordinary traffic${seconds < 86_400 ? ' in an hour' : ''}, 9 to 118 calls/s on 140`,
    span: { fromSeconds: 0, toSeconds: seconds },
    isSurge: false,
    settleSeconds: 0,
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds,
      sources: everywhere((share) => day(118 * share, seconds, 60), onceOnly),
    },
  });

export function scenario(name: ScenarioName): Scenario {
  switch (name) {
    case 'yardstick':
      return yardstick();
    case 'london-7-7':
      return london();
    case 'nine-eleven':
      return nineEleven();
    case 'televote':
      return televote();
    case 'slow-switch':
      return slowSwitch();
    case 'dead-switch':
      return deadSwitch();
    case 'registration-storm':
      return registrationStorm();
    case 'neighbours':
      return neighbours();
    case 'cold-start':
      return coldStart();
    case 'trying-at-once':
      return tryingAtOnce();
    case 'several-switches':
      return severalSwitches();
    case 'ordinary-day':
      return ordinaryDay(name, 3600);
    case 'whole-day':
      return ordinaryDay(name, 86_400);
    default:
      return name satisfies never;
  }
}
