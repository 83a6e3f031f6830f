// The protected switches as they are now: health, capacity left, where they are reached, and which one a call goes to.
import { LeakyBucket } from '../admission/leaky-bucket.ts';
import type { OcValue } from '../control/load-sample.ts';
import { noOc, noteOc, type OcReport, ocInForce } from '../control/oc-client.ts';
import type { QueueRoom } from '../control/queue-room.ts';
import {
  type HealthEvent,
  type HealthLimits,
  initialHealth,
  type SwitchHealth,
  stepHealth,
} from '../forward/health.ts';
import { selectSwitch, switchHash } from '../forward/select-switch.ts';
import { SwitchCounters } from '../metrics/counters.ts';
import { SwitchTally } from '../monitor/switch-tally.ts';
import type { OcOffer } from '../sip/oc.ts';
import { ocOfferTexts } from '../sip/oc-edits.ts';
import type { OpenedTransport } from '../transport/flow.ts';

export interface SwitchTarget {
  readonly transport: OpenedTransport;
  /** Numeric, without brackets. */
  readonly address: string;
  readonly port: number;
}

export interface SwitchRule {
  readonly name: string;
  readonly group: string;
  readonly weight: number;
  readonly capacityPerSecond: number | undefined;
  /** The overload control that it is offered. */
  readonly oc: OcOffer;
  /** Undefined while a name is not resolved: the switch gets nothing. */
  readonly target: SwitchTarget | undefined;
}

export class Switch {
  readonly name: string;
  readonly hash: number;
  group: string;
  /** 0 while it is drained. */
  weight: number;
  /** An operator has taken it out of service: no new calls, but a privileged one that finds no other. */
  isDrained = false;
  private ownWeight: number;
  /** What it was sent and has not worked off; undefined while nothing limits it. */
  capacity: LeakyBucket | undefined;
  target: SwitchTarget | undefined;
  health: SwitchHealth = initialHealth;
  readonly counters = new SwitchCounters();
  readonly tally = new SwitchTally();
  configuredPerSecond: number | undefined;
  private oc = noOc;
  /** What our Via offers it, '' for nothing (RFC 7339 §4.1). */
  ocOffer = '';
  /** What the Control Function lets it have: calls per second, what may wait in it, and INVITEs that it may leave without progress. */
  private allowedPerSecond = Number.POSITIVE_INFINITY;
  private allowedRoom: QueueRoom | undefined;
  private allowedOutstanding = Number.POSITIVE_INFINITY;
  private room: QueueRoom = { ordinary: 1, served: 1 };

  constructor(rule: SwitchRule) {
    this.name = rule.name;
    this.hash = switchHash(rule.name);
    this.group = rule.group;
    this.weight = rule.weight;
    this.ownWeight = rule.weight;
    this.target = rule.target;
    this.change(rule);
  }

  change(rule: SwitchRule): void {
    this.group = rule.group;
    this.ownWeight = rule.weight;
    this.drain(this.isDrained);
    if (rule.target !== undefined) this.target = rule.target;
    this.configuredPerSecond = rule.capacityPerSecond;
    this.ocOffer = ocOfferTexts[rule.oc];
    this.limit();
  }

  /** Takes it out of service, or back into it. */
  drain(isDrained: boolean): void {
    this.isDrained = isDrained;
    this.weight = isDrained ? 0 : this.ownWeight;
  }

  /** What a response of its said in our Via (RFC 7339 §5.4). */
  noteOc(report: OcReport, nowMs: number): void {
    this.oc = noteOc(this.oc, report, nowMs);
  }

  /** What it asks for by RFC 7339, while that is valid. */
  askedFor(nowMs: number): OcValue | undefined {
    return ocInForce(this.oc, nowMs);
  }

  /** New limits of the Control Function; `Infinity`: none. `room`: undefined for its own. `unknownCalls` wait in it and were not counted. */
  throttle(callsPerSecond: number, outstanding: number, room?: QueueRoom, unknownCalls = 0): void {
    this.allowedPerSecond = callsPerSecond;
    this.allowedRoom = room;
    this.allowedOutstanding = outstanding;
    this.limit();
    this.capacity?.add(unknownCalls);
  }

  /** Calls that it was sent and, by what it is given, has not worked off. */
  backlogCalls(nowMs: number): number {
    this.capacity?.drain(nowMs);
    return this.capacity?.content ?? 0;
  }

  /**
   * Whether a call fits now; an ordinary one asks, a privileged one goes in any case. One of a neighbour that gets all that it asks
   * for (`isServed`) finds a little more room, so that those that ask for more than there is do not take its place.
   */
  hasRoom(isPrivileged: boolean, nowMs: number, isServed = false): boolean {
    if (isPrivileged) return true;
    if (this.tally.outstanding >= this.allowedOutstanding) return false;
    if (this.capacity === undefined) return true;
    this.capacity.drain(nowMs);
    return this.capacity.hasRoom(isServed ? this.room.served : this.room.ordinary);
  }

  private limit(): void {
    const rate = Math.min(this.configuredPerSecond ?? Number.POSITIVE_INFINITY, this.allowedPerSecond);
    if (rate === Number.POSITIVE_INFINITY) this.capacity = undefined;
    else {
      this.room = this.allowedRoom ?? { ordinary: Math.max(1, rate * burstSeconds), served: 1 + rate * burstSeconds };
      if (this.capacity === undefined) this.capacity = new LeakyBucket(rate);
      else this.capacity.change(rate);
    }
  }
}

