// The applications of the host by name: registered, renewed, silent, forgotten (DESIGN.md §5). Leases end by the local monotonic
// clock, which every method is given; sessions come from a random source, which the constructor is given.
import type { Amounts } from '../../congestion/amounts.ts';
import type { Notification, Registration, Report, ResourceRequest } from '../../congestion/application-messages.ts';
import type { RunningMode } from '../../control/throttle.ts';
import type { ApplicationLoad } from '../allocation/application-load.ts';
import type { Refusal } from '../desk.ts';
import type { EventApplication } from '../mass-event/application-signs.ts';
import {
  type ApplicationRecord,
  type ApplicationView,
  eventReport,
  isLeased,
  isSeen,
  newRecord,
  notified,
  registered,
  reported,
  stepped,
  validReport,
} from './application-record.ts';
import { type ApplicationSettings, boundedSettings } from './application-settings.ts';
import { type Instances, type Turn, turnOf } from './instances.ts';

export interface ApplicationsOptions {
  /** A new session, that nobody can guess: 8 to 64 characters. */
  readonly newSession: () => string;
  /** How long an application is kept after its lease, and after its adapter saw it last, ms; default: 60,000. */
  readonly silentMs?: number;
}

/** What became of a message. `out-of-turn`: a duplicate, or late; it has changed nothing. */
export type Receipt = { readonly turn: Turn };

/** What outlives the process. */
export interface SavedApplication {
  readonly name: string;
  readonly instances: Instances;
  readonly claim: NonNullable<ApplicationRecord['claim']>;
  readonly needsPerRequestPerSecond?: Amounts | undefined;
}

export interface RegistryChanges {
  /** Their lease has ended since the last step. */
  readonly silent: readonly string[];
  /** Nothing of them is known any more. */
  readonly forgotten: readonly string[];
}

export const notRegistered = (name: string): Refusal => {
  return { refused: 404, type: 'urn:surgegate:problem:not-registered', detail: `${name} is not registered` };
};

export class Applications {
  private settings: ReadonlyMap<string, ApplicationSettings>;
  private readonly options: Required<ApplicationsOptions>;
  private readonly records = new Map<string, ApplicationRecord>();
  private readonly silent = new Set<string>();

  constructor(settings: readonly ApplicationSettings[], options: ApplicationsOptions) {
    this.settings = byName(settings);
    this.options = { silentMs: 60_000, ...options };
  }

  /** After a reload. Applications that are no longer configured are forgotten. */
  configure(settings: readonly ApplicationSettings[]): void {
    this.settings = byName(settings);
    for (const name of this.records.keys()) if (!this.settings.has(name)) this.forget(name);
  }

  /** A new instance takes the place of the one before it, with a session of its own. */
  register(name: string, body: Registration, nowMs: number): Receipt | Refusal {
    if (!this.settings.has(name)) {
      return { refused: 403, type: 'about:blank', detail: `${name} is not configured here` };
    }
    const known = this.records.get(name);
    const { turn, instances } = turnOf(known?.instances, body.instance, body.sequence);
    // The answer tells the session that is there, which only the current instance may learn.
    if (turn === 'out-of-turn' && instances.current !== body.instance) return unknownSession;
    if (turn === 'out-of-turn') return { turn };
    const record = turn === 'newer' && known !== undefined ? known : this.successor(name, known, nowMs);
    this.records.set(name, registered(record, body, instances, nowMs));
    this.silent.delete(name);
    return { turn };
  }

  report(name: string, body: Report, nowMs: number): Receipt | Refusal {
    return this.take(name, body, (record) => {
      this.silent.delete(name);
      return reported(record, body, nowMs);
    });
  }

  notify(name: string, body: Notification, nowMs: number): Receipt | Refusal {
    return this.take(name, body, (record) => notified(record, body, nowMs));
  }

  /** Only whether it is its turn to ask: what it gets is decided elsewhere. */
  request(name: string, body: ResourceRequest): Receipt | Refusal {
    return this.take(name, body, (record) => record);
  }

  /** Whether it was registered. */
  leave(name: string): boolean {
    const was = this.records.get(name)?.instances !== undefined;
    this.forget(name);
    return was;
  }

  /** What its adapter has seen; of one that has never registered too. */
  observe(name: string, used: Amounts, nowMs: number): void {
    if (!this.settings.has(name)) return;
    const known = this.records.get(name);
    const record = { ...(known ?? this.fresh(name, nowMs)), seen: { used, atMs: nowMs } };
    if (known === undefined && !isSeen(record, nowMs)) return;
    if (known === undefined) this.silent.add(name);
    this.records.set(name, record);
  }

