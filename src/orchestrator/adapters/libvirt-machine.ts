// Reads the state of a virtual machine: how large it is in its configuration and now, whether it runs, what it has used.

import {
  type BalloonBytes,
  balloonOf,
  parseCount,
  parseCpuSeconds,
  parseDomstats,
  parseMemstat,
  parseSchedinfo,
  parseSize,
  sumOf,
  type VcpuQuota,
} from './libvirt-texts.ts';
import type { VirshSession } from './virsh-session.ts';

export interface Machine {
  /** By somebody's order, perhaps ours. */
  readonly isSuspended: boolean;
  readonly vcpus: number;
  readonly quota: VcpuQuota | undefined;
  readonly balloon: BalloonBytes | undefined;
  /** What it is started with. */
  readonly size: { readonly vcpus: number; readonly memoryBytes: number };
  /** Since it was started; undefined where the hypervisor does not tell. */
  readonly cpuSeconds: number | undefined;
  readonly diskBytes: number | undefined;
  readonly networkBytes: number | undefined;
}

/** virDomainState of libvirt, and the reason of a pause that a user asked for. */
const states = ['no state', 'running', 'blocked', 'paused', 'shutting down', 'shut off', 'crashed', 'asleep'];
const pausedByUser = 1;

/** Rejects with one line where there is no such machine, it does not run, or virsh fails or answers something else. */
export async function readMachine(virsh: VirshSession, domain: string): Promise<Machine> {
  const values = parseDomstats(await virsh.run(['domstats', '--nowait', domain]));
  const state = states[values.get('state.state') ?? -1];
  if (state === undefined) throw new Error(`virsh domstats ${domain}: no state in its answer`);
  if (['shut off', 'crashed', 'asleep'].includes(state)) throw new Error(`the virtual machine ${domain} is ${state}`);

  const size = parseSize(await virsh.run(['dumpxml', '--inactive', domain]));
  const vcpus = parseCount(await virsh.run(['vcpucount', '--current', '--live', domain]));
  if (size === undefined || vcpus === undefined) throw new Error(`virsh: the size of ${domain} is not understood`);

  const seconds = values.get('cpu.time');
  const usable = values.get('balloon.usable') ?? values.get('balloon.unused');
  const read = sumOf(values, /^block\.\d+\.rd\.bytes$/);
  const written = sumOf(values, /^block\.\d+\.wr\.bytes$/);
  const received = sumOf(values, /^net\.\d+\.rx\.bytes$/);
  const sent = sumOf(values, /^net\.\d+\.tx\.bytes$/);
  return {
    isSuspended: state === 'paused' && values.get('state.reason') === pausedByUser,
    vcpus,
    // Hypervisors without quotas answer with an error, or without one; both mean that there is none.
    quota: parseSchedinfo(await orNothing(virsh.run(['schedinfo', '--live', domain]))),
    balloon:
      balloonOf(values.get('balloon.current'), usable) ??
      parseMemstat(await orNothing(virsh.run(['dommemstat', domain]))),
    size,
    cpuSeconds:
      seconds === undefined
        ? parseCpuSeconds(await orNothing(virsh.run(['cpu-stats', domain, '--total'])))
        : seconds / 1e9,
    diskBytes: both(read, written),
    networkBytes: both(received, sent),
  };
}

const both = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

const orNothing = (answer: Promise<string>): Promise<string> => answer.catch(() => '');
