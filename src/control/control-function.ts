// The Control Function (RFC 6357 §4): from one LoadSample to the next Throttle, ten times a second. Each part is a file of its own;
// here is their order: what is asked for → what the switches can do → gaps → shares → mode → scan plans, feedback, Retry-After.
import { type Concentration, noConcentration, stepConcentration } from './concentration.ts';
import type { ControlRules } from './control-rules.ts';
import { type Asked, cutShares, type InterfaceShare } from './cut-shares.ts';
import { noRate, stepRate } from './demand.ts';
import { type GappingState, noGapping, stepGapping } from './gapping.ts';
import { initialIndicators, stepIndicators } from './indicators.ts';
import { type InterfaceLoad, type Normals, newInterfaceLoad, stepInterfaceLoad } from './interface-loads.ts';
import type { InterfaceSample, LoadSample } from './load-sample.ts';
import { newOcServer, type OcNeighbourOutput, stepOcServer } from './oc-server.ts';
import type { Orders } from './orders.ts';
import { ordinaryLimit, withoutOverbooking } from './ordinary-limit.ts';
import { ReturnWave } from './return-wave.ts';
import { initialMode, type ModeCause, type ModeState, stepMode } from './running-mode.ts';
import { scanPlan } from './scan-plan.ts';
import { initialStage, stepStage } from './stages.ts';
import { type SwitchControls, stepSwitches } from './switch-control.ts';
import type { Gap, Indicator, InterfaceThrottle, RunningMode, Throttle } from './throttle.ts';

/** Share of the switches that registrations may have while calls are refused, or while a registration storm is on. */
const registrationRatio = 0.25;
const leastRegistrations = 5;
/** How long a connection that goes on after pushback is not read from, ms. */
const pauseMs = 100;

export class ControlFunction {
  private rules: ControlRules;
  private readonly saved: Readonly<Record<string, unknown>>;
  private sequence = 0;
  private loads: ReadonlyMap<string, InterfaceLoad> = new Map();
  private switches: SwitchControls = new Map();
  private privileged = noRate;
  private gapping: GappingState = noGapping;
  private concentration = noConcentration;
  /** How far few called numbers carried the traffic in the last sample, and which. */
  hottest: Concentration = { ratio: 0, digits: [] };
  private indicators = initialIndicators;
  private proposals: readonly Indicator[] = [];
  /** The mode in force, since when and why. */
  mode: ModeState = initialMode(0);
  private stage = initialStage;
  private oc = newOcServer;
  private told: ReadonlyMap<string, OcNeighbourOutput> = new Map();
  private readonly wave = new ReturnWave();

  /** `saved`: `normals` of an earlier process, whatever was read of it. */
  constructor(rules: ControlRules, saved: unknown = undefined) {
    this.rules = rules;
    this.saved = typeof saved === 'object' && saved !== null ? (saved as Record<string, unknown>) : {};
  }

  /** New rules; what was learned stays. */
  change(rules: ControlRules): void {
    this.rules = rules;
  }

  /** What is learned of each switch, for metrics. */
  get switchControls(): SwitchControls {
    return this.switches;
  }

  /** What is normal on an interface, new calls per second; undefined while that is not known. */
  normalOf(name: string): number | undefined {
    return known(this.loads.get(name)?.calls);
  }

  /** What is normal, to be kept for the next process. */
  get normals(): Normals {
    return Object.fromEntries(
      [...this.loads].map(([name, { calls, registrations }]) => [name, { calls, registrations }]),
    );
  }

  /** Whether a neighbour claims `oc` and sends more than it is told. */
  doesNotComply(interfaceName: string, neighbour: string): boolean {
    return this.told.get(ocKey(interfaceName, neighbour))?.doesNotComply ?? false;
  }

