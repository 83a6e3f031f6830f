// Reads what virsh writes. Pure; what is not there, or is no number, gives undefined.

/** domstats: one `name=value` a line. */
export function parseDomstats(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [, name, digits] of text.matchAll(/^ *([a-z][\w.-]*)=(\d{1,20}) *$/gm)) values.set(name!, Number(digits));
  return values;
}

/** The sum over all devices of a kind: `block.0.rd.bytes`, `block.1.rd.bytes`, …; undefined where there is none. */
export function sumOf(values: ReadonlyMap<string, number>, name: RegExp): number | undefined {
  let sum: number | undefined;
  for (const [key, value] of values) if (name.test(key)) sum = (sum ?? 0) + value;
  return sum;
}

export interface BalloonBytes {
  readonly actual: number;
  /** What the guest could not give back; undefined where the guest does not tell. */
  readonly needed: number | undefined;
}

/** `actual` and `usable` (or `unused`) in KiB: of dommemstat, `actual 2097152`; of domstats, `balloon.current=2097152`. */
export function balloonOf(actual: number | undefined, usable: number | undefined): BalloonBytes | undefined {
  if (actual === undefined) return undefined;
  return { actual: actual * 1024, needed: usable === undefined ? undefined : Math.max(0, actual - usable) * 1024 };
}

export function parseMemstat(text: string): BalloonBytes | undefined {
  const value = (name: string): number | undefined => numberIn(text, new RegExp(`^${name} (\\d{1,15}) *$`, 'm'));
  return balloonOf(value('actual'), value('usable') ?? value('unused'));
}

/** cpu-stats --total: seconds of processor time since the machine was started. */
export function parseCpuSeconds(text: string): number | undefined {
  return numberIn(text, /^\s*cpu_time\s+(\d{1,12}(?:\.\d{1,9})?) seconds *$/m);
}

export interface VcpuQuota {
  /** Of each virtual processor, µs per period; undefined: no limit. */
  readonly quotaUs: number | undefined;
  readonly periodUs: number;
}

/** What libvirt says where a quota is not limited, besides -1 and 0: the greatest that its unit holds. */
const unlimitedQuotaUs = 1e15;

/** schedinfo; undefined where the hypervisor has no quota (no control groups, or the test driver). */
export function parseSchedinfo(text: string): VcpuQuota | undefined {
  const quota = numberIn(text, /^vcpu_quota *: *(-?\d{1,20}) *$/m);
  const periodUs = numberIn(text, /^vcpu_period *: *(\d{1,10}) *$/m);
  if (quota === undefined || periodUs === undefined || periodUs === 0) return undefined;
  return { quotaUs: quota <= 0 || quota >= unlimitedQuotaUs ? undefined : quota, periodUs };
}

/** A command whose answer is one number on a line of its own (vcpucount with two options). */
export const parseCount = (text: string): number | undefined => numberIn(text, /^ *(\d{1,6}) *$/m);

/** dumpxml --inactive: the size that the machine is started with, without anything that was done to it since. */
export function parseSize(xml: string): { readonly vcpus: number; readonly memoryBytes: number } | undefined {
  const vcpu = /<vcpu\b([^>]*)>(\d{1,6})<\/vcpu>/.exec(xml);
  const memory = /<currentMemory\b([^>]*)>(\d{1,15})<\/currentMemory>/.exec(xml);
  if (vcpu === null || memory === null) return undefined;
  const current = /\bcurrent=['"](\d{1,6})['"]/.exec(vcpu[1]!)?.[1];
  // What dumpxml writes is in KiB always.
  return { vcpus: Number(current ?? vcpu[2]), memoryBytes: Number(memory[2]) * 1024 };
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
