// What the use of the host's resources tells: its thresholds (threshold-rules.ts), and whether its emergency reserve is in use.
import { type Amounts, resourceNames, total } from '../../congestion/amounts.ts';
import type { HostLoad } from '../allocation/application-load.ts';
import { amountText, percentText } from './amount-text.ts';
import type { LevelRow } from './event-rules.ts';
import type { Sign } from './sign.ts';
import type { ThresholdCondition, ThresholdRule } from './threshold-rules.ts';

/** How far below its set level a condition clears by default, of the maximum or of the amount. */
const defaultGap = 0.05;

interface Reading {
  readonly isAbove: boolean;
  readonly isBelow: boolean;
  readonly detail: string;
}

export function thresholdSigns(rules: readonly ThresholdRule[], host: HostLoad): Sign[] {
  return rules.map(({ name, when, proposes, setDwellMs, clearDwellMs }) => {
    const readings = when.map((condition) => readingOf(condition, host));
    return {
      name,
      kind: 'resource',
      proposes,
      isAbove: readings.length > 0 && readings.every(({ isAbove }) => isAbove),
      isBelow: readings.length === 0 || readings.some(({ isBelow }) => isBelow),
      setDwellMs,
      clearDwellMs,
      measuredMs: undefined,
      detail: readings.map(({ detail }) => detail).join(', '),
    };
  });
}

/** A resource of which nothing is known is in no trouble: a meter that fails holds no mode in force. */
function readingOf(condition: ThresholdCondition, host: HostLoad): Reading {
  if ('overallRatio' in condition) {
    const ratios = resourceNames.flatMap((name) => ratioOf(name, host) ?? []);
    const mean = ratios.length === 0 ? 0 : ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
    return atLeast(mean, condition.overallRatio, condition.clearRatio, `overall ${percentText(mean)}`);
  }
  const { resource } = condition;
  const used = host.used[resource];
  const maximum = host.maximum[resource];
  if (used === undefined) return { isAbove: false, isBelow: true, detail: `${resource} not known` };
  if ('amount' in condition) {
    const { amount, clearAmount = amount * (1 - defaultGap) } = condition;
    return atLeast(used, amount, clearAmount, `${resource} ${amountText(resource, used)}`);
  }
  if (maximum === undefined || maximum <= 0)
    return { isAbove: false, isBelow: true, detail: `${resource} not rationed` };
  if ('available' in condition) {
    const { available, clearAvailable = available * (1 + defaultGap) } = condition;
    const left = Math.max(0, maximum - used);
    return {
      isAbove: left <= available,
      isBelow: left > clearAvailable,
      detail: `${resource} ${amountText(resource, left)} left`,
    };
  }
  const ofMaximum = `${amountText(resource, used)} of ${amountText(resource, maximum)}`;
  return atLeast(used / maximum, condition.ratio, condition.clearRatio, `${resource} ${ofMaximum}`);
}

function atLeast(value: number, setAt: number, clearAt = setAt - defaultGap, detail: string): Reading {
  return { isAbove: value >= setAt, isBelow: value < Math.min(clearAt, setAt), detail };
}

function ratioOf(name: (typeof resourceNames)[number], { used, maximum }: HostLoad): number | undefined {
  const of = maximum[name];
  return of === undefined || of <= 0 ? undefined : (used[name] ?? 0) / of;
}

/**
 * The host's emergency reserve is in use (seed) where exempt applications use more of a resource than is left outside of the reserve
 * beside what everyone else uses: that part comes out of the reserve. Others who use up what is left do not by themselves (that is
 * what thresholds are for), nor does an exempt application on a host with room.
 */
export function hostReserveSigns(
  rows: readonly LevelRow[],
  host: HostLoad,
  reserve: Amounts,
  exemptUses: readonly Amounts[],
): Sign[] {
  const exempt = total(exemptUses);
  let worst = { ratio: 0, detail: 'not in use' };
  for (const name of resourceNames) {
    const reserved = reserve[name] ?? 0;
    const maximum = host.maximum[name];
    if (reserved <= 0 || maximum === undefined) continue;
    const beyond = (host.used[name] ?? 0) - (maximum - reserved);
    const taken = Math.max(0, Math.min(beyond, exempt[name] ?? 0));
    if (taken / reserved <= worst.ratio) continue;
    worst = { ratio: taken / reserved, detail: `${name} ${amountText(name, taken)} of ${amountText(name, reserved)}` };
  }
  return rows.map(({ proposes, setAt, clearAt, setDwellMs, clearDwellMs }) => ({
    name: 'reserve of the host',
    kind: 'resource',
    proposes,
    ...atLeast(worst.ratio, setAt, clearAt, worst.detail),
    setDwellMs,
    clearDwellMs,
    measuredMs: undefined,
  }));
}
