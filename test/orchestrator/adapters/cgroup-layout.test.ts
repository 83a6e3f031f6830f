// Which hierarchy does what, from /proc/mounts of real machines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cgroupLayout, unifiedMount } from '../../../src/orchestrator/adapters/cgroup-layout.ts';

const v2 = 'sysfs /sys sysfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n';
const joint = 'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n';
const v1 = `${joint}cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/blkio cgroup rw,blkio 0 0
cgroup /sys/fs/cgroup/freezer cgroup rw,freezer 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
`;
const unified = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';
const at = (version: 1 | 2, mountPoint: string) => ({ version, mountPoint });

describe('cgroupLayout', () => {
  it('version 2 alone: the controllers that the root has; time is counted and groups are frozen without one', () => {
    const all = at(2, '/sys/fs/cgroup');
    expect(cgroupLayout(v2, 'cpuset cpu io memory pids\n')).toEqual({
      cpu: all,
      cpuacct: all,
      memory: all,
      io: all,
      freezer: all,
    });
    expect(cgroupLayout(v2, 'memory\n')).toEqual({ cpuacct: all, memory: all, freezer: all });
  });

  it('version 1, with controllers that share a hierarchy', () => {
    expect(cgroupLayout(v1, '')).toEqual({
      cpu: at(1, '/sys/fs/cgroup/cpu,cpuacct'),
      cpuacct: at(1, '/sys/fs/cgroup/cpu,cpuacct'),
      memory: at(1, '/sys/fs/cgroup/memory'),
      io: at(1, '/sys/fs/cgroup/blkio'),
      freezer: at(1, '/sys/fs/cgroup/freezer'),
    });
  });

  it('both side by side: each controller is where it is mounted, what version 1 does not have is in the other', () => {
    const layout = cgroupLayout(joint + unified, 'memory hugetlb\n');
    expect(layout.cpu).toEqual(at(1, '/sys/fs/cgroup/cpu,cpuacct'));
    expect(layout.memory).toEqual(at(2, '/sys/fs/cgroup/unified'));
    expect(layout.freezer).toEqual(at(2, '/sys/fs/cgroup/unified'));
    expect(layout.io).toBeUndefined();
    expect(cgroupLayout(v1 + unified, 'hugetlb').freezer?.version).toBe(1);
  });

  it('blanks in a mount point are written as octal numbers', () => {
    expect(unifiedMount('cgroup2 /a\\040b cgroup2 rw 0 0\n')).toBe('/a b');
  });

  it.each(['', 'garbage', 'cgroup2 relative cgroup2 rw 0 0', 'a b'])('%j has none', (text) => {
    expect(cgroupLayout(text, 'cpu')).toEqual({});
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (mounts, controllers) => void cgroupLayout(mounts, controllers)));
  });
});
