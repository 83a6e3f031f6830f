// What is known of one application: its lease, its newest report, its notifications, its use.
import { type Amounts, greatest, isNothing } from '../../congestion/amounts.ts';
import type { Notification, Registration, Report } from '../../congestion/application-messages.ts';
import type { RunningMode } from '../../control/throttle.ts';
import { smooth } from '../host/smooth.ts';
import type { EventReport, PreCongestion } from '../mass-event/application-signs.ts';
import type { ApplicationSettings, Claim } from './application-settings.ts';
import type { Instances } from './instances.ts';

/** leased: it renews in time. silent: it does not, or never has, and is known by what its adapter sees, or for a while. */
export type LeaseState = 'leased' | 'silent';

export interface ApplicationRecord {
  readonly name: string;
  readonly session: string;
  /** undefined: it has not registered, its adapter sees it. */
  readonly instances: Instances | undefined;
  readonly claim: Claim | undefined;
  readonly needsPerRequestPerSecond: Amounts | undefined;
  /** By the local monotonic clock, ms. */
  readonly leaseEndsMs: number;
  /** Since when it is in the registry without a break. */
  readonly sinceMs: number;
  readonly report: { readonly body: Report; readonly receivedMs: number; readonly endsMs: number } | undefined;
  /** The newest on each resource. */
  readonly preCongestion: readonly PreCongestion[];
  /** Of the newest low utilisation notification, until it is taken. */
  readonly unused: Amounts | undefined;
  readonly seen: { readonly used: Amounts; readonly atMs: number } | undefined;
  readonly used: Amounts;
  /** Averaged over long, so that the first seconds of a surge are not in it. */
  readonly usedSlowly: Amounts;
  /** The same, kept from the moment that the mode left L0. */
  readonly usedBefore: Amounts | undefined;
  readonly steppedMs: number | undefined;
}

/** What its bounds made of its claim is `settings`. */
export interface ApplicationView extends Pick<ApplicationRecord, 'session' | 'needsPerRequestPerSecond' | 'used'> {
  readonly name: string;
  readonly settings: ApplicationSettings;
  readonly state: LeaseState;
  readonly instance: string | undefined;
  /** While it is valid. */
  readonly report: Report | undefined;
  readonly leaseEndsMs: number;
}

/** Time constants, ms: of use, and of what use was before the event. */
const usedMs = 1000;
const slowlyMs = 10_000;

export function newRecord(name: string, session: string, nowMs: number): ApplicationRecord {
  return {
    name,
    session,
    instances: undefined,
    claim: undefined,
    needsPerRequestPerSecond: undefined,
    leaseEndsMs: nowMs,
    sinceMs: nowMs,
    report: undefined,
    preCongestion: [],
    unused: undefined,
    seen: undefined,
    used: {},
    usedSlowly: {},
    usedBefore: undefined,
    steppedMs: undefined,
  };
}

/** A new instance takes over nothing but what its adapter sees: what the one before it said is its own affair. */
export function registered(
  record: ApplicationRecord,
  { essential, priority, maximum, minimum, ...body }: Registration,
  instances: Instances,
  nowMs: number,
): ApplicationRecord {
  return {
    ...record,
    instances,
    claim: { essential, priority, maximum, minimum },
    needsPerRequestPerSecond: body.needsPerRequestPerSecond,
    leaseEndsMs: nowMs + body.validitySeconds * 1000,
  };
}

export function reported(record: ApplicationRecord, body: Report, nowMs: number): ApplicationRecord {
  const endsMs = nowMs + body.validitySeconds * 1000;
  return { ...record, leaseEndsMs: endsMs, report: { body, receivedMs: nowMs, endsMs } };
}

export function notified(record: ApplicationRecord, body: Notification, nowMs: number): ApplicationRecord {
  if (body.kind === 'low-utilisation') return { ...record, unused: body.unused };
  const { resource, secondsToThreshold } = body;
  const others = record.preCongestion.filter((one) => one.resource !== resource);
  return { ...record, preCongestion: [...others, { resource, receivedMs: nowMs, secondsToThreshold }] };
}

/** One step later: its use, from what it reports while that is valid and what its adapter has seen since `staleMs`. */
export function stepped(
  record: ApplicationRecord,
  mode: RunningMode,
  nowMs: number,
  staleMs: number,
): ApplicationRecord {
  const raw = greatest(validReport(record, nowMs)?.used ?? {}, seenSince(record, nowMs - staleMs));
  const elapsedMs = nowMs - (record.steppedMs ?? nowMs);
  const isFirst = record.steppedMs === undefined;
  const used = isFirst ? raw : smooth(record.used, raw, elapsedMs, usedMs);
  // In a crisis it stands still; an application that comes then begins with what it uses.
  const isCalm = mode === 'L0';
  const usedSlowly = isFirst ? raw : isCalm ? smooth(record.usedSlowly, raw, elapsedMs, slowlyMs) : record.usedSlowly;
  const usedBefore = isCalm ? undefined : (record.usedBefore ?? usedSlowly);
  return { ...record, used, usedSlowly, usedBefore, steppedMs: nowMs };
}

export const isLeased = (record: ApplicationRecord, nowMs: number): boolean => nowMs < record.leaseEndsMs;

/** Whether it is there by what its adapter has seen since then. */
export const isSeen = (record: ApplicationRecord, sinceMs: number): boolean => !isNothing(seenSince(record, sinceMs));

export function validReport(record: ApplicationRecord, nowMs: number): Report | undefined {
  return record.report !== undefined && nowMs < record.report.endsMs ? record.report.body : undefined;
}

export function eventReport(record: ApplicationRecord, nowMs: number): EventReport | undefined {
  const body = validReport(record, nowMs);
  if (body === undefined || record.report === undefined) return undefined;
  return {
    receivedMs: record.report.receivedMs,
    requestsPerSecond: body.rates?.requestsPerSecond,
    normalPerSecond: body.rates?.normalPerSecond,
    isReserveInUse: body.reserveInUse,
  };
}

function seenSince({ seen }: ApplicationRecord, sinceMs: number): Amounts {
  return seen !== undefined && seen.atMs >= sinceMs ? seen.used : {};
}
