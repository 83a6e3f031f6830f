// What metrics and the status page need of the control loop beyond its last sample and throttle: sums over samples, rates over about
// a second. Noted with every throttle.
import type { GapTable } from '../admission/gaps.ts';
import type { Concentration } from '../control/concentration.ts';
import type { InterfaceSample, LoadSample } from '../control/load-sample.ts';
import { type GapCause, gapCauses } from '../control/throttle.ts';

/** Time constant of rates, ms. */
const rateMs = 1000;

/** Counts only rise. */
export interface NeighbourRecord {
  /** Ordinary new calls that asked for a switch, those refused by a gap, those sent on. */
  newCalls: number;
  gapped: number;
  admitted: number;
  /** Of `newCalls`. */
  perSecond: number;
}

export interface InterfaceRecord {
  kernelDrops: number;
  /** New calls that arrived, per second. */
  arrivalsPerSecond: number;
}

export interface GapCalls {
  passed: number;
  refused: number;
}

export class LoopRecord {
  /** Share of the few hottest called numbers, 0 to 1, and these numbers. */
  concentrationRatio = 0;
  hottest: readonly string[] = [];
  readonly gapCalls: Readonly<Record<GapCause, GapCalls>>;
  private readonly interfaces = new Map<string, InterfaceRecord>();
  private readonly neighbours = new Map<string, NeighbourRecord>();
  private gapsBefore: ReadonlyMap<string, GapCalls> = new Map();

  constructor() {
    const none = gapCauses.map((cause) => [cause, { passed: 0, refused: 0 }]);
    this.gapCalls = Object.fromEntries(none) as Record<GapCause, GapCalls>;
  }

  /** `hottest`: of the Control Function. */
  note(sample: LoadSample, hottest: Concentration): void {
    for (const one of sample.interfaces) this.noteInterface(one, sample.intervalMs);
    this.concentrationRatio = hottest.ratio;
    this.hottest = hottest.digits;
  }

  /** Called before gaps are taken away, whose counts go with them. */
  noteGaps(table: Pick<GapTable, 'each'>): void {
    const now = new Map<string, GapCalls>();
    table.each((gap, passed, refused) => {
      const key = `${gap.cause} ${gap.limit.kind} ${gap.digits}`;
      const before = this.gapsBefore.get(key);
      // a gap that was taken away and placed again counts from nothing
      const isSame = before !== undefined && before.passed <= passed && before.refused <= refused;
      this.gapCalls[gap.cause].passed += passed - (isSame ? before.passed : 0);
      this.gapCalls[gap.cause].refused += refused - (isSame ? before.refused : 0);
      now.set(key, { passed, refused });
    });
    this.gapsBefore = now;
  }

  interfaceRecord(name: string): InterfaceRecord {
    return entry(this.interfaces, name, () => ({ kernelDrops: 0, arrivalsPerSecond: 0 }));
  }

  /** `neighbour`: '' for the sources of an interface that have no name. */
  neighbourRecord(interfaceName: string, neighbour: string): NeighbourRecord {
    const key = `${interfaceName} ${neighbour}`;
    return entry(this.neighbours, key, () => ({ newCalls: 0, gapped: 0, admitted: 0, perSecond: 0 }));
  }

  private noteInterface({ name, arrivals, kernel, neighbours }: InterfaceSample, intervalMs: number): void {
    const weight = 1 - Math.exp(-intervalMs / rateMs);
    const smooth = (before: number, count: number) => before + weight * ((count * 1000) / intervalMs - before);
    const record = this.interfaceRecord(name);
    record.kernelDrops += kernel?.drops ?? 0;
    record.arrivalsPerSecond = smooth(record.arrivalsPerSecond, arrivals.newCall);
    for (const one of neighbours) {
      const counts = this.neighbourRecord(name, one.name);
      counts.newCalls += one.newCalls;
      counts.gapped += one.gapped;
      counts.admitted += one.admitted;
      counts.perSecond = smooth(counts.perSecond, one.newCalls);
    }
  }
}

function entry<T>(of: Map<string, T>, key: string, make: () => T): T {
  const known = of.get(key);
  if (known !== undefined) return known;
  const made = make();
  of.set(key, made);
  return made;
}
