// The adapter for control groups on a fixture tree: every version, every fault. The real kernel: test/e2e/adapters.test.ts.
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/orchestrator/adapters/adapter.ts';
import type { CgroupConfig } from '../../../src/orchestrator/adapters/adapter-config.ts';
import { createCgroupAdapter } from '../../../src/orchestrator/adapters/cgroup.ts';
import { FileError } from '../../../src/orchestrator/adapters/cgroup-files.ts';
import { type CgroupKind, type CgroupTree, cgroupKinds, createCgroupTree, device } from './cgroup-tree.ts';

const mib = 2 ** 20;
const some: Limits = {
  limits: { cpuCores: 0.5, memoryBytes: 100 * mib, diskBytesPerSecond: 2_000_000 },
  isSuspended: true,
};
const none: Limits = { limits: {}, isSuspended: false };

function setUp(kind: CgroupKind, config: Partial<CgroupConfig> = {}, hasGroup = true) {
  const tree = createCgroupTree(kind);
  if (hasGroup) tree.addGroup('shop/web');
  const clock = { ms: 0 };
  const make = () =>
    createCgroupAdapter(
      { kind: 'cgroup', path: 'shop/web', ...config },
      { root: tree.root, files: tree.files, nowMs: () => clock.ms },
    );
  return { tree, clock, adapter: make(), make };
}

const use = (tree: CgroupTree, kind: CgroupKind, cpuSeconds: number, memoryBytes: number, fileBytes: number) => {
  if (kind === 'version 2') {
    tree.set('shop/web', 'cpu.stat', `usage_usec ${cpuSeconds * 1e6}\nuser_usec 1\n`);
    tree.set('shop/web', 'memory.current', `${memoryBytes}\n`);
    tree.set('shop/web', 'memory.stat', `anon 1\ninactive_file ${fileBytes}\nactive_file 0\n`);
  } else {
    tree.set('shop/web', 'cpuacct.usage', `${cpuSeconds * 1e9}\n`);
    tree.set('shop/web', 'memory.usage_in_bytes', `${memoryBytes}\n`);
    tree.set('shop/web', 'memory.stat', `total_inactive_file ${fileBytes}\ntotal_active_file 0\n`);
  }
};

