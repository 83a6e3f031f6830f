// A control loop in the middle of a mass-call event, as plain values: for metrics, status and the page of text.

import { initialCapacity } from '../../src/control/capacity.ts';
import { type Concentration, noConcentration, stepConcentration } from '../../src/control/concentration.ts';
import type { InterfaceSample, LoadSample, SwitchSample } from '../../src/control/load-sample.ts';
import { noShortage } from '../../src/control/queue-room.ts';
import type { ModeState } from '../../src/control/running-mode.ts';
import type { SwitchControl } from '../../src/control/switch-control.ts';
import type { Gap, InterfaceThrottle, Throttle } from '../../src/control/throttle.ts';
import { HistogramCounts } from '../../src/metrics/histogram-counts.ts';
import { LoopRecord } from '../../src/metrics/loop-record.ts';
import type { LoopView } from '../../src/metrics/loop-view.ts';

const free = Number.POSITIVE_INFINITY;
const noArrivals = { emergency: 0, priority: 0, inDialog: 0, newCall: 0, registration: 0, nonEssential: 0 };

/** Newest values of one interface; 30 new calls in the last 100 ms. */
export function interfaceSample(name: InterfaceSample['name'], neighbours: readonly string[] = ['']): InterfaceSample {
  return {
    name,
    weight: 1,
    arrivals: { ...noArrivals, newCall: 30 },
    neighbours: neighbours.map((one) => ({
      name: one,
      weight: 1,
      newCalls: 20,
      gapped: 10,
      admitted: 5,
      otherRequests: 0,
      ocOffers: undefined,
      ocElements: 0,
      retryAfter: [],
    })),
    waiting: 7,
    oldestMs: 120,
    expired: 2,
    kernel: { receiveQueueRatio: 0.25, drops: 3 },
  };
}

export function switchSample(name: string, some: Partial<SwitchSample> = {}): SwitchSample {
  return {
    ...{ name, isUp: true, weight: 1, configuredPerSecond: undefined, sent: 0, privilegedSent: 0, retransmitted: 0 },
    ...{ outstanding: 4, progressed: 0, firstResponseMs: [], progressMs: [], answered: 0, refused: 0, timedOut: 0 },
    ...{ oc: undefined, backlogCalls: 0, ...some },
  };
}

export function sampleOf(some: Partial<LoadSample> = {}): LoadSample {
  return {
    nowMs: 10_000,
    intervalMs: 100,
    interfaces: [interfaceSample('south'), { ...interfaceSample('east', ['', 'carrier']), kernel: undefined }],
    switches: [
      switchSample('sw1', { backlogCalls: 2.5 }),
      switchSample('sw2', { oc: { algorithm: 'loss', percent: 30 } }),
    ],
    numbers: [{ digits: '5550001111', isPrefix: false, attempts: 30, excess: 0, answers: 0, refusedByGap: 10 }],
    host: { loopUtilisation: 0.5, loopDelayMs: 12, memoryRatio: 0.1 },
    reserveInUse: false,
    ...some,
  };
}

export const operatorGap: Gap = {
  digits: '5550001111',
  limit: { kind: 'interval', intervalMs: 2000 },
  cause: 'operator',
  untilMs: 70_000,
};

function interfaceThrottle(name: InterfaceThrottle['name'], neighbours: InterfaceThrottle['neighbours']) {
  const scan = { intervalMs: 150, batch: 3, newestFirst: true, room: 20 };
  return { name, newCallsPerSecond: 80, neighbours, scan, pauseReadsMs: 0 };
}

export function throttleOf(some: Partial<Throttle> = {}): Throttle {
  const told = { algorithm: 'loss', value: 40, validityMs: 500, sequence: '1.00000' } as const;
  return {
    sequence: 1,
    mode: 'L3',
    indicators: [{ name: 'arrivals', interface: 'south', value: 10.5, proposes: 'L3' }],
    ordinaryPerSecond: 120,
    passNonEssential: false,
    registrationsPerSecond: 30,
    interfaces: [
      interfaceThrottle('south', [{ name: '', newCallsPerSecond: free, isServed: false, oc: undefined }]),
      interfaceThrottle('east', [
        { name: '', newCallsPerSecond: free, isServed: false, oc: undefined },
        { name: 'carrier', newCallsPerSecond: 40, isServed: false, oc: told },
      ]),
    ],
    switches: [],
    gaps: [operatorGap],
    retryAfterSeconds: 2,
    ...some,
  };
}

function switchControl(name: string, callsPerSecond: number, some: Partial<SwitchControl['capacity']>): SwitchControl {
  const capacity = { ...initialCapacity(), ...some };
  const most = Number.isFinite(callsPerSecond) ? 3.1 : free;
  const room = { ordinary: most, served: most };
  return {
    capacity,
    demandPerSecond: 300,
    canDoPerSecond: callsPerSecond,
    shortage: noShortage,
    throttle: { name, callsPerSecond, outstanding: capacity.outstanding, room, unknownCalls: 0 },
  };
}

/** sw1 is learned and at capacity, nothing is known of sw2; `carrier` does not comply. */
export function loopView(some: Partial<LoopView> = {}): LoopView {
  const sample = sampleOf();
  const throttle = throttleOf();
  const record = new LoopRecord();
  record.note(sample, hottestOf(sample, 1));
  const switchControls = new Map([
    ['sw1', switchControl('sw1', 140, { perSecond: 140.1234, outstanding: 33, isAtCapacity: true })],
    ['sw2', switchControl('sw2', free, { perSecond: free, outstanding: free })],
  ]);
  const normalOf = (name: string) => (name === 'south' ? 25 : undefined);
  const doesNotComply = (_name: string, neighbour: string) => neighbour === 'carrier';
  const waited = new HistogramCounts([0.1, 0.2]);
  waited.observe(0.15);
  const mode: ModeState = { mode: 'L2', sinceMs: 10_000, causes: ['arrivals'], lessSinceMs: undefined };
  const control = { mode, switchControls, normalOf, doesNotComply };
  return { isEnabled: true, sample, throttle, control, record, waited: () => waited, ...some };
}

/** What the Control Function says of the hottest numbers after so many samples of these. */
export function hottestOf(sample: LoadSample, samples: number): Concentration {
  let state = noConcentration;
  let concentration: Concentration = { ratio: 0, digits: [] };
  for (let i = 0; i < samples; i++) {
    const newCalls = sample.interfaces.reduce((sum, one) => sum + one.arrivals.newCall, 0);
    const arrivalsPerSecond = (newCalls * 1000) / sample.intervalMs;
    const { numbers, intervalMs } = sample;
    ({ state, concentration } = stepConcentration(state, {
      numbers,
      arrivalsPerSecond,
      floorPerSecond: 10,
      intervalMs,
    }));
  }
  return concentration;
}
