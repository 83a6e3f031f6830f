import { describe, expect, it } from 'vitest';
import { HostWorld, settings } from './host-world.ts';

const host = { cpuCores: 12, memoryBytes: 100e9 };
const using = (cpuCores: number) => ({ used: { cpuCores, memoryBytes: 1e9 } });
const surge = { requestsPerSecond: 4000, normalPerSecond: 100 };
const calm = { requestsPerSecond: 100, normalPerSecond: 100 };

/** An edge, a web application and a batch job on one host, each of which has used what it needs for a while. */
function shared(): HostWorld {
  const world = new HostWorld(host, [
    settings('edge', { priority: 9, minimum: { cpuCores: 1 } }),
    settings('web', { minimum: { cpuCores: 1 } }),
    settings('batch', { isEssential: false, priority: 1 }),
    settings('gets', { isExempt: true, priority: 9 }),
  ]);
  for (const name of ['edge', 'web', 'batch']) world.register(name);
  world.seconds(10, { edge: { ...using(2), ...calm }, web: using(4), batch: using(1) });
  return world;
}

describe('a mass-call event on a shared host', () => {
  it('goes through L3 and back: the batch job is dumped, the web application asked and then forced, and all is lifted', () => {
    const world = shared();
    world.story.length = 0;
    world.seconds(20, { edge: { ...using(3), ...surge }, web: using(6), batch: using(1) });
    expect(world.orders('web')).toMatchObject({
      mode: { mode: 'L3', causes: ['arrivals of edge 1000 %'] },
      // two that are left of three, and a fifth kept: 20/40/40
      allocation: { boundary: { cpuCores: 4.8 } },
      forced: [{ resource: 'cpuCores', limit: 4.8 }],
    });
    expect(world.orders('batch')).toMatchObject({ suspended: true, allocation: { current: { cpuCores: 0 } } });
    expect(world.orders('edge')).toMatchObject({ forced: [], suspended: false });
    world.seconds(60, { edge: { ...using(2), ...calm }, web: using(4.5), batch: using(0) });
    expect(world.orders('web')).toMatchObject({ mode: { mode: 'L0' }, forced: [], notices: [] });
    expect(world.orders('batch').suspended).toBe(false);
    expect(world.orders('web').allocation.boundary).toBeUndefined();
    const what = world.story.map((line) => line.replace(/^\d+ s /, ''));
    expect(what.indexOf('web asked')).toBeLessThan(what.indexOf('web forced'));
    expect(what.indexOf('batch asked')).toBeLessThan(what.indexOf('batch suspended'));
    expect(what.at(-1)).toBe('L0');
    expect(what).toEqual(expect.arrayContaining(['batch resumed', 'web lifted']));
    expect(what.filter((line) => /^(edge|gets) (forced|suspended)/.test(line))).toEqual([]);
  });

  it('who comes down in time is not forced', () => {
    const world = shared();
    world.seconds(5, { edge: { ...using(3), ...surge }, web: using(6), batch: using(1) });
    world.seconds(30, { edge: { ...using(3), ...surge }, web: using(4), batch: using(0) });
    expect(world.orders('web')).toMatchObject({ mode: { mode: 'L3' }, forced: [] });
    const what = world.story.map((line) => line.replace(/^\d+ s /, '')).filter((line) => line.startsWith('web'));
    expect([...new Set(what)]).toEqual(['web asked', 'web complied']);
  });
});