describe.each(cgroupKinds)('%s', (kind) => {
  it('sets limits, reads them back and lifts them', async () => {
    const { tree, adapter } = setUp(kind);
    const before = tree.snapshot('shop/web');
    expect(adapter.canLimit).toEqual(['cpuCores', 'memoryBytes', 'diskBytesPerSecond']);
    expect(await adapter.read()).toMatchObject(none);
    await adapter.apply(some);
    expect(await adapter.read()).toMatchObject(some);
    // Fewer: what is not named is lifted.
    await adapter.apply({ limits: { cpuCores: 1.5 }, isSuspended: false });
    const { limits, isSuspended } = await adapter.read();
    expect({ limits, isSuspended }).toEqual({ limits: { cpuCores: 1.5 }, isSuspended: false });
    await adapter.apply(none);
    expect(tree.snapshot('shop/web')).toEqual(before);
  });

  it('who is to stop stops first; who is to go on finds its limits in place', async () => {
    const { tree, adapter } = setUp(kind);
    const isFreezer = (path: string): boolean => /freeze/.test(path);
    await adapter.apply(some);
    expect(tree.written.findIndex(isFreezer)).toBe(0);
    tree.written.length = 0;
    await adapter.apply({ ...some, isSuspended: false, limits: { ...some.limits, cpuCores: 0.25 } });
    expect(tree.written.findIndex(isFreezer)).toBe(tree.written.length - 1);
  });

  it('sees what is used, without pages of files that the kernel gives back at once', async () => {
    const { tree, clock, adapter } = setUp(kind);
    use(tree, kind, 10, 100 * mib, 30 * mib);
    expect((await adapter.read()).used).toEqual({ memoryBytes: 70 * mib });
    clock.ms = 2000;
    use(tree, kind, 13, 100 * mib, 0);
    expect((await adapter.read()).used).toMatchObject({ cpuCores: 1.5, memoryBytes: 100 * mib });
  });

  it('the most that it can get is what the groups above have', async () => {
    const { tree, adapter } = setUp(kind);
    tree.addGroup('shop');
    const machine = (await adapter.read()).maximum;
    const files: [string, string][] =
      kind === 'version 2'
        ? [
            ['cpu.max', '20000 100000\n'],
            ['memory.max', `${50 * mib}\n`],
          ]
        : [
            ['cpu.cfs_quota_us', '20000\n'],
            ['memory.limit_in_bytes', `${50 * mib}\n`],
          ];
    for (const [name, text] of files) tree.set('shop', name, text);
    expect((await adapter.read()).maximum).toEqual({ cpuCores: 0.2, memoryBytes: 50 * mib });
    expect(machine.cpuCores).toBeGreaterThanOrEqual(1);
  });

  it('what others have set is put back, and is no limit of ours', async () => {
    const baseline = { cpuCores: 2, memoryBytes: 500 * mib };
    const { tree, adapter } = setUp(kind, { baseline });
    await adapter.apply(none);
    expect(await adapter.read()).toMatchObject({ limits: {}, maximum: { memoryBytes: 500 * mib } });
    await adapter.apply(some);
    expect(await adapter.read()).toMatchObject(some);
    await adapter.apply(none);
    const quota = kind === 'version 2' ? 'cpu.max' : 'cpu.cfs_quota_us';
    expect((await adapter.read()).limits).toEqual({});
    expect(tree.get('shop/web', quota)).toMatch(/^200000/);
  });

  it.each(['before', 'after'] as const)('a write that fails, %s it was done, leaves all as it was', async (when) => {
    const { tree, adapter } = setUp(kind);
    await adapter.apply({ limits: { cpuCores: 2, memoryBytes: 900 * mib }, isSuspended: false });
    const before = tree.snapshot('shop/web');
    tree.written.length = 0;
    await adapter.apply(some);
    const writes = tree.written.length;
    expect(writes).toBeGreaterThanOrEqual(4);
    await adapter.apply({ limits: { cpuCores: 2, memoryBytes: 900 * mib }, isSuspended: false });
    for (let failing = 0; failing < writes; failing++) {
      tree.written.length = 0;
      const error = new FileError('EIO', 'the disk of the kernel is on fire');
      tree.fault = (_path, index) => (index === failing ? { error, isDone: when === 'after' } : undefined);
      await expect(adapter.apply(some), `write ${failing}`).rejects.toThrow(/on fire$/);
      expect(tree.snapshot('shop/web'), `write ${failing}`).toEqual(before);
    }
    tree.fault = () => undefined;
    await adapter.apply(some);
    expect(await adapter.read()).toMatchObject(some);
  });

  it('a write that fails and cannot be put back says what is left', async () => {
    const { tree, adapter } = setUp(kind);
    tree.fault = (_path, index) => (index >= 1 ? { error: new FileError('EIO', 'broken'), isDone: false } : undefined);
    await expect(adapter.apply(some)).rejects.toThrow(/broken; not put back: .*freeze/);
  });

  it('says that the group is not there, and finds it when it is', async () => {
    const { tree, adapter } = setUp(kind);
    await adapter.apply(some);
    tree.removeGroup('shop/web');
    await expect(adapter.read()).rejects.toThrow(/^the group shop\/web is not there/);
    await expect(adapter.apply(some)).rejects.toThrow(/^the group shop\/web is not there/);
    tree.addGroup('shop/web');
    expect(await adapter.read()).toMatchObject(none);
  });

  it('says that it is not permitted', async () => {
    const { tree, adapter } = setUp(kind);
    const error = new FileError('EACCES', 'x: permission denied (EACCES)');
    tree.fault = () => ({ error, isDone: false });
    await expect(adapter.apply(some)).rejects.toThrow(/permission denied/);
    expect(await adapter.read()).toMatchObject(none);
  });

  it('a controller that is not enabled for the group: nothing to lift, and setting it says so', async () => {
    const { tree, adapter } = setUp(kind);
    const name = kind === 'version 2' ? 'cpu.max' : 'cpu.cfs_quota_us';
    tree.remove(tree.fileOf('shop/web', name));
    await adapter.apply({ limits: { memoryBytes: 50 * mib }, isSuspended: false });
    expect((await adapter.read()).limits).toEqual({ memoryBytes: 50 * mib });
    await expect(adapter.apply(some)).rejects.toThrow(`${name} is not there: the controller is not enabled`);
    expect((await adapter.read()).limits).toEqual({ memoryBytes: 50 * mib });
  });

  it('a file that holds something else limits nothing, and is set all the same', async () => {
    const { tree, adapter } = setUp(kind);
    tree.set('shop/web', kind === 'version 2' ? 'cpu.max' : 'cpu.cfs_quota_us', 'what?\n');
    expect((await adapter.read()).limits).toEqual({});
    await adapter.apply(some);
    expect(await adapter.read()).toMatchObject(some);
  });

  it('makes the group and moves processes into it, again when it was removed, and removes it at the end', async () => {
    const { tree, adapter } = setUp(kind, { create: true, pids: [17, 18] }, false);
    await adapter.apply(some);
    expect(await adapter.read()).toMatchObject(some);
    const procs = Object.entries(tree.snapshot('shop/web')).filter(([path]) => path.endsWith('cgroup.procs'));
    expect(procs.length).toBeGreaterThan(0);
    for (const [, text] of procs) expect(text).toBe('17\n18');
    tree.removeGroup('shop/web');
    expect(await adapter.read()).toMatchObject(none);
    tree.removalsInUse = 3;
    await adapter.close();
    expect(tree.removalsInUse).toBe(0);
    for (const folder of ['/cg1/cpu/shop', '/cg2/shop']) expect(await tree.files.isFolder(folder)).toBe(false);
  });

  it('a process that has ended is not missed', async () => {
    const { tree, adapter } = setUp(kind, { create: true, pids: [17] }, false);
    tree.fault = (path) =>
      path.endsWith('cgroup.procs') ? { error: new FileError('ESRCH', 'gone'), isDone: false } : undefined;
    expect(await adapter.read()).toMatchObject(none);
  });
});

