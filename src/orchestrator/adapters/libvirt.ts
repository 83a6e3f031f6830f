// The adapter for a virtual machine of libvirt, through virsh(1). What is changed is only the running machine (--live); its own
// configuration says how large it is without us, so that nothing has to be remembered to put it back.
//
//   cpuCores      the quota of its virtual processors where the hypervisor has one; else how many of them it has, whole ones only
//   memoryBytes   the balloon: it takes effect as far and as soon as the guest gives memory up
//   suspension    suspend and resume; only one that somebody asked for is taken back, not one of a migration or a fault
import { byResource } from '../../congestion/amounts.ts';
import { createRate } from '../host/rate.ts';
import type { Adapter, AdapterState, Limits } from './adapter.ts';
import type { LibvirtConfig } from './adapter-config.ts';
import { allOrNothing, type Step } from './all-or-nothing.ts';
import { leastIntervalMs } from './cgroup-part.ts';
import { type Machine, readMachine } from './libvirt-machine.ts';
import { isBelow } from './limit-difference.ts';
import { createVirshSession, type VirshOptions, type VirshSession } from './virsh-session.ts';

export interface LibvirtOptions extends Pick<VirshOptions, 'program' | 'timeoutMs'> {
  /** ms of a clock that never goes back. */
  readonly nowMs?: () => number;
  readonly virsh?: VirshSession;
}

const domainName = /^[A-Za-z0-9_][A-Za-z0-9_.+:@-]{0,127}$/;
const uriForm = /^[a-z][a-z0-9+]*:\/\/[^\s;'"\\]*$/;
/** The kernel takes no quota below 1 ms. */
const leastQuotaUs = 1000;
/** Memory that is left to a guest above what it needs. */
const headroomRatio = 1 / 16;

/** Throws one line for a name or URI that is none. */
export function createLibvirtAdapter(config: LibvirtConfig, options: LibvirtOptions = {}): Adapter {
  const { domain, uri } = config;
  if (!domainName.test(domain)) throw new Error(`"${domain}" is no name of a virtual machine: letters, digits, _.+:@-`);
  if (!uriForm.test(uri)) throw new Error(`"${uri}" is no URI of a hypervisor, such as qemu:///system`);
  const { program, timeoutMs, nowMs = () => performance.now() } = options;
  const virsh =
    options.virsh ??
    createVirshSession({
      uri,
      ...(program !== undefined && { program }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  const rate = createRate(leastIntervalMs);

  const command = (what: string, words: readonly string[], back: readonly string[]): Step => ({
    what,
    run: async () => void (await virsh.run(words)),
    undo: async () => void (await virsh.run(back)),
  });

  const cpuStep = ({ quota, vcpus, size }: Machine, cores: number | undefined): Step[] => {
    if (quota !== undefined) {
      const each = cores === undefined ? -1 : Math.max(leastQuotaUs, Math.round((cores / vcpus) * quota.periodUs));
      const order = (us: number): string[] => ['schedinfo', '--live', domain, '--set', `vcpu_quota=${us}`];
      const now = quota.quotaUs ?? -1;
      return each === now ? [] : [command(`vcpu_quota of ${domain}`, order(each), order(now))];
    }
    const count = cores === undefined ? size.vcpus : Math.min(size.vcpus, Math.max(1, Math.floor(cores)));
    const order = (vcpus: number): string[] => ['setvcpus', domain, String(vcpus), '--live'];
    return count === vcpus ? [] : [command(`vCPUs of ${domain}`, order(count), order(vcpus))];
  };

  const memoryStep = ({ balloon, size }: Machine, bytes: number | undefined): Step[] => {
    if (balloon === undefined) {
      if (bytes === undefined) return [];
      throw new Error(`the virtual machine ${domain} has no memory balloon`);
    }
    // A guest that gets less than it needs kills its processes; of one that does not tell what it needs nothing is taken.
    const least = balloon.needed === undefined ? balloon.actual : balloon.needed * (1 + headroomRatio);
    const wanted = bytes === undefined ? size.memoryBytes : Math.min(size.memoryBytes, Math.max(bytes, least));
    const order = (to: number): string[] => ['setmem', domain, String(Math.floor(to / 1024)), '--live'];
    const isSame = Math.floor(wanted / 1024) === Math.floor(balloon.actual / 1024);
    return isSame ? [] : [command(`memory of ${domain}`, order(wanted), order(balloon.actual))];
  };

  const suspendStep = ({ isSuspended }: Machine, wanted: boolean): Step[] => {
    if (isSuspended === wanted) return [];
    const [order, back] = wanted ? ['suspend', 'resume'] : ['resume', 'suspend'];
    return [command(`${order} ${domain}`, [order!, domain], [back!, domain])];
  };

  return {
    kind: 'libvirt',
    canLimit: ['cpuCores', 'memoryBytes'],
    async read(): Promise<AdapterState> {
      const machine = await readMachine(virsh, domain);
      const { vcpus, quota, balloon, size, isSuspended, cpuSeconds, diskBytes, networkBytes } = machine;
      // With quotas the number of processors is not ours to change, so it is the size.
      const cpuSize = quota === undefined ? size.vcpus : vcpus;
      const cpuLimit = quota?.quotaUs === undefined ? vcpus : (vcpus * quota.quotaUs) / quota.periodUs;
      const sizes = { cpuCores: cpuSize, memoryBytes: size.memoryBytes };
      const now = { cpuCores: cpuLimit, memoryBytes: balloon?.actual };
      const atMs = nowMs();
      const perSecond = (name: string, counter: number | undefined): number | undefined =>
        counter === undefined ? undefined : rate.next(name, counter, atMs);
      const used = {
        cpuCores: perSecond('cpu', cpuSeconds),
        memoryBytes: balloon?.needed ?? balloon?.actual,
        diskBytes: undefined,
        diskBytesPerSecond: perSecond('disk', diskBytes),
        networkBytesPerSecond: perSecond('network', networkBytes),
      };
      return {
        limits: byResource((name) =>
          (name === 'cpuCores' || name === 'memoryBytes') && isBelow(name, now[name], sizes[name])
            ? now[name]
            : undefined,
        ),
        isSuspended,
        used: byResource((name) => used[name]),
        maximum: sizes,
      };
    },
    async apply({ limits, isSuspended }: Limits) {
      const machine = await readMachine(virsh, domain);
      const size = [...cpuStep(machine, limits.cpuCores), ...memoryStep(machine, limits.memoryBytes)];
      const state = suspendStep(machine, isSuspended);
      // A guest that stands still gives up neither processors nor memory: it is limited while it runs.
      await allOrNothing(isSuspended ? [...size, ...state] : [...state, ...size]);
    },
    close: () => virsh.close(),
  };
}