describe('what an application is told', () => {
  it('is new only when something other than time has changed', () => {
    const world = shared();
    const heard: number[] = [];
    world.desk.onOrders('web', ({ sequence }) => heard.push(sequence));
    world.seconds(5, { edge: { ...using(2), ...calm }, web: using(4), batch: using(1) });
    expect(heard).toEqual([]);
    world.desk.override({ mode: 'L1', seconds: 60, reason: 'test' }, 'alice');
    expect(heard).toHaveLength(1);
    expect(world.orders('web')).toMatchObject({ sequence: heard[0], mode: { mode: 'L1', causes: ['operator'] } });
  });

  it('what it says is unused is taken back, a request for it is granted, and out of turn changes nothing', () => {
    const world = new HostWorld(host, [settings('web', { maximum: { cpuCores: 6 } })]);
    world.register('web');
    world.seconds(20, { web: using(2) });
    const has = () => world.orders('web').allocation.current.cpuCores!;
    const before = has();
    world.desk.notify('web', { kind: 'low-utilisation', ...world.message('web'), unused: { cpuCores: 2 } });
    world.second({ web: using(2) });
    expect(has()).toBe(before - 2);
    const message = { ...world.message('web'), wanted: { cpuCores: 1 } };
    expect(world.desk.request('web', message)).toMatchObject({ outcome: 'granted', granted: { cpuCores: 1 } });
    expect(world.desk.request('web', message)).toMatchObject({
      outcome: 'refused',
      reason: 'out-of-turn',
      granted: {},
    });
    expect(has()).toBe(before - 1);
  });

  it('of another session nothing is taken', () => {
    const world = shared();
    const wrong = { session: 'another-session', sequence: 999_999, wanted: { cpuCores: 1 } };
    expect(world.desk.request('web', wrong)).toMatchObject({
      refused: 409,
      type: 'urn:surgegate:problem:unknown-session',
    });
    expect(world.desk.orders('gets')).toMatchObject({ refused: 404 });
  });
});

describe('orders by hand', () => {
  it('an override wins over the indicators, and ends by itself', () => {
    const world = shared();
    world.seconds(10, { edge: { ...using(3), ...surge }, web: using(3), batch: using(0) });
    expect(world.desk.mode().mode).toBe('L3');
    world.desk.override({ mode: 'L0', seconds: 5, reason: 'false alarm' }, 'alice');
    expect(world.desk.mode()).toMatchObject({ mode: 'L0' });
    world.seconds(6, { edge: { ...using(3), ...surge }, web: using(3), batch: using(0) });
    expect(world.desk.mode().mode).toBe('L3');
    expect(world.audited).toMatchObject([
      { by: 'alice', action: 'override', subject: 'L0', reason: 'false alarm' },
      { by: 'expiry', action: 'lift-override' },
    ]);
  });

  it('a gap reaches the applications that it names, a drain the one that it names', () => {
    const world = shared();
    const gap = { intervalSeconds: 'stop' as const, seconds: 60, reason: 'televote', applications: ['edge'] };
    expect(world.desk.gap('9005551212', gap, 'scp-1')).toBeUndefined();
    expect(world.desk.drain('web', { seconds: 60, reason: 'upgrade' }, 'alice')).toBeUndefined();
    expect(world.orders('edge').controls).toMatchObject([{ kind: 'gap', digits: '9005551212', by: 'scp-1' }]);
    expect(world.orders('web').controls).toMatchObject([{ kind: 'drain', by: 'alice' }]);
    expect(world.desk.liftGap('9005551212', 'scp-1')).toBe(true);
    expect(world.orders('edge').controls).toEqual([]);
    expect(world.desk.drain('nobody', { seconds: 60, reason: 'x' }, 'alice')).toHaveProperty('refused');
  });
});

describe('who comes, goes and falls silent', () => {
  it('a newcomer has its allocation with the answer to its registration', () => {
    const world = new HostWorld(host, [settings('web')]);
    expect(world.register('web').allocation.current.cpuCores).toBeGreaterThan(0);
  });

  it('who leaves is not limited any more, and others may have what it had', () => {
    const world = shared();
    world.seconds(20, { edge: { ...using(3), ...surge }, web: using(6), batch: using(1) });
    expect(world.orders('web').forced).toHaveLength(1);
    expect(world.desk.leave('web')).toBe(true);
    expect(world.orchestrator.last?.orders.has('web')).toBe(false);
    expect(world.desk.leave('web')).toBe(false);
  });

  it('a crisis of a peer is a warning here', () => {
    const world = shared();
    world.desk.peerReport('host-2', {
      instance: 'instance-2',
      sequence: 1,
      validitySeconds: 10,
      mode: 'L3',
      causes: ['arrivals'],
    });
    world.seconds(4, { edge: { ...using(2), ...calm }, web: using(4), batch: using(1) });
    expect(world.desk.mode()).toMatchObject({ mode: 'L1', causes: ['peer host-2'] });
  });
});
