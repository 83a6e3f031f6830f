// Seed: when use changes in L0, additional allocation is held until use is stable, so that the beginning of an event is not taken for
// a fluctuation, nor a fluctuation for an event. Tells for each application and for the host whether its use moves.
import { type Amounts, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { StabilityRules } from './allocation-rules.ts';
import type { ApplicationLoad, HostLoad } from './application-load.ts';

export interface UseTrack {
  readonly smoothed: number;
  /** Where it went when it moved last. */
  readonly restsAt: number;
  /** Undefined if it never has. */
  readonly movedAtMs: number | undefined;
  readonly atMs: number;
}

type Tracks = Readonly<Partial<Record<ResourceName, UseTrack>>>;

export interface StabilityState {
  readonly host: Tracks;
  readonly applications: ReadonlyMap<string, Tracks>;
}

export const initialStability: StabilityState = { host: {}, applications: new Map() };

/** `hostMaximum`: of the resource. The first sight of a use is no movement. */
export function stepUse(
  track: UseTrack | undefined,
  used: number,
  hostMaximum: number,
  nowMs: number,
  rules: StabilityRules,
): UseTrack {
  if (track === undefined) return { smoothed: used, restsAt: used, movedAtMs: undefined, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - track.atMs);
  const smoothed = used + (track.smoothed - used) * Math.exp(-elapsedMs / rules.smoothingMs);
  const band = Math.max(track.restsAt * rules.bandRatio, hostMaximum * rules.leastBandRatio);
  if (Math.abs(smoothed - track.restsAt) <= band) return { ...track, smoothed, atMs: nowMs };
  // It rests where it goes to, not where smoothing has got to: the tail of the smoothing would be a second movement.
  return { smoothed, restsAt: used, movedAtMs: nowMs, atMs: nowMs };
}

export function isUseMoving(track: UseTrack | undefined, nowMs: number, rules: StabilityRules): boolean {
  return track?.movedAtMs !== undefined && nowMs - track.movedAtMs < rules.dwellMs;
}

/** Follows every rationed resource; applications that are gone are forgotten. */
export function stepStability(
  state: StabilityState,
  applications: readonly ApplicationLoad[],
  host: HostLoad,
  nowMs: number,
  rules: StabilityRules,
): StabilityState {
  const step = (tracks: Tracks, used: Amounts): Tracks =>
    Object.fromEntries(
      resourceNames.flatMap((name) => {
        const [amount, maximum] = [used[name], host.maximum[name]];
        if (amount === undefined || maximum === undefined) return [];
        return [[name, stepUse(tracks[name], amount, maximum, nowMs, rules)]];
      }),
    );
  return {
    host: step(state.host, host.used),
    applications: new Map(applications.map(({ name, used }) => [name, step(state.applications.get(name) ?? {}, used)])),
  };
}

/** Whether its own use of the resource moves, or the host's as a whole. */
export function isMoving(
  state: StabilityState,
  application: string,
  resource: ResourceName,
  nowMs: number,
  rules: StabilityRules,
): boolean {
  const own = state.applications.get(application)?.[resource];
  return isUseMoving(own, nowMs, rules) || isUseMoving(state.host[resource], nowMs, rules);
}