describe('memory', () => {
  it('soft: version 2 slows down and kills nobody, version 1 only asks; the hard limit of others is the most', async () => {
    const two = setUp('version 2');
    await two.adapter.apply(some);
    expect(two.tree.get('shop/web', 'memory.high')).toBe(String(100 * mib));
    expect(two.tree.get('shop/web', 'memory.max')).toBe('max');
    two.tree.set('shop/web', 'memory.max', `${300 * mib}\n`);
    expect((await two.adapter.read()).maximum.memoryBytes).toBe(300 * mib);
    const one = setUp('version 1');
    await one.adapter.apply(some);
    expect(one.tree.get('shop/web', 'memory.soft_limit_in_bytes')).toBe(String(100 * mib));
    expect(one.tree.get('shop/web', 'memory.limit_in_bytes')).toMatch(/^9223/);
  });

  it.each(cgroupKinds)('hard, %s: never below what is used and cannot be given back', async (kind) => {
    const { tree, adapter } = setUp(kind, { memory: 'hard' });
    use(tree, kind, 0, 200 * mib, 40 * mib);
    await adapter.apply({ limits: { memoryBytes: 100 * mib }, isSuspended: false });
    expect((await adapter.read()).limits.memoryBytes).toBe(170 * mib);
    use(tree, kind, 0, 50 * mib, 0);
    await adapter.apply({ limits: { memoryBytes: 100 * mib }, isSuspended: false });
    expect((await adapter.read()).limits.memoryBytes).toBe(100 * mib);
  });
});

describe('disks', () => {
  it('all directions of all disks together stay within the limit', async () => {
    const { tree, adapter } = setUp('version 2');
    await adapter.apply({ limits: { diskBytesPerSecond: 1_000_000 }, isSuspended: false });
    expect(tree.get('shop/web', 'io.max')).toBe(`${device} rbps=500000 wbps=500000`);
  });

  it('keeps what others have set for the same disk to put it back', async () => {
    const { tree, adapter } = setUp('version 2');
    tree.set('shop/web', 'io.max', `${device} rbps=7000 wbps=max\n`);
    tree.fault = (path, index) =>
      path.endsWith('io.max') && index === 0 ? { error: new FileError('EIO', 'no'), isDone: true } : undefined;
    await expect(adapter.apply({ limits: { diskBytesPerSecond: 1e6 }, isSuspended: false })).rejects.toThrow('no');
    expect(tree.get('shop/web', 'io.max')).toBe(`${device} rbps=7000 wbps=max`);
  });
});

describe('start', () => {
  it.each(['', '/', 'a/../b', '..', './x', 'a\0b'])('%j is no path of a group', (path) => {
    expect(() => setUp('version 2', { path })).toThrow(/is no path of a control group/);
  });

  it('without control groups there is no adapter', () => {
    const { tree, make } = setUp('version 2');
    tree.write('/proc/mounts', 'proc /proc proc rw 0 0\n');
    expect(make).toThrow('no control groups are mounted on this machine');
  });

  it('without a controller for processors their use is seen all the same', async () => {
    const { tree, clock, make } = setUp('version 2');
    tree.write('/cg2/cgroup.controllers', 'memory\n');
    const adapter = make();
    expect(adapter.canLimit).toEqual(['memoryBytes']);
    await adapter.read();
    clock.ms = 1000;
    use(tree, 'version 2', 0.5, mib, 0);
    expect((await adapter.read()).used).toEqual({ cpuCores: 0.5, memoryBytes: mib });
    await adapter.apply(none);
    await expect(adapter.apply(some)).rejects.toThrow();
  });

  it('version 2: enables controllers on the way down, only those that lack', async () => {
    const { tree, adapter } = setUp('version 2', { create: true }, false);
    tree.write('/cg2/cgroup.subtree_control', 'cpu memory\n');
    await adapter.read();
    const orders = tree.written.filter((path) => path.endsWith('subtree_control'));
    expect(orders).toEqual(['/cg2/cgroup.subtree_control', '/cg2/shop/cgroup.subtree_control']);
  });
});
