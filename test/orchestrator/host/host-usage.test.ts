// What the host has and uses, on a tree that stands for `/`, and on this machine.
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { spaceOf } from '../../../src/orchestrator/host/disk-space.ts';
import { createHostUsage } from '../../../src/orchestrator/host/host-usage.ts';
import { createHostTree, type HostTree } from './host-tree.ts';

const gib = 2 ** 30;
const stat = (busy: number, idle: number): string =>
  `cpu  ${busy} 0 0 ${idle} 0 0 0 0 0 0\n${[0, 1, 2, 3].map((n) => `cpu${n} 0 0 0 0\n`).join('')}`;
const meminfo = (totalGib: number, availableGib: number): string =>
  `MemTotal: ${totalGib * 2 ** 20} kB\nMemAvailable: ${availableGib * 2 ** 20} kB\n`;
const disk = (name: string, sectors: number): string => `8 0 ${name} 0 0 ${sectors} 0 0 0 0 0 0 0 0\n`;
const link = (name: string, received: number, sent: number): string =>
  `${name}: ${received} 0 0 0 0 0 0 0 ${sent} 0 0 0 0 0 0 0\n`;

function hostTree(): HostTree {
  return createHostTree({
    '/proc/stat': stat(0, 0),
    '/proc/meminfo': meminfo(16, 12),
    '/proc/diskstats': disk('vda', 0) + disk('vda1', 0) + disk('loop0', 0),
    '/proc/net/dev': link('lo', 0, 0) + link('eth0', 0, 0) + link('veth1', 0, 0),
    '/sys/block/vda/dev': '8:0\n',
    '/sys/block/loop0/dev': '7:0\n',
    '/sys/class/net/eth0/device/vendor': 'x',
    '/sys/class/net/eth0/speed': '1000\n',
  });
}

describe('the host', () => {
  it('is what its processors, memory, disks and interfaces have done since the last sample', () => {
    const tree = hostTree();
    const host = createHostUsage({ root: tree.root });
    const first = host.sample(0);
    expect(first.usedRaw).toMatchObject({ memoryBytes: 4 * gib });
    expect(first.usedRaw.cpuCores).toBeUndefined();
    tree.write('/proc/stat', stat(300, 100));
    tree.write('/proc/diskstats', disk('vda', 2000) + disk('vda1', 2000) + disk('loop0', 9000));
    tree.write('/proc/net/dev', link('lo', 1e9, 1e9) + link('eth0', 1000, 6000) + link('veth1', 5, 5));
    const { maximum, usedRaw } = host.sample(2000);
    expect(maximum).toMatchObject({ cpuCores: 4, memoryBytes: 16 * gib, networkBytesPerSecond: 250_000_000 });
    expect(maximum.diskBytesPerSecond).toBeUndefined();
    // Three of four ticks; whole disks without what stands on them; twice the busier direction.
    expect(usedRaw).toMatchObject({
      cpuCores: 3,
      memoryBytes: 4 * gib,
      diskBytesPerSecond: (2000 * 512) / 2,
      networkBytesPerSecond: (2 * 6000) / 2,
    });
    expect(usedRaw.diskBytes).toBeGreaterThan(0);
    expect(maximum.diskBytes).toBeGreaterThan(usedRaw.diskBytes!);
  });

  it('is smoothed over three seconds', () => {
    const tree = hostTree();
    const host = createHostUsage({ root: tree.root });
    host.sample(0);
    tree.write('/proc/meminfo', meminfo(16, 8));
    const { used, usedRaw } = host.sample(3000);
    expect(usedRaw.memoryBytes).toBe(8 * gib);
    expect(used.memoryBytes! / gib).toBeCloseTo(4 + 4 * 0.632, 2);
  });

  it('holds the last sample while no time has passed', () => {
    const tree = hostTree();
    const host = createHostUsage({ root: tree.root });
    const sample = host.sample(5);
    tree.remove('/proc/meminfo');
    expect(host.sample(5)).toBe(sample);
    expect(host.sample(4)).toBe(sample);
  });

  it('what is configured goes before what is found', () => {
    const tree = hostTree();
    const maximum = { cpuCores: 3, diskBytesPerSecond: 5e8, networkBytesPerSecond: 1e9 };
    const host = createHostUsage({ root: tree.root, maximum });
    host.sample(0);
    expect(host.sample(1000).maximum).toMatchObject(maximum);
  });

  it('without hardware behind any interface, as in a container, all but lo count', () => {
    const tree = hostTree();
    tree.remove('/sys/class/net/eth0');
    const host = createHostUsage({ root: tree.root });
    host.sample(0);
    tree.write('/proc/net/dev', link('lo', 1e9, 1e9) + link('eth0', 1000, 0) + link('veth1', 0, 500));
    const { usedRaw, maximum } = host.sample(1000);
    expect(usedRaw.networkBytesPerSecond).toBe(3000);
    expect(maximum.networkBytesPerSecond).toBeUndefined();
  });

  it('ticks that go back (idle ones do) are none', () => {
    const tree = hostTree();
    tree.write('/proc/stat', stat(100, 1000));
    const host = createHostUsage({ root: tree.root });
    host.sample(0);
    tree.write('/proc/stat', stat(200, 990));
    expect(host.sample(1000).usedRaw.cpuCores).toBe(4);
  });

  it('counts the space of one file system once, as df does', () => {
    const tree = hostTree();
    tree.write('/a/file', '');
    const once = createHostUsage({ root: tree.root, diskPaths: ['/'] }).sample(0).maximum.diskBytes!;
    const twice = createHostUsage({ root: tree.root, diskPaths: ['/', '/a'] }).sample(0).maximum.diskBytes!;
    expect(Math.abs(twice - once)).toBeLessThan(once / 10);
    expect(spaceOf({ bsize: 10, blocks: 100, bfree: 40, bavail: 30 })).toEqual({ used: 600, maximum: 900 });
  });
});

