import { describe, expect, it } from 'vitest';
import { Switch, Switches, type SwitchRule } from '../../src/edge/switches.ts';

const rule = (n: number, given: Partial<SwitchRule> = {}): SwitchRule => ({
  name: `sw${n}`,
  group: 'main',
  weight: 1,
  capacityPerSecond: undefined,
  oc: 'none',
  target: { transport: 'udp', address: `10.0.1.${n}`, port: 5060 },
  ...given,
});

function switches(...rules: SwitchRule[]) {
  const changes: string[] = [];
  const made = new Switches(
    () => ({ failuresToDown: 2, successesToUp: 1 }),
    (one, from) => changes.push(`${one.name} ${from} ${one.health.name}`),
  );
  made.configure(rules);
  const down = (name: string) => {
    for (let i = 0; i < 2; i++) made.note(made.find(name)!, { kind: 'transport-error' });
  };
  const refusing = (name: string) => made.note(made.find(name)!, { kind: 'probe-response', status: 503 });
  return { made, changes, down, refusing };
}

const nameOf = (choice: Switch | string | undefined) => (choice instanceof Switch ? choice.name : choice);
/** How many of `n` calls each gets. */
function spread(
  made: Switches,
  n: number,
  { isPrivileged = false, tried = [] as Switch[], group = 'main', nowMs = 0 } = {},
) {
  const got: Record<string, number> = {};
  for (let key = 0; key < n; key++) {
    const name = nameOf(made.choose(group, Math.imul(key, 0x9e3779b1) >>> 0, tried, isPrivileged, nowMs))!;
    got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}

describe('choose', () => {
  it('divides by weight', () => {
    const got = spread(switches(rule(1), rule(2, { weight: 3 })).made, 4000);
    expect(got.sw2! / got.sw1!).toBeGreaterThan(2.6);
    expect(got.sw2! / got.sw1!).toBeLessThan(3.4);
  });
  it('finds the same switch for the same key, and another than those tried', () => {
    const { made } = switches(rule(1), rule(2), rule(3));
    for (let key = 0; key < 50; key++) {
      const first = made.choose('main', key, [], false, 0) as Switch;
      expect(made.choose('main', key, [], false, 0)).toBe(first);
      const second = made.choose('main', key, [first], false, 0) as Switch;
      expect(second).not.toBe(first);
      const third = made.choose('main', key, [first, second], false, 0) as Switch;
      expect(new Set([first, second, third]).size).toBe(3);
      expect(made.choose('main', key, [first, second, third], false, 0)).toBe('none');
    }
  });
  it('takes what has no room to the next, and says full when all are', () => {
    const { made } = switches(rule(1, { capacityPerSecond: 50 }), rule(2, { capacityPerSecond: 100 }));
    expect(spread(made, 100)).toEqual({ sw1: 10, sw2: 20, full: 70 });
    expect(spread(made, 100, { nowMs: 100 })).toEqual({ sw1: 5, sw2: 10, full: 85 });
    // a switch that was not chosen has paid nothing
    expect(spread(made, 100, { nowMs: 10_000 })).toEqual({ sw1: 10, sw2: 20, full: 70 });
  });
  it('takes privileged calls beyond capacity, at the cost of ordinary ones', () => {
    const { made } = switches(rule(1, { capacityPerSecond: 10 }));
    expect(spread(made, 6, { isPrivileged: true })).toEqual({ sw1: 6 });
    expect(spread(made, 1)).toEqual({ full: 1 });
    expect(spread(made, 1, { nowMs: 400 })).toEqual({ full: 1 });
    expect(spread(made, 1, { nowMs: 500 })).toEqual({ sw1: 1 });
  });
  it('takes a privileged call where it waits least, as long as one has room', () => {
    const { made } = switches(rule(1, { capacityPerSecond: 50 }), rule(2, { capacityPerSecond: 50 }));
    // both hold as much as served calls may find there, before one gets more than that
    const limits = { ordinary: 2, served: 5 };
    for (const one of made.all) one.throttle(50, Number.POSITIVE_INFINITY, limits);
    expect(spread(made, 10, { isPrivileged: true })).toEqual({ sw1: 5, sw2: 5 });
    expect(spread(made, 10)).toEqual({ full: 10 });
    const { sw1 = 0, sw2 = 0 } = spread(made, 10, { isPrivileged: true });
    expect(sw1 + sw2).toBe(10);
  });
  it('takes no more than what the Control Function lets wait in it, and what waits uncounted counts from then on', () => {
    const { made } = switches(rule(1, { capacityPerSecond: 100 }));
    const one = made.find('sw1')!;
    const free = Number.POSITIVE_INFINITY;
    one.throttle(free, free, { ordinary: 8, served: 12 });
    expect(spread(made, 20)).toEqual({ sw1: 8, full: 12 });
    expect(one.backlogCalls(0)).toBe(8);
    // with less room, what is there is worked off before the next
    one.throttle(free, free, { ordinary: 3, served: 4 });
    expect(spread(made, 20, { nowMs: 50 })).toEqual({ full: 20 });
    expect(spread(made, 20, { nowMs: 60 })).toEqual({ sw1: 1, full: 19 });
    one.throttle(free, free, { ordinary: 3, served: 4 }, 5);
    expect(one.backlogCalls(60)).toBe(8);
    expect(spread(made, 20, { nowMs: 100 })).toEqual({ full: 20 });
    expect(spread(made, 20, { nowMs: 120 })).toEqual({ sw1: 1, full: 19 });
  });
  it('passes over what is down, and over what is refusing while another is up', () => {
    const { made, down, refusing, changes } = switches(rule(1), rule(2), rule(3));
    down('sw1');
    refusing('sw2');
    expect(changes).toEqual(['sw1 up down', 'sw2 up refusing']);
    expect(spread(made, 50)).toEqual({ sw3: 50 });
    down('sw3');
    expect(spread(made, 50)).toEqual({ sw2: 50 });
    down('sw2');
    expect(spread(made, 50)).toEqual({ none: 50 });
    expect(made.isAnyUp()).toBe(false);
    // a call for help is tried even then
    expect(spread(made, 50, { isPrivileged: true }).none).toBeUndefined();
  });
  it('does not send what a full switch has no room for to one that is refusing', () => {
    const { made, refusing } = switches(rule(1, { capacityPerSecond: 5 }), rule(2));
    refusing('sw2');
    expect(spread(made, 5)).toEqual({ sw1: 1, full: 4 });
    expect(spread(made, 5, { isPrivileged: true })).toEqual({ sw1: 5 });
  });
  it('gives nothing to weight 0, nor to a switch without an address, nor a privileged call', () => {
    const { made, down } = switches(rule(1), rule(2, { weight: 0 }), rule(3, { target: undefined }));
    expect(spread(made, 50)).toEqual({ sw1: 50 });
    down('sw1');
    expect(spread(made, 50)).toEqual({ none: 50 });
    expect(spread(made, 50, { isPrivileged: true })).toEqual({ sw1: 50 });
  });
  it('keeps to the group', () => {
    const { made, down } = switches(rule(1), rule(2, { group: 'emergency' }));
    expect([spread(made, 20), spread(made, 20, { group: 'emergency' })]).toEqual([{ sw1: 20 }, { sw2: 20 }]);
    down('sw2');
    expect(spread(made, 20, { group: 'emergency' })).toEqual({ none: 20 });
  });
});

describe('stateless', () => {
  it('finds the same switch whatever its load, the next best where it is not up', () => {
    const { made, down, refusing } = switches(rule(1, { capacityPerSecond: 1 }), rule(2));
    const all = Array.from({ length: 40 }, (_, key) => nameOf(made.stateless('main', key)));
    expect(new Set(all)).toEqual(new Set(['sw1', 'sw2']));
    expect(Array.from({ length: 40 }, (_, key) => nameOf(made.stateless('main', key)))).toEqual(all);
    refusing('sw1');
    expect(new Set(Array.from({ length: 40 }, (_, key) => nameOf(made.stateless('main', key))))).toEqual(
      new Set(['sw2']),
    );
    down('sw2');
    expect(nameOf(made.stateless('main', 1))).toBe('sw1');
    down('sw1');
    // down is a guess: what ends a call is sent all the same
    expect(made.stateless('main', 1)).toBeDefined();
  });
  it('finds none where none has an address', () => {
    expect(switches(rule(1, { target: undefined })).made.stateless('main', 1)).toBeUndefined();
  });
});

describe('a new configuration', () => {
  it('keeps health, counters and tokens of those that stay', () => {
    const { made, down } = switches(rule(1, { capacityPerSecond: 50 }), rule(2));
    down('sw1');
    const before = made.find('sw1')!;
    before.counters.requests = 7;
    before.capacity!.add(3);
    made.configure([rule(1, { capacityPerSecond: 500, weight: 4, group: 'other' }), rule(3)]);
    const after = made.find('sw1')!;
    expect(after).toBe(before);
    expect(after).toMatchObject({ weight: 4, group: 'other', health: { name: 'down' } });
    expect([after.capacity?.ratePerSecond, after.capacity?.content, after.counters.requests]).toEqual([500, 3, 7]);
    expect([made.find('sw2'), made.find('sw3')?.health.name]).toEqual([undefined, 'up']);
    expect(spread(made, 10)).toEqual({ sw3: 10 });
    made.configure([rule(1)]);
    expect(made.find('sw1')!.capacity).toBeUndefined();
  });
  it('keeps the address while a name is looked up anew', () => {
    const { made } = switches(rule(1));
    made.configure([rule(1, { target: undefined })]);
    expect(made.at('10.0.1.1', 5060)?.name).toBe('sw1');
    expect(made.at('10.0.1.1', 5061)).toBeUndefined();
  });
});

describe('a drained switch', () => {
  it('gets no new call, and its own part again when it is back, also after a reload', () => {
    const { made } = switches(rule(1), rule(2, { weight: 3 }));
    made.find('sw2')!.drain(true);
    expect(spread(made, 50)).toEqual({ sw1: 50 });
    expect(made.hasOther('main', [made.find('sw1')!], false, 0)).toBe(false);
    made.configure([rule(1), rule(2, { weight: 5 })]);
    expect(spread(made, 50)).toEqual({ sw1: 50 });
    made.find('sw2')!.drain(false);
    const { sw1, sw2 } = spread(made, 6000) as { sw1: number; sw2: number };
    expect(sw2 / sw1).toBeGreaterThan(4.4);
  });
  it('keeps nobody from waiting for the others', () => {
    const { made } = switches(rule(1, { capacityPerSecond: 5 }), rule(2));
    spread(made, 1);
    expect(made.areFull(0)).toBe(false);
    made.find('sw2')!.drain(true);
    made.choose('main', 1, [], false, 0);
    expect(made.areFull(0)).toBe(true);
  });
  it('takes a privileged call that finds no other', () => {
    const { made, down } = switches(rule(1), rule(2));
    made.find('sw2')!.drain(true);
    expect(spread(made, 9, { isPrivileged: true })).toEqual({ sw1: 9 });
    down('sw1');
    expect(spread(made, 9)).toEqual({ none: 9 });
    expect(spread(made, 9, { isPrivileged: true })).toEqual({ sw2: 9 });
    down('sw2');
    expect(spread(made, 9, { isPrivileged: true })).toEqual({ sw1: 9 });
  });
});

it('tells whether another could take the call', () => {
  const { made, down } = switches(rule(1), rule(2, { capacityPerSecond: 5 }), rule(3, { weight: 0 }));
  const one = made.find('sw1')!;
  expect(made.hasOther('main', [one], false, 0)).toBe(true);
  made.choose('main', 1, [one], false, 0);
  expect(made.hasOther('main', [one], false, 0)).toBe(false);
  expect(made.hasOther('main', [one], true, 0)).toBe(true);
  down('sw2');
  expect(made.hasOther('main', [one], true, 0)).toBe(false);
});
