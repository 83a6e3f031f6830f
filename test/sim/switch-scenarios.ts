// Scenarios in which it is the switches that are special: slow, dead, several, or with nothing but the time to 180 to be told by.
import { steady } from './rate.ts';
import {
  everywhere,
  onceOnly,
  oneSwitch,
  redialling,
  type Scenario,
  single,
  surgeOf,
  surgeSpan,
  usual,
} from './scenario-parts.ts';

export const slowSwitch = (): Scenario =>
  single({
    name: 'slow-switch',
    title: 'A switch of 140 calls/s slows to 35 and recovers; 100 calls/s are offered',
    span: surgeSpan,
    network: {
      ...usual,
      ...oneSwitch(140),
      seconds: 160,
      sources: everywhere((share) => steady(100 * share), redialling),
      speeds: [
        { atSeconds: 30, switchIndex: 0, speed: 0.25 },
        { atSeconds: 90, switchIndex: 0, speed: 1 },
      ],
    },
  });

export const deadSwitch = (): Scenario =>
  single({
    name: 'dead-switch',
    title: 'Two switches of 100 calls/s, 120/s offered; one dies and returns after a minute',
    span: surgeSpan,
    settleSeconds: 10,
    network: {
      ...usual,
      switches: ['sw1', 'sw2'].map((name) => ({ name, capacityPerSecond: 100, tryingAtOnce: false })),
      configuredPerSecond: 200,
      seconds: 160,
      sources: everywhere((share) => steady(120 * share), redialling),
      speeds: [
        { atSeconds: 30, switchIndex: 1, speed: 0 },
        { atSeconds: 90, switchIndex: 1, speed: 1 },
      ],
    },
  });

/** Nobody retransmits to it, so its backlog shows in nothing but the time to 180. */
export const tryingAtOnce = (): Scenario =>
  single({
    name: 'trying-at-once',
    title: 'A switch of 140 calls/s that answers 100 at once and is slow after it: 70 → 1,400 → 70 calls/s',
    span: surgeSpan,
    network: {
      ...usual,
      switches: [{ name: 'sw1', capacityPerSecond: 140, tryingAtOnce: true }],
      configuredPerSecond: 140,
      seconds: 130,
      sources: everywhere(surgeOf(70, 1400), onceOnly),
    },
  });

/** Priority calls alone are two fifths of what they can do, and two thirds of the smallest if it gets a third of them. */
export const severalSwitches = (): Scenario =>
  single({
    name: 'several-switches',
    title: 'Switches of 100, 60 and 40 calls/s, the second answers 100 at once: 100 → 4,000 → 100 calls/s',
    span: surgeSpan,
    network: {
      ...usual,
      switches: [100, 60, 40].map((capacityPerSecond, i) => ({
        name: `sw${i + 1}`,
        capacityPerSecond,
        tryingAtOnce: i === 1,
      })),
      configuredPerSecond: 200,
      seconds: 130,
      sources: everywhere(surgeOf(100, 4000), onceOnly),
    },
  });
