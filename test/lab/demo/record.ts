// A small record of a demo for tests of what is made of it.
import type { DemoEvent } from '../../../src/lab/demo/events.ts';
import type { PhaseName } from '../../../src/lab/demo/plan.ts';
import type { DemoRecord } from '../../../src/lab/demo/summary.ts';
import type { Second } from '../../../src/lab/demo/timeline.ts';

export const beganMs = 1_000_000;

export const secondAt = (second: number, phase: PhaseName, rest: Partial<Second> = {}): Second => ({
  second,
  phase,
  mode: 'L0',
  causes: [],
  edgeMode: 'L0',
  boundaryPerSecond: null,
  cores: {},
  offered: 100,
  goodput: 100,
  completed: 98,
  refused: 0,
  getsOffered: 2,
  getsCompleted: 2,
  ...rest,
});

export const eventAt = (seconds: number, who: string, what: DemoEvent['what'], text: string): DemoEvent => ({
  atMs: beganMs + seconds * 1000,
  who,
  what,
  text,
});

export const goodRecord: DemoRecord = {
  beganMs,
  applications: ['surgegate', 'web', 'shop', 'batch'],
  recoveredSeconds: 5,
  cannotForce: undefined,
  seconds: [
    secondAt(0, 'calm'),
    secondAt(1, 'surge', { offered: 4000, goodput: 138, refused: 3800, boundaryPerSecond: 700 }),
    secondAt(2, 'surge', { offered: 4000, goodput: 142, refused: 3900, boundaryPerSecond: 458 }),
    secondAt(3, 'after'),
  ],
  gets: [
    { phase: 'calm', offered: 2, completed: 2, setUpP99Ms: 130 },
    { phase: 'surge', offered: 100, completed: 100, setUpP99Ms: 300 },
    { phase: 'surge', offered: 60, completed: 60, setUpP99Ms: 200 },
    { phase: 'after', offered: 2, completed: 2, setUpP99Ms: 131 },
  ],
  events: [
    eventAt(1.1, 'host', 'mode', 'L0 → L1: arrivals'),
    eventAt(1.2, 'web', 'asked', 'to use no more than its own share'),
    eventAt(1.2, 'batch', 'asked', 'to end: not essential'),
    eventAt(1.5, 'host', 'mode', 'L1 → L2: arrivals'),
    eventAt(1.5, 'web', 'asked', 'to use no more than cpuCores 0.2 cores'),
    eventAt(1.5, 'shop', 'asked', 'to use no more than cpuCores 0.1 cores'),
    eventAt(2, 'web', 'complied', 'uses no more than cpuCores 0.2 cores'),
    eventAt(2.2, 'batch', 'suspended', 'not essential'),
    eventAt(2.5, 'shop', 'forced', 'cpuCores to 0.1 cores'),
    eventAt(3.5, 'web', 'lifted', 'nothing is asked any more'),
    eventAt(3.5, 'shop', 'lifted', 'free of limits on cpuCores'),
    eventAt(4, 'host', 'mode', 'L2 → L0: nothing asks for more'),
    eventAt(4, 'batch', 'resumed', 'runs again'),
  ],
};
