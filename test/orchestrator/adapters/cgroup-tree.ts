// Control groups on a tree that stands for `/`: the files that the kernel makes in each group, what it does when some are written, and
// faults at any access. What the real kernel does with them is tested by test/e2e/adapters.test.ts.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CgroupFiles, createCgroupFiles, FileError } from '../../../src/orchestrator/adapters/cgroup-files.ts';
import { createHostTree, type HostTree } from '../host/host-tree.ts';

export type CgroupKind = 'version 1' | 'version 2' | 'both';
export const cgroupKinds: readonly CgroupKind[] = ['version 1', 'version 2', 'both'];
export const device = '8:0';

const noBytes = '9223372036854771712\n';
/** Controller → files of a new group. */
const version1: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cpu: { 'cpu.cfs_quota_us': '-1\n', 'cpu.cfs_period_us': '100000\n', 'cpuacct.usage': '0\n' },
  memory: {
    'memory.limit_in_bytes': noBytes,
    'memory.soft_limit_in_bytes': noBytes,
    'memory.usage_in_bytes': '0\n',
    'memory.stat': 'total_inactive_file 0\ntotal_active_file 0\n',
  },
  blkio: {
    'blkio.throttle.read_bps_device': '',
    'blkio.throttle.write_bps_device': '',
    'blkio.throttle.io_service_bytes_recursive': 'Total 0\n',
  },
  freezer: { 'freezer.state': 'THAWED\n', 'freezer.self_freezing': '0\n' },
};
const version2: Readonly<Record<string, string>> = {
  'cpu.max': 'max 100000\n',
  'cpu.stat': 'usage_usec 0\n',
  'memory.high': 'max\n',
  'memory.max': 'max\n',
  'memory.current': '0\n',
  'memory.stat': 'inactive_file 0\nactive_file 0\n',
  'io.max': '',
  'io.stat': '',
  'cgroup.freeze': '0\n',
};

interface Mount {
  readonly folder: string;
  readonly line: string;
  readonly files: Readonly<Record<string, string>>;
}

function mountsOf(kind: CgroupKind): Mount[] {
  const unified: Mount = { folder: '/cg2', line: 'cgroup2 /cg2 cgroup2 rw 0 0', files: version2 };
  if (kind === 'version 2') return [unified];
  const mount = (name: string, options: string): Mount => ({
    folder: `/cg1/${name}`,
    line: `cgroup /cg1/${name} cgroup rw,${options} 0 0`,
    files: version1[name]!,
  });
  const joint = mount('cpu', 'cpu,cpuacct');
  const memory = mount('memory', 'memory');
  // As on hosts in between: processors and memory in version 1, disks and the freezer in version 2.
  if (kind === 'both') return [joint, memory, unified];
  return [joint, memory, mount('blkio', 'blkio'), mount('freezer', 'freezer')];
}

export interface CgroupTree extends HostTree {
  readonly files: CgroupFiles;
  /** Paths written since the tree was made. */
  readonly written: string[];
  /** Makes a group in all hierarchies, as its owner would. */
  addGroup(path: string): void;
  removeGroup(path: string): void;
  /** Path and text of every file of the group. */
  snapshot(path: string): Record<string, string>;
  /** The file of a group in whichever hierarchy has it. */
  fileOf(group: string, name: string): string;
  set(group: string, name: string, text: string): void;
  get(group: string, name: string): string;
  /** How many removals find a process in their group that is about to end. */
  removalsInUse: number;
  /** Called before every write; what it returns is done instead of it, or after it. */
  fault: (path: string, index: number) => { readonly error: FileError; readonly isDone: boolean } | undefined;
}