/** What a switch may get at once where the Control Function has no say, in seconds of its capacity. */
const burstSeconds = 0.2;

const isThere = (one: Switch, tried: readonly Switch[]): boolean =>
  one.health.name === 'up' && one.target !== undefined && !tried.includes(one);

/** `full`: some are up, and none has capacity left. */
export type Choice = Switch | 'full' | 'none';

export class Switches {
  all: Switch[] = [];
  /** Whether any of them is offered overload control. */
  offersOc = false;
  private groups = new Map<string, Switch[]>();
  private readonly limits: () => HealthLimits;
  private readonly onChange: (one: Switch, from: SwitchHealth['name']) => void;

  constructor(limits: () => HealthLimits, onChange: (one: Switch, from: SwitchHealth['name']) => void) {
    this.limits = limits;
    this.onChange = onChange;
  }

  /** The switches of a configuration; those that stay keep health and counters. */
  configure(rules: readonly SwitchRule[]): void {
    const known = new Map(this.all.map((one) => [one.name, one]));
    this.all = rules.map((rule) => {
      const one = known.get(rule.name) ?? new Switch(rule);
      one.change(rule);
      return one;
    });
    this.offersOc = this.all.some((one) => one.ocOffer !== '');
    this.groups = new Map();
    for (const one of this.all) this.groups.set(one.group, [...(this.groups.get(one.group) ?? []), one]);
  }

  find(name: string): Switch | undefined {
    return this.all.find((one) => one.name === name);
  }

  /** The switch at an address, for responses and requests that come from the core. */
  at(address: string, port: number): Switch | undefined {
    return this.all.find((one) => one.target?.address === address && one.target.port === port);
  }

  isAnyUp(): boolean {
    return this.all.some((one) => one.health.name === 'up' && one.target !== undefined);
  }

  /**
   * The switch of a group for a call with this key, other than those tried. An ordinary call needs room; a `privileged` one goes
   * where there is some, as it waits least there, else it goes all the same, and is tried on a switch that is refusing, drained,
   * or held for dead, before it is given up.
   */
  choose(
    group: string,
    key: number,
    tried: readonly Switch[],
    isPrivileged: boolean,
    nowMs: number,
    isServed = false,
  ): Choice {
    const members = this.groups.get(group) ?? this.all;
    let isFull = false;
    const pick = (state: SwitchHealth['name'], needsRoom: boolean) =>
      selectSwitch(members, key, (one) => {
        if (one.health.name !== state || one.target === undefined || tried.includes(one)) return false;
        if (needsRoom && !one.hasRoom(false, nowMs, isServed || isPrivileged)) {
          isFull = true;
          return false;
        }
        one.capacity?.drain(nowMs);
        one.capacity?.add(1);
        return true;
      });
    let index = pick('up', true);
    if (index < 0 && isPrivileged) index = pick('up', false);
    if (index < 0 && (isPrivileged || !isFull)) index = pick('refusing', !isPrivileged);
    if (index < 0 && isPrivileged) index = members.findIndex((one) => one.isDrained && isThere(one, tried));
    if (index < 0 && isPrivileged) index = pick('down', false);
    if (index >= 0) return members[index]!;
    return isFull ? 'full' : 'none';
  }

  /** Where a call may go after `first`, in order of preference: up, and with room now. No token is taken. */
  others(group: string, key: number, first: Switch, isPrivileged: boolean, nowMs: number): Switch[] {
    const found: Switch[] = [];
    selectSwitch(this.groups.get(group) ?? this.all, key, (one) => {
      if (isThere(one, [first]) && one.hasRoom(isPrivileged, nowMs)) found.push(one);
      return false;
    });
    return found;
  }

  /** Whether switches are up, and none of them has room for an ordinary call. */
  areFull(nowMs: number, isServed = false): boolean {
    let isFull = false;
    for (const one of this.all) {
      if (one.health.name === 'down' || one.weight === 0) continue;
      if (one.hasRoom(false, nowMs, isServed)) return false;
      isFull = true;
    }
    return isFull;
  }

  /** Whether a switch of the group that has not been tried is up, and has capacity left for such a call. */
  hasOther(group: string, tried: readonly Switch[], isPrivileged: boolean, nowMs: number): boolean {
    const members = this.groups.get(group) ?? this.all;
    return members.some((one) => {
      if (one.health.name !== 'up' || one.weight === 0 || one.target === undefined || tried.includes(one)) return false;
      return one.hasRoom(isPrivileged, nowMs);
    });
  }

  /** The switch for a request that keeps no state: the same for the same key, whatever its load. */
  stateless(group: string, key: number): Switch | undefined {
    const members = this.groups.get(group) ?? this.all;
    for (const state of ['up', 'refusing', 'down'] as const) {
      const index = selectSwitch(members, key, (one) => one.health.name === state && one.target !== undefined);
      if (index >= 0) return members[index];
    }
    return members.find((one) => one.target !== undefined);
  }

  note(one: Switch, event: HealthEvent): void {
    const { health, changedFrom } = stepHealth(one.health, event, this.limits());
    one.health = health;
    if (changedFrom !== undefined) this.onChange(one, changedFrom);
  }
}