  /** Once per interval, after `observe`: use is averaged, leases end. */
  step(mode: RunningMode, nowMs: number): RegistryChanges {
    const silent: string[] = [];
    const forgotten: string[] = [];
    const { silentMs } = this.options;
    for (const [name, record] of this.records) {
      if (isLeased(record, nowMs)) {
        this.records.set(name, stepped(record, mode, nowMs, silentMs));
      } else if (nowMs - record.leaseEndsMs >= silentMs && !isSeen(record, nowMs - silentMs)) {
        this.forget(name);
        forgotten.push(name);
      } else {
        if (!this.silent.has(name)) silent.push(name);
        this.silent.add(name);
        this.records.set(name, stepped({ ...record, preCongestion: [], unused: undefined }, mode, nowMs, silentMs));
      }
    }
    return { silent, forgotten };
  }

  find(name: string, nowMs: number): ApplicationView | undefined {
    const record = this.records.get(name);
    return record === undefined ? undefined : this.viewOf(record, nowMs);
  }

  list(nowMs: number): readonly ApplicationView[] {
    return [...this.records.values()].map((record) => this.viewOf(record, nowMs));
  }

  /** Of all, silent ones too. `allocated`: what is remembered of each. */
  loads(allocated: ReadonlyMap<string, Amounts>): readonly ApplicationLoad[] {
    return [...this.records.values()].map((record) => ({
      ...this.settingsOf(record),
      allocated: allocated.get(record.name) ?? {},
      used: record.used,
      usedBefore: record.usedBefore ?? record.used,
    }));
  }

  /** Of those whose lease holds. */
  eventApplications(nowMs: number): readonly EventApplication[] {
    return [...this.records.values()]
      .filter((record) => isLeased(record, nowMs))
      .map((record) => {
        const { isEssential, isExempt } = this.settingsOf(record);
        const { name, used, preCongestion } = record;
        return { name, isEssential, isExempt, used, report: eventReport(record, nowMs), preCongestion };
      });
  }

  /** Low utilisation notifications since the last call. */
  takeUnused(): readonly { readonly application: string; readonly unused: Amounts }[] {
    const taken: { application: string; unused: Amounts }[] = [];
    for (const [name, record] of this.records) {
      if (record.unused === undefined) continue;
      taken.push({ application: name, unused: record.unused });
      this.records.set(name, { ...record, unused: undefined });
    }
    return taken;
  }

  saved(): readonly SavedApplication[] {
    return [...this.records.values()].flatMap(({ name, instances, claim, needsPerRequestPerSecond }) =>
      instances === undefined || claim === undefined ? [] : [{ name, instances, claim, needsPerRequestPerSecond }],
    );
  }

  /** Of the process before: silent, until they register anew. Late messages to it are still late. */
  restore(saved: readonly SavedApplication[], nowMs: number): void {
    for (const { name, instances, claim, needsPerRequestPerSecond } of saved) {
      if (!this.settings.has(name) || this.records.has(name)) continue;
      this.records.set(name, { ...this.fresh(name, nowMs), instances, claim, needsPerRequestPerSecond });
      this.silent.add(name);
    }
  }

  private take(
    name: string,
    { session, sequence }: { readonly session: string; readonly sequence: number },
    change: (record: ApplicationRecord) => ApplicationRecord,
  ): Receipt | Refusal {
    const record = this.records.get(name);
    if (record?.instances === undefined) {
      return notRegistered(name);
    }
    if (session !== record.session) return unknownSession;
    const { turn, instances } = turnOf(record.instances, record.instances.current, sequence);
    if (turn !== 'out-of-turn') this.records.set(name, { ...change(record), instances });
    return { turn };
  }

  private fresh(name: string, nowMs: number): ApplicationRecord {
    return newRecord(name, this.options.newSession(), nowMs);
  }

  // Its use goes on from what was seen of the one before it.
  private successor(name: string, known: ApplicationRecord | undefined, nowMs: number): ApplicationRecord {
    const fresh = this.fresh(name, nowMs);
    if (known === undefined) return fresh;
    const { seen, used, usedSlowly, usedBefore, steppedMs } = known;
    return { ...fresh, seen, used, usedSlowly, usedBefore, steppedMs };
  }

  private forget(name: string): void {
    this.records.delete(name);
    this.silent.delete(name);
  }

  private settingsOf(record: ApplicationRecord): ApplicationSettings {
    return boundedSettings(this.settings.get(record.name)!, record.claim);
  }

  private viewOf(record: ApplicationRecord, nowMs: number): ApplicationView {
    const { name, session, instances, needsPerRequestPerSecond, used, leaseEndsMs } = record;
    return {
      name,
      session,
      needsPerRequestPerSecond,
      used,
      leaseEndsMs,
      settings: this.settingsOf(record),
      state: isLeased(record, nowMs) ? 'leased' : 'silent',
      instance: instances?.current,
      report: validReport(record, nowMs),
    };
  }
}

const unknownSession: Refusal = {
  refused: 409,
  type: 'urn:surgegate:problem:unknown-session',
  detail: 'register again: the orchestrator was restarted, or another instance has registered',
};

const byName = (settings: readonly ApplicationSettings[]) => new Map(settings.map((one) => [one.name, one]));
