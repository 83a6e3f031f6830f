// What applications tell: requests at a multiple of normal (seed: 300, 400, 500, 1000 %), their emergency reserve in use, coming
// congestion.
import type { Amounts, ResourceName } from '../../congestion/amounts.ts';
import { clearPerSecond, setPerSecond } from '../../control/surge.ts';
import type { HostLoad } from '../allocation/application-load.ts';
import { percentText } from './amount-text.ts';
import type { EventRules } from './event-rules.ts';
import type { Sign } from './sign.ts';

/** What is known of an application while its lease holds. */
export interface EventApplication {
  readonly name: string;
  readonly isEssential: boolean;
  readonly isExempt: boolean;
  /** What it uses now. */
  readonly used: Amounts;
  /** Its newest report, while that is valid. */
  readonly report: EventReport | undefined;
  /** The newest notification on each resource. */
  readonly preCongestion: readonly PreCongestion[];
}

export interface EventReport {
  /** When it came, by the clock of the steps. */
  readonly receivedMs: number;
  readonly requestsPerSecond: number | undefined;
  /** undefined: not known yet, so nothing is a surge. */
  readonly normalPerSecond: number | undefined;
  readonly isReserveInUse: boolean;
}

export interface PreCongestion {
  readonly resource: ResourceName;
  /** When it came, by the clock of the steps, and what it said. */
  readonly receivedMs: number;
  readonly secondsToThreshold: number;
}

/** Of an application that is not essential no surge and no congestion is the host's crisis: it is what a crisis ends. */
export function applicationSigns(
  application: EventApplication,
  rules: EventRules,
  host: HostLoad,
  nowMs: number,
): Sign[] {
  if (!application.isEssential && !application.isExempt) return [];
  return [
    ...arrivalSigns(application, rules),
    ...reserveSigns(application, rules),
    ...preCongestionSigns(application, rules, host, nowMs),
  ];
}

function arrivalSigns({ name, report }: EventApplication, { arrivals, normalFloorPerSecond }: EventRules): Sign[] {
  const perSecond = report?.requestsPerSecond;
  if (report?.normalPerSecond === undefined || perSecond === undefined) return [];
  const normal = Math.max(report.normalPerSecond, normalFloorPerSecond);
  const normalText = Math.round(report.normalPerSecond * 10) / 10;
  return arrivals.map(({ proposes, setAt, clearAt, setDwellMs, clearDwellMs, windowMs }) => {
    const setFrom = setPerSecond(normal, setAt, windowMs);
    return {
      name: `arrivals of ${name} ${percentText(setAt)}`,
      kind: 'demand',
      proposes,
      isAbove: perSecond >= setFrom,
      isBelow: perSecond < clearPerSecond(normal, clearAt, setFrom),
      setDwellMs,
      clearDwellMs,
      measuredMs: report.receivedMs,
      detail: `${Math.round(perSecond)}/s of ${normalText}/s normal`,
    };
  });
}

function reserveSigns({ name, report }: EventApplication, { applicationReserve }: EventRules): Sign[] {
  if (report === undefined) return [];
  const value = report.isReserveInUse ? 1 : 0;
  return applicationReserve.map(({ proposes, setAt, clearAt, setDwellMs, clearDwellMs }) => ({
    name: `reserve of ${name}`,
    kind: 'reserve',
    proposes,
    isAbove: value >= setAt,
    isBelow: value < clearAt,
    setDwellMs,
    clearDwellMs,
    measuredMs: report.receivedMs,
    detail: value === 0 ? 'not in use' : 'in use',
  }));
}

/** L1 at most: what is only expected is a warning. */
function preCongestionSigns(
  { name, preCongestion }: EventApplication,
  { preCongestion: rule }: EventRules,
  host: HostLoad,
  nowMs: number,
): Sign[] {
  return preCongestion.map(({ resource, receivedMs, secondsToThreshold }) => {
    const leftMs = Math.max(0, receivedMs + secondsToThreshold * 1000 - nowMs);
    const maximum = host.maximum[resource] ?? 0;
    const isHostBusy = maximum > 0 && (host.used[resource] ?? 0) >= rule.leastHostRatio * maximum;
    const isNear = nowMs - receivedMs < rule.holdsMs && leftMs <= rule.withinMs && isHostBusy;
    return {
      name: `pre-congestion of ${name} ${resource}`,
      kind: 'pre-congestion',
      proposes: 'L1',
      isAbove: isNear,
      isBelow: !isNear,
      setDwellMs: rule.setDwellMs,
      clearDwellMs: rule.clearDwellMs,
      measuredMs: undefined,
      detail: `in ${Math.round(leftMs / 1000)} s`,
    };
  });
}
