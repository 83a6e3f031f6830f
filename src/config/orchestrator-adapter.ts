// How the use of an application is seen and limited from outside: each kind of adapter has keys of its own.
import type * as z from 'zod';
import type { AdapterConfig } from '../orchestrator/adapters/adapter-config.ts';
import { flag, list, oneOf, path, section, whole } from './fields.ts';
import { quantities } from './quantity.ts';

/** The first of each, if `kind` is not `advise`, is needed. */
const keysOf = {
  advise: ['pids'],
  cgroup: ['path', 'create', 'pids', 'memory', 'baseline', 'devices'],
  libvirt: ['domain', 'uri'],
} as const;
const kinds = ['advise', 'cgroup', 'libvirt'] as const;

const read = section({
  kind: oneOf(kinds).default('advise').meta({
    description:
      '`advise`: it is only asked; `cgroup`: a control group (version 1 or 2); `libvirt`: a virtual machine, through virsh',
  }),
  pids: list(whole('process', 1, 4_194_304))
    .optional()
    .meta({ description: '`advise`: processes whose use is seen; `cgroup`: those that are moved into the group' }),
  path: path().optional().meta({
    description: '`cgroup`: the group, below the root of the hierarchies, as system.slice/web.service',
  }),
  create: flag().optional().meta({
    description: '`cgroup`: make the group where there is none, and remove it at the end; default: false',
  }),
  memory: oneOf(['soft', 'hard']).optional().meta({
    description:
      '`cgroup`: `soft`, the default: what grows past its limit is slowed down and reclaimed; `hard`: it is killed by the kernel',
  }),
  baseline: quantities()
    .optional()
    .meta({ description: '`cgroup`: limits of others, put back when ours are lifted; default: none' }),
  devices: list(path()).optional().meta({
    description: '`cgroup`: MAJOR:MINOR of the disks that diskBytesPerSecond is divided among; default: all',
  }),
  domain: path().optional().meta({ description: '`libvirt`: name of the virtual machine' }),
  uri: path().optional().meta({ description: '`libvirt`: of the hypervisor; default: qemu:///system' }),
});

export const adapter = read.prefault({}).transform(adapterOf);

function adapterOf(written: z.output<typeof read>, context: z.RefinementCtx): AdapterConfig {
  const { kind, path, create, pids, memory, baseline, devices, domain, uri = 'qemu:///system' } = written;
  const own: readonly string[] = keysOf[kind];
  for (const [key, value] of Object.entries(written)) {
    if (key === 'kind' || value === undefined || own.includes(key)) continue;
    context.issues.push({
      code: 'custom',
      path: [key],
      message: `allowed: nothing, as \`kind\` is ${kind}`,
      input: value,
    });
  }
  const needed = keysOf[kind][0];
  if (kind !== 'advise' && written[needed] === undefined) {
    const message = `allowed: what \`kind: ${kind}\` needs`;
    context.issues.push({ code: 'custom', path: [needed], message, input: undefined });
  }
  if (kind === 'libvirt') return { kind, domain: domain ?? '', uri };
  const processes = pids === undefined ? {} : { pids };
  if (kind === 'advise') return { kind, ...processes };
  return {
    kind,
    path: path ?? '',
    ...processes,
    ...(create === undefined ? {} : { create }),
    ...(memory === undefined ? {} : { memory }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(devices === undefined ? {} : { devices }),
  };
}