  /** One sample later. `unixMs`: wall clock, for the sequence numbers of `oc`. */
  step(sample: LoadSample, orders: Orders, unixMs: number): Throttle {
    const { rules } = this;
    const { nowMs, intervalMs } = sample;
    const perSecond = (count: number) => (count * 1000) / intervalMs;
    const count = (of: (one: InterfaceSample) => number) => sample.interfaces.reduce((sum, one) => sum + of(one), 0);

    const asked = this.stepLoads(sample);
    const ordinaryDemand = asked.reduce((sum, one) => sum + demandOf(one), 0);
    const privilegedCount = count(({ arrivals }) => arrivals.emergency + arrivals.priority);
    this.privileged = stepRate(this.privileged, privilegedCount, intervalMs);
    const demandPerSecond = ordinaryDemand + this.privileged.perSecond;

    this.switches = stepSwitches(this.switches, sample.switches, {
      demandPerSecond,
      nowMs,
      intervalMs,
      ownDelayMs: sample.host.loopDelayMs,
    });
    const capacity = sample.switches.reduce(
      (sum, { name, isUp, weight }) => sum + (isUp && weight > 0 ? this.switches.get(name)!.canDoPerSecond : 0),
      0,
    );
    this.stage = stepStage(this.stage, {
      proposals: orders.override === undefined ? this.proposals : [],
      orderedMode: orders.override,
      nowMs,
    });
    // with no switch up there is nothing to divide: what comes is refused for that reason, at once
    const isAnyUp = sample.switches.some(({ isUp }) => isUp);
    const limit = !isAnyUp
      ? Number.POSITIVE_INFINITY
      : Math.min(rules.newCallsPerSecond, ordinaryLimit(capacity, this.privileged.perSecond, orders.boundaryPerSecond));
    // a stage takes from what there is to take: of a limit far above the demand nothing would be felt
    const factor = Math.min(this.stage.factor, orders.override === undefined ? 1 - orders.reductionRatio : 1);
    const ordinaryPerSecond = factor < 1 ? Math.min(limit, ordinaryDemand) * factor : limit;

    const arrivalsPerSecond = perSecond(count(({ arrivals }) => arrivals.newCall));
    // what an operator's own limit stops needs no gap
    const wanted = perSecond(count(({ neighbours }) => neighbours.reduce((sum, n) => sum + n.newCalls + n.gapped, 0)));
    const gaps = this.stepGaps(sample, wanted, ordinaryPerSecond, orders);
    const shares = cutShares(asked, ordinaryPerSecond);
    const isShort = shares.some((share) => Number.isFinite(share.perSecond));
    const { mode, indicators } = this.stepModes(sample, arrivalsPerSecond, capacity, orders);
    const isStorm = indicators.some(({ name }) => name === 'registrations');
    this.told = this.stepFeedback(sample, shares, unixMs);
    for (const one of sample.interfaces) for (const { retryAfter } of one.neighbours) this.wave.book(retryAfter, nowMs);
    const { minSeconds, maxSeconds } = rules.retryAfter;
    const left = Math.max(0, ordinaryPerSecond - ordinaryDemand);

    this.sequence++;
    return {
      sequence: this.sequence,
      mode,
      indicators,
      ordinaryPerSecond: isShort ? ordinaryPerSecond : Number.POSITIVE_INFINITY,
      passNonEssential: mode === 'L0',
      registrationsPerSecond:
        isShort || isStorm ? Math.max(leastRegistrations, capacity * registrationRatio) : Number.POSITIVE_INFINITY,
      interfaces: shares.map((share) => this.interfaceThrottle(share, mode)),
      switches: sample.switches.map(({ name }) => this.switches.get(name)!.throttle),
      gaps,
      retryAfterSeconds: isShort ? this.wave.extraSeconds(nowMs, left, minSeconds, maxSeconds) : 0,
    };
  }

  /** What is asked for, by interface and neighbour. One that obeys `oc` sends less than it would: its claim counts. */
  private stepLoads(sample: LoadSample): Asked[] {
    const isNormal = this.mode.mode === 'L0';
    this.loads = new Map(
      sample.interfaces.map((one) => {
        const load = this.loads.get(one.name) ?? newInterfaceLoad(this.rules, this.saved[one.name]);
        return [one.name, stepInterfaceLoad(load, one, sample.intervalMs, isNormal)];
      }),
    );
    return sample.interfaces.map((one) => ({
      name: one.name,
      weight: one.weight,
      neighbours: one.neighbours.map(({ name, weight }) => {
        const seen = this.loads.get(one.name)?.demand.get(name)?.perSecond ?? 0;
        return { name, weight, demandPerSecond: this.told.get(ocKey(one.name, name))?.demandPerSecond ?? seen };
      }),
    }));
  }

  private stepGaps(sample: LoadSample, arrivals: number, capacity: number, orders: Orders): readonly Gap[] {
    if (!this.rules.gapsAutomatically) return orders.gaps;
    const { state, gaps } = stepGapping(this.gapping, {
      numbers: sample.numbers,
      ordinaryArrivalsPerSecond: arrivals,
      ordinaryCapacityPerSecond: capacity,
      isOverloaded: sample.switches.every(
        ({ name, weight }) => weight === 0 || this.switches.get(name)!.capacity.isAtCapacity,
      ),
      nowMs: sample.nowMs,
      intervalMs: sample.intervalMs,
    });
    this.gapping = state;
    return [...orders.gaps, ...gaps];
  }