describe('in a container whose own group is the root of all it sees', () => {
  const enclosed = (files: Record<string, string>): HostTree => {
    const tree = hostTree();
    for (const [path, text] of Object.entries(files)) tree.write(path, text);
    return tree;
  };

  it('version 2: its quota and its use are the host', () => {
    const tree = enclosed({
      '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 1000000\n',
      '/sys/fs/cgroup/memory.max': `${2 * gib}\n`,
      '/sys/fs/cgroup/memory.current': `${gib}\n`,
      '/sys/fs/cgroup/memory.stat': `anon 5\ninactive_file ${gib / 4}\n`,
    });
    const host = createHostUsage({ root: tree.root });
    host.sample(0);
    tree.write('/sys/fs/cgroup/cpu.stat', 'usage_usec 1500000\n');
    const { maximum, usedRaw } = host.sample(1000);
    expect(maximum).toMatchObject({ cpuCores: 1.5, memoryBytes: 2 * gib });
    expect(usedRaw).toMatchObject({ cpuCores: 0.5, memoryBytes: 0.75 * gib });
  });

  it('version 1: the same', () => {
    const tree = enclosed({
      '/proc/mounts': 'cgroup /cg/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup /cg/memory cgroup rw,memory 0 0\n',
      '/cg/cpu/cpu.cfs_quota_us': '50000\n',
      '/cg/cpu/cpu.cfs_period_us': '100000\n',
      '/cg/cpu/cpuacct.usage': '0\n',
      '/cg/memory/memory.limit_in_bytes': `${gib}\n`,
      '/cg/memory/memory.usage_in_bytes': `${gib / 2}\n`,
      '/cg/memory/memory.stat': 'total_inactive_file 0\n',
    });
    const host = createHostUsage({ root: tree.root });
    host.sample(0);
    tree.write('/cg/cpu/cpuacct.usage', `${250e6}\n`);
    const { maximum, usedRaw } = host.sample(1000);
    expect(maximum).toMatchObject({ cpuCores: 0.5, memoryBytes: gib });
    expect(usedRaw).toMatchObject({ cpuCores: 0.25, memoryBytes: gib / 2 });
  });

  it('without a limit, or with one beyond the machine, the machine is the host', () => {
    const tree = enclosed({
      '/proc/mounts': 'cgroup /cg/cpu cgroup rw,cpu,cpuacct 0 0\ncgroup /cg/memory cgroup rw,memory 0 0\n',
      '/cg/cpu/cpu.cfs_quota_us': '-1\n',
      '/cg/cpu/cpu.cfs_period_us': '100000\n',
      '/cg/memory/memory.limit_in_bytes': '9223372036854771712\n',
    });
    const { maximum } = createHostUsage({ root: tree.root }).sample(0);
    expect(maximum).toMatchObject({ cpuCores: 4, memoryBytes: 16 * gib });
  });
});