export function createCgroupTree(kind: CgroupKind): CgroupTree {
  const mounts = mountsOf(kind);
  const tree = createHostTree({
    '/proc/mounts': `${mounts.map(({ line }) => line).join('\n')}\n`,
    '/sys/block/vda/dev': `${device}\n`,
  });
  const plain = createCgroupFiles(tree.root);
  for (const { folder, line } of mounts) {
    tree.write(`${folder}/cgroup.procs`, '');
    if (!line.startsWith('cgroup2')) continue;
    tree.write(`${folder}/cgroup.controllers`, kind === 'both' ? 'io\n' : 'cpu io memory\n');
    tree.write(`${folder}/cgroup.subtree_control`, '');
  }
  const fill = (folder: string): void => {
    const mount = mounts.find((one) => folder.startsWith(`${one.folder}/`))!;
    for (const [name, text] of Object.entries(mount.files)) tree.write(`${folder}/${name}`, text);
    tree.write(`${folder}/cgroup.procs`, '');
    if (mount.folder === '/cg2') tree.write(`${folder}/cgroup.subtree_control`, '');
  };
  const text = (path: string): string => readFileSync(join(tree.root, path), 'utf8');

  const kernelWrite = async (path: string, order: string): Promise<void> => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const put = (file: string, content: string): void => writeFileSync(join(tree.root, file), content);
    if (name === 'io.max' || name.startsWith('blkio.throttle')) {
      const others = text(path)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith(`${device} `));
      const isNone = / (0|rbps=max wbps=max)$/.test(order);
      return put(path, [...others, ...(isNone ? [] : [order])].map((line) => `${line}\n`).join(''));
    }
    if (name === 'cgroup.procs') return put(path, `${text(path)}${order}\n`);
    if (name === 'cgroup.subtree_control')
      return put(path, `${text(path).trim()} ${order.replaceAll('+', '')}\n`.trim());
    await plain.write(path, name.startsWith('memory.') && order === '-1' ? noBytes : `${order}\n`);
    if (name === 'freezer.state') put(path.replace(name, 'freezer.self_freezing'), order === 'FROZEN' ? '1\n' : '0\n');
  };

  const self: CgroupTree = {
    ...tree,
    written: [],
    removalsInUse: 0,
    fault: () => undefined,
    files: {
      ...plain,
      async write(path, order) {
        const fault = self.fault(path, self.written.length);
        self.written.push(path);
        if (fault === undefined || fault.isDone) {
          // A file that is not there is none of the kernel's to make.
          await plain.read(path);
          await kernelWrite(path, order);
        }
        if (fault !== undefined) throw fault.error;
      },
      async makeFolder(path) {
        const first = await plain.makeFolder(path);
        for (let folder = path; first !== undefined && folder.startsWith(first); folder = dirname(folder)) fill(folder);
        return first;
      },
      // The kernel's files do not keep a group from being removed.
      async removeFolder(path) {
        if (self.removalsInUse > 0) {
          self.removalsInUse -= 1;
          throw new FileError('EBUSY', `${path}: in use (EBUSY)`);
        }
        if (readdirSync(join(tree.root, path), { withFileTypes: true }).some((entry) => entry.isDirectory())) {
          throw new FileError('EBUSY', `${path}: in use (EBUSY)`);
        }
        tree.remove(path);
      },
    },
    addGroup: (path) => {
      for (const { folder } of mounts) fill(`${folder}/${path}`);
    },
    removeGroup: (path) => {
      for (const { folder } of mounts) tree.remove(`${folder}/${path}`);
    },
    snapshot(path) {
      const entries = mounts.flatMap(({ folder }) =>
        readdirSync(join(tree.root, folder, path))
          .map((name) => `${folder}/${path}/${name}`)
          .filter((file) => statSync(join(tree.root, file)).isFile())
          .map((file) => [file, text(file).trim()] as const),
      );
      return Object.fromEntries(entries);
    },
    fileOf(group, name) {
      const mount = mounts.find(({ files }) => files[name] !== undefined);
      if (mount === undefined) throw new Error(`no hierarchy has ${name}`);
      return `${mount.folder}/${group}/${name}`;
    },
    set: (group, name, content) => tree.write(self.fileOf(group, name), content),
    get: (group, name) => text(self.fileOf(group, name)).trim(),
  };
  return self;
}
