// What GET /v1/status says: one page of what the edge sees, has learned, and does about it now. A limit that is not there is null.
import type { LoadSample } from '../control/load-sample.ts';
import type { OperatorControls } from '../control/operator-controls.ts';
import type { ModeCause } from '../control/running-mode.ts';
import type { IndicatorName, InterfaceThrottle, OcFeedback, RunningMode } from '../control/throttle.ts';
import type { DrachtioView } from '../metrics/drachtio-metrics.ts';
import type { LinkView } from '../metrics/link-view.ts';
import { allIndicators, type LoopView } from '../metrics/loop-view.ts';
import { type ControlsJson, controlsJson, type OrderedControl } from './control-json.ts';
import { type DrachtioStatus, drachtioStatus } from './drachtio-status.ts';
import { type Clocks, type GapInForce, type GapJson, gapJson } from './gap-json.ts';
import { type Limit, limit, rounded } from './limit-json.ts';
import { type LinkStatus, linkStatus } from './link-status.ts';

export interface Status {
  readonly version: string;
  /** RFC 3339. */
  readonly at: string;
  readonly mode: RunningMode;
  readonly modeSince: string;
  readonly causes: readonly ModeCause[];
  /** `false`: the limits are told and not in force. */
  readonly controlEnabled: boolean;
  /** Nothing is refused for load. */
  readonly shadow: boolean;
  readonly draining: boolean;
  readonly ordinaryCallsPerSecond: Limit;
  /** New calls of all classes that the host allows, as orchestrators say. */
  readonly boundaryPerSecond: Limit;
  readonly registrationsPerSecond: Limit;
  readonly nonEssentialPass: boolean;
  readonly retryAfterExtraSeconds: number;
  readonly indicators: readonly IndicatorStatus[];
  readonly orchestrators: readonly LinkStatus[];
  /** Ordered by hand. Gaps stand under `gaps`. */
  readonly controls: ControlsJson;
  readonly switches: readonly SwitchStatus[];
  readonly interfaces: readonly InterfaceStatus[];
  readonly concentration: { readonly ratio: number; readonly digits: readonly string[] };
  readonly gapCount: number;
  /** Those that refuse the most, 50 at most; GET /v1/gaps has all. */
  readonly gaps: readonly GapJson[];
  /** Null where the edge carries SIP itself. */
  readonly drachtio: DrachtioStatus | null;
  readonly process: {
    readonly loopUtilisation: number;
    readonly loopDelaySeconds: number;
    readonly memoryRatio: number;
  };
}

export interface IndicatorStatus {
  readonly name: IndicatorName;
  readonly proposes: RunningMode;
  readonly ratio: number;
  readonly interface: string | null;
}

export interface SwitchStatus {
  readonly name: string;
  readonly state: string;
  readonly capacityPerSecond: Limit;
  readonly configuredPerSecond: Limit;
  readonly limitPerSecond: Limit;
  readonly demandPerSecond: number;
  readonly outstanding: number;
  readonly outstandingLimit: Limit;
  readonly atCapacity: boolean;
  readonly silent: boolean;
  /** An operator has taken it out of service. */
  readonly drained: boolean;
  /** What it asks for by RFC 7339. */
  readonly oc: { readonly lossPercent: number } | { readonly perSecond: number } | null;
}

export interface InterfaceStatus {
  readonly name: string;
  readonly arrivalsPerSecond: number;
  readonly normalPerSecond: number | null;
  readonly sharePerSecond: Limit;
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly scan: { readonly intervalSeconds: number; readonly batch: number; readonly newestFirst: boolean };
  /** Null where /proc does not tell. */
  readonly kernelQueueRatio: number | null;
  readonly kernelDrops: number;
  readonly neighbours: readonly NeighbourStatus[];
}

export interface NeighbourStatus {
  /** '' for all sources of the interface that have no name. */
  readonly name: string;
  readonly newCallsPerSecond: number;
  readonly sharePerSecond: Limit;
  readonly oc: { readonly lossPercent: number } | { readonly perSecond: number } | null;
  readonly complies: boolean;
}

/** What the control loop does not know. */
export interface StatusExtras {
  readonly version: string;
  readonly shadow: boolean;
  readonly draining: boolean;
  readonly gaps: readonly GapInForce[];
  readonly controls: OperatorControls;
  /** What came with the orders of orchestrators. */
  readonly ordered: readonly OrderedControl[];
  readonly links: readonly LinkView[];
  /** Undefined where the edge carries SIP itself. */
  readonly drachtio?: DrachtioView | undefined;
  /** Health of a switch: `up`, `refusing`, `down`. */
  readonly stateOf: (switchName: string) => string;
}

const mostGaps = 50;

