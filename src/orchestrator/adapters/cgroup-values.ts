// The texts of control group files and the amounts they mean, both ways (cgroup-v2.rst, cgroup-v1/memory.rst, blkio-controller.rst,
// scheduler/sched-bwc.rst). Pure; text that is none of theirs gives undefined: no limit, nothing known.

/** The kernel takes no quota below 1 ms, and no period outside 1 ms to 1 s. */
const leastQuotaUs = 1000;
export const defaultPeriodUs = 100_000;
/** A group of less than this could not even be told to come down, bytes. */
const leastMemoryBytes = 1_048_576;
/** Version 1 says "no limit" as the greatest number of pages that it counts, which differs by machine; from here on, bytes. */
const unlimitedBytes = 2 ** 62;

/** cpu.max of version 2: `max 100000`, `150000 100000`. */
export function parseCpuMax(
  text: string,
): { readonly quotaUs: number | undefined; readonly periodUs: number } | undefined {
  const match = /^(max|\d{1,15}) (\d{1,15})\s*$/.exec(text);
  if (match === null) return undefined;
  const periodUs = Number(match[2]);
  if (periodUs === 0) return undefined;
  return { quotaUs: match[1] === 'max' ? undefined : Number(match[1]), periodUs };
}

/** cpu.cfs_quota_us and cpu.cfs_period_us of version 1; a quota of -1 is none. */
export function parseCfs(quota: string, period: string): ReturnType<typeof parseCpuMax> {
  const quotaUs = wholeNumber(quota);
  const periodUs = wholeNumber(period);
  if (periodUs === undefined || periodUs === 0) return undefined;
  return { quotaUs, periodUs };
}

/** Cores that a quota gives; undefined: as many as there are. */
export function coresOf(limit: ReturnType<typeof parseCpuMax>): number | undefined {
  return limit?.quotaUs === undefined ? undefined : limit.quotaUs / limit.periodUs;
}

/** The quota for so many cores, µs per period. */
export function quotaOf(cores: number, periodUs: number): number {
  return Math.max(leastQuotaUs, Math.round(cores * periodUs));
}

/** memory.high, memory.max, memory.limit_in_bytes, memory.soft_limit_in_bytes; undefined: no limit. */
export function parseMemoryLimit(text: string): number | undefined {
  const bytes = wholeNumber(text);
  return bytes === undefined || bytes >= unlimitedBytes ? undefined : bytes;
}

/** Text for one of these files. */
export function memoryLimitText(bytes: number | undefined, version: 1 | 2): string {
  if (bytes === undefined) return version === 2 ? 'max' : '-1';
  return String(Math.max(leastMemoryBytes, Math.floor(bytes)));
}

/** A file that holds one number; undefined for what is none, also where it is negative. */
export function wholeNumber(text: string): number | undefined {
  return /^\d{1,20}\s*$/.test(text) ? Number(text) : undefined;
}

/** One field of a flat keyed file (cpu.stat, memory.stat, cgroup.events). */
export function fieldOf(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : wholeNumber(line.slice(name.length + 1));
}

/** Bytes read and written, of all devices: io.stat of version 2 (`8:0 rbytes=1 wbytes=2 …`). */
export function parseIoStat(text: string): number {
  let bytes = 0;
  for (const [, digits] of text.matchAll(/\b[rw]bytes=(\d{1,18})\b/g)) bytes += Number(digits);
  return bytes;
}

/** The same of version 1: blkio.throttle.io_service_bytes (`8:0 Read 1`, `8:0 Write 2`, …). */
export function parseServiceBytes(text: string): number {
  let bytes = 0;
  for (const [, digits] of text.matchAll(/^\d+:\d+ (?:Read|Write) (\d{1,18})$/gm)) bytes += Number(digits);
  return bytes;
}

/** Of one device what io.max of version 2 lets through, bytes per second; undefined: no limit in one direction or in both. */
export function parseIoMax(text: string, device: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${device} `));
  const read = /\brbps=(\d{1,18})\b/.exec(line ?? '')?.[1];
  const written = /\bwbps=(\d{1,18})\b/.exec(line ?? '')?.[1];
  return read === undefined || written === undefined ? undefined : Number(read) + Number(written);
}

/** Of one device what a blkio.throttle.*_bps_device file of version 1 says, bytes per second. */
export function parseThrottle(text: string, device: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${device} `));
  return line === undefined ? undefined : wholeNumber(line.slice(device.length + 1));
}