  private stepModes(
    sample: LoadSample,
    arrivalsPerSecond: number,
    capacity: number,
    orders: Orders,
  ): { mode: RunningMode; indicators: readonly Indicator[] } {
    const { nowMs, intervalMs } = sample;
    const concentration = stepConcentration(this.concentration, {
      numbers: sample.numbers,
      arrivalsPerSecond,
      floorPerSecond: this.rules.normalFloorPerSecond,
      intervalMs,
    });
    this.concentration = concentration.state;
    this.hottest = concentration.concentration;
    const { ratio } = this.hottest;
    const up = sample.switches.filter(({ isUp }) => isUp).map(({ name }) => this.switches.get(name)!);
    const atCapacity = up.filter((one) => one.capacity.isAtCapacity);
    const ratios = atCapacity.map((one) => one.demandPerSecond / Math.max(1, one.throttle.callsPerSecond));
    const { states, indicators } = stepIndicators(
      this.indicators,
      {
        intervalMs,
        interfaces: sample.interfaces.map((one) => ({
          name: one.name,
          newCalls: rate(one.arrivals.newCall, known(this.loads.get(one.name)?.calls), intervalMs),
          registrations: rate(one.arrivals.registration, known(this.loads.get(one.name)?.registrations), intervalMs),
          kernel: one.kernel,
        })),
        host: sample.host,
        switches: { count: up.length, atCapacity: atCapacity.length, worstDemandRatio: Math.max(0, ...ratios) },
        reserveInUse: sample.reserveInUse || this.privileged.perSecond > capacity * this.rules.priorityReserveRatio,
        concentration: { shareRatio: ratio, perSecond: ratio * arrivalsPerSecond },
      },
      nowMs,
    );
    this.indicators = states;
    this.proposals = indicators;
    const { mode, override } = orders;
    this.mode = stepMode<ModeCause>(this.mode, {
      proposals: mode === undefined ? indicators : [...indicators, { name: 'orchestrator', proposes: mode }],
      override: override === undefined ? undefined : { mode: override, name: 'operator' },
      nowMs,
    });
    return { mode: this.mode.mode, indicators };
  }

  private stepFeedback(
    sample: LoadSample,
    shares: readonly InterfaceShare[],
    unixMs: number,
  ): ReadonlyMap<string, OcNeighbourOutput> {
    const { state, outputs } = stepOcServer(this.oc, {
      nowMs: sample.nowMs,
      intervalMs: sample.intervalMs,
      unixMs,
      validityMs: this.rules.ocValidityMs,
      neighbours: sample.interfaces.flatMap((one, i) =>
        one.neighbours.map((neighbour, k) => ({
          name: ocKey(one.name, neighbour.name),
          offers: neighbour.ocOffers,
          elements: Math.max(1, neighbour.ocElements),
          newCalls: neighbour.newCalls + neighbour.gapped,
          otherRequests: neighbour.otherRequests,
          // whoever keeps to what it is told should find room for all of it
          sharePerSecond: withoutOverbooking(Math.min(shares[i]!.perSecond, shares[i]!.neighbours[k]!.perSecond)),
        })),
      ),
    });
    this.oc = state;
    return outputs;
  }

  private interfaceThrottle(share: InterfaceShare, mode: RunningMode): InterfaceThrottle {
    const isLimited = Number.isFinite(share.perSecond);
    return {
      name: share.name,
      newCallsPerSecond: share.perSecond,
      neighbours: share.neighbours.map(({ name, perSecond, isServed }) => {
        const told = this.told.get(ocKey(share.name, name));
        // who keeps to what it is told should find room for all of it, and not wait for those who only send more
        const keepsTo = told?.feedback !== undefined && told.feedback.validityMs > 0 && !told.doesNotComply;
        return { name, newCallsPerSecond: perSecond, isServed: isServed || keepsTo, oc: told?.feedback };
      }),
      scan: scanPlan(mode, share.perSecond, this.rules.waitMs),
      pauseReadsMs: mode === 'L3' && isLimited ? pauseMs : 0,
    };
  }
}

const ocKey = (interfaceName: string, neighbour: string): string => `${interfaceName} ${neighbour}`;

function demandOf(asked: Asked): number {
  return asked.neighbours.reduce((sum, one) => sum + one.demandPerSecond, 0);
}

function known(state: InterfaceLoad['calls'] | undefined): number | undefined {
  return state?.isKnown === true ? state.normalPerSecond : undefined;
}

function rate(count: number, normalPerSecond: number | undefined, intervalMs: number) {
  return { perSecond: (count * 1000) / intervalMs, normalPerSecond };
}