export function statusOf(view: LoopView, extras: StatusExtras, clocks: Clocks): Status {
  const { sample, throttle, record, control } = view;
  const atUnix = (ms: number) => new Date(clocks.unixMs - Math.max(0, clocks.nowMs - ms)).toISOString();
  const worstGaps = [...extras.gaps].sort((a, b) => b.refused - a.refused).slice(0, mostGaps);
  return {
    version: extras.version,
    at: new Date(clocks.unixMs).toISOString(),
    mode: throttle.mode,
    modeSince: atUnix(control.mode.sinceMs),
    causes: control.mode.causes,
    controlEnabled: view.isEnabled,
    shadow: extras.shadow,
    draining: extras.draining,
    ordinaryCallsPerSecond: limit(throttle.ordinaryPerSecond),
    boundaryPerSecond: limit(Math.min(Number.POSITIVE_INFINITY, ...extras.links.map((one) => one.boundaryPerSecond))),
    registrationsPerSecond: limit(throttle.registrationsPerSecond),
    nonEssentialPass: throttle.passNonEssential,
    retryAfterExtraSeconds: throttle.retryAfterSeconds,
    indicators: allIndicators(throttle).map((one) => ({
      name: one.name,
      proposes: one.proposes,
      ratio: rounded(one.value),
      interface: one.interface ?? null,
    })),
    orchestrators: extras.links.map(linkStatus),
    controls: controlsJson(extras.controls, extras.ordered, clocks),
    switches: sample.switches.map((one) => switchStatus(one, view, extras)),
    interfaces: throttle.interfaces.flatMap((one) => interfaceStatus(one, view)),
    concentration: { ratio: rounded(record.concentrationRatio), digits: record.hottest },
    gapCount: extras.gaps.length,
    gaps: worstGaps.map((one) => gapJson(one, clocks)),
    drachtio: extras.drachtio === undefined ? null : drachtioStatus(extras.drachtio),
    process: {
      loopUtilisation: rounded(sample.host.loopUtilisation),
      loopDelaySeconds: rounded(sample.host.loopDelayMs / 1000),
      memoryRatio: rounded(sample.host.memoryRatio),
    },
  };
}

function switchStatus(one: LoadSample['switches'][number], view: LoopView, extras: StatusExtras): SwitchStatus {
  const known = view.control.switchControls.get(one.name);
  const { oc } = one;
  return {
    name: one.name,
    state: extras.stateOf(one.name),
    capacityPerSecond: limit(known?.capacity.perSecond),
    configuredPerSecond: limit(one.configuredPerSecond),
    limitPerSecond: limit(known?.throttle.callsPerSecond),
    demandPerSecond: rounded(known?.demandPerSecond ?? 0),
    outstanding: one.outstanding,
    outstandingLimit: limit(known?.throttle.outstanding),
    atCapacity: known?.capacity.isAtCapacity ?? false,
    silent: known?.capacity.isSilent ?? false,
    drained: extras.controls.drainedSwitches.has(one.name),
    oc: oc === undefined ? null : oc.algorithm === 'loss' ? { lossPercent: oc.percent } : { perSecond: oc.perSecond },
  };
}

function interfaceStatus(one: InterfaceThrottle, view: LoopView): InterfaceStatus[] {
  const sample = view.sample.interfaces.find(({ name }) => name === one.name);
  if (sample === undefined) return [];
  const record = view.record.interfaceRecord(one.name);
  const status: InterfaceStatus = {
    name: one.name,
    arrivalsPerSecond: rounded(record.arrivalsPerSecond),
    normalPerSecond: limit(view.control.normalOf(one.name)),
    sharePerSecond: limit(one.newCallsPerSecond),
    waiting: sample.waiting,
    oldestSeconds: rounded(sample.oldestMs / 1000),
    scan: { intervalSeconds: one.scan.intervalMs / 1000, batch: one.scan.batch, newestFirst: one.scan.newestFirst },
    kernelQueueRatio: limit(sample.kernel?.receiveQueueRatio),
    kernelDrops: record.kernelDrops,
    neighbours: one.neighbours.map(({ name, newCallsPerSecond, oc }) => ({
      name,
      newCallsPerSecond: rounded(view.record.neighbourRecord(one.name, name).perSecond),
      sharePerSecond: limit(newCallsPerSecond),
      oc: toldOc(oc),
      complies: !view.control.doesNotComply(one.name, name),
    })),
  };
  return [status];
}

function toldOc(oc: OcFeedback | undefined): NeighbourStatus['oc'] {
  if (oc === undefined || oc.validityMs === 0) return null;
  return oc.algorithm === 'loss' ? { lossPercent: oc.value } : { perSecond: rounded(oc.value) };
}
