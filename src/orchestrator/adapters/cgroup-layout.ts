// Which hierarchy of control groups does what on this machine: each controller is either in one of version 1, or in the unified one
// of version 2 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/). Hosts may have both side by side. Pure.

/** What we use of them. `freezer` is a controller of version 1; in version 2 every group has it. */
export const cgroupControllers = ['cpu', 'cpuacct', 'memory', 'io', 'freezer'] as const;
export type CgroupController = (typeof cgroupControllers)[number];

export interface CgroupMount {
  readonly version: 1 | 2;
  /** Absolute path. */
  readonly mountPoint: string;
}
export type CgroupLayout = Readonly<Partial<Record<CgroupController, CgroupMount>>>;

/** Names of the controllers as the kernel has them. Of version 2 cpu accounts for processor time without being asked. */
const version1Names: Record<CgroupController, string> = {
  cpu: 'cpu',
  cpuacct: 'cpuacct',
  memory: 'memory',
  io: 'blkio',
  freezer: 'freezer',
};

/** Where the unified hierarchy is mounted, from /proc/mounts. */
export function unifiedMount(mounts: string): string | undefined {
  return mountsOf(mounts).find(({ type }) => type === 'cgroup2')?.mountPoint;
}

/**
 * `mounts`: /proc/mounts; `unifiedControllers`: cgroup.controllers of the root of the unified hierarchy, '' without one. Controllers
 * that are mounted nowhere are left out.
 */
export function cgroupLayout(mounts: string, unifiedControllers: string): CgroupLayout {
  const all = mountsOf(mounts);
  const unified = all.find(({ type }) => type === 'cgroup2')?.mountPoint;
  const inUnified = new Set(unifiedControllers.trim().split(/\s+/));
  const layout: Partial<Record<CgroupController, CgroupMount>> = {};
  for (const controller of cgroupControllers) {
    const name = version1Names[controller];
    const own = all.find(({ type, options }) => type === 'cgroup' && options.includes(name))?.mountPoint;
    if (own !== undefined) layout[controller] = { version: 1, mountPoint: own };
    else if (unified !== undefined && isUnified(controller, inUnified)) {
      layout[controller] = { version: 2, mountPoint: unified };
    }
  }
  return layout;
}

function isUnified(controller: CgroupController, inUnified: ReadonlySet<string>): boolean {
  // Every group of version 2 counts its processor time and can be frozen, with or without controllers.
  return controller === 'freezer' || controller === 'cpuacct' || inUnified.has(controller);
}

interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** fstab(5): device, mount point, type, options; blanks in a mount point are written as \040. */
function mountsOf(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, mountPoint, type, options] = line.split(' ');
    if (mountPoint === undefined || type === undefined || !mountPoint.startsWith('/')) return [];
    const path = mountPoint.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    return [{ mountPoint: path, type, options: options?.split(',') ?? [] }];
  });
}