describe('what cannot be seen', () => {
  it.each([
    ['/proc/stat', 'cpuCores', {}],
    ['/proc/meminfo', 'memoryBytes', {}],
    ['/proc/diskstats', 'diskBytesPerSecond', {}],
    ['/proc/net/dev', 'networkBytesPerSecond', {}],
    ['/data', 'diskBytes', { diskPaths: ['/data'] }],
    ['/none', 'diskBytesPerSecond', { disks: ['sdz'] }],
    ['/none', 'networkBytesPerSecond', { interfaces: ['eth9'] }],
  ] as const)('without %s: %s is left out, said once', (path, resource, options) => {
    const tree = hostTree();
    const said: string[] = [];
    tree.remove(path);
    const host = createHostUsage({ root: tree.root, ...options, say: (message) => said.push(message) });
    host.sample(0);
    const { maximum, used, usedRaw } = host.sample(1000);
    for (const amounts of [maximum, used, usedRaw]) expect(amounts[resource]).toBeUndefined();
    expect(Object.keys(used).length).toBeGreaterThan(1);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`${resource} of the host is left out`);
  });

  it('text that is none of the kernel leaves the resource out as well', () => {
    const tree = hostTree();
    for (const path of ['/proc/stat', '/proc/meminfo', '/proc/diskstats', '/proc/net/dev'])
      tree.write(path, '\0 : 1 x\n');
    const said: string[] = [];
    const host = createHostUsage({ root: tree.root, say: (message) => said.push(message) });
    host.sample(0);
    expect(Object.keys(host.sample(1000).used)).toEqual(['diskBytes']);
    expect(said).toHaveLength(4);
  });

  it('is said again when it is back, and counts from there', () => {
    const tree = hostTree();
    const said: string[] = [];
    const host = createHostUsage({ root: tree.root, say: (message) => said.push(message) });
    host.sample(0);
    tree.remove('/proc/stat');
    expect(host.sample(1000).maximum.cpuCores).toBeUndefined();
    tree.write('/proc/stat', stat(100, 100));
    expect(host.sample(2000).usedRaw.cpuCores).toBeUndefined();
    tree.write('/proc/stat', stat(100, 200));
    expect(host.sample(3000).usedRaw.cpuCores).toBe(0);
    expect(said).toEqual([
      'cpuCores of the host is left out: /proc/stat: ENOENT',
      'cpuCores of the host is known again',
    ]);
  });

  it('a maximum of a resource that cannot be seen at all is none', () => {
    const tree = hostTree();
    tree.remove('/proc/diskstats');
    const host = createHostUsage({ root: tree.root, maximum: { diskBytesPerSecond: 5 } });
    expect(host.sample(0).maximum.diskBytesPerSecond).toBeUndefined();
  });
});

// Skipped where there is no /proc: there the orchestrator does not run either.
it.skipIf(!existsSync('/proc/stat'))('on this machine it finds processors and memory', async () => {
  const host = createHostUsage();
  host.sample(performance.now());
  const start = performance.now();
  while (performance.now() - start < 120);
  const { maximum, usedRaw } = host.sample(performance.now());
  expect(maximum.cpuCores).toBeLessThanOrEqual(cpus().length);
  expect(maximum.memoryBytes).toBeLessThanOrEqual(totalmem());
  expect(usedRaw.cpuCores).toBeGreaterThan(0);
  expect(usedRaw.cpuCores).toBeLessThanOrEqual(maximum.cpuCores! * 1.2);
  expect(usedRaw.memoryBytes).toBeLessThan(maximum.memoryBytes!);
  expect(usedRaw.diskBytes).toBeLessThan(maximum.diskBytes!);
});
