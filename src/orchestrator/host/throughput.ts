// Bytes per second of disks (/proc/diskstats) and interfaces (/proc/net/dev); what an interface can carry (/sys/class/net/*/speed).
import type { ResourceSample, ResourceSampler } from './cpu-and-memory.ts';
import type { HostFiles } from './host-files.ts';
import { parseDiskstats, parseLinkSpeed, parseNetDev } from './proc-usage.ts';
import { createRate } from './rate.ts';

/** Devices that stand on others, whose bytes would count twice, or on memory. */
const virtualDisk = /^(loop|ram|zram|dm-|md|sr|fd|nbd)\d/;

/** `devices`: names as in /proc/diskstats; undefined: all whole disks of /sys/block. */
export function createDiskSampler(files: HostFiles, devices: readonly string[] | undefined): ResourceSampler {
  const rate = createRate();
  return (nowMs) => {
    const text = files.read('/proc/diskstats', 'diskBytesPerSecond');
    if (text === undefined) return {};
    const counters = parseDiskstats(text);
    const names = devices ?? wholeDisks(files);
    const absent = names.find((name) => !counters.has(name));
    if (names.length === 0 || absent !== undefined) {
      files.missing('diskBytesPerSecond', absent === undefined ? 'no disk is known' : `there is no disk ${absent}`);
      return {};
    }
    files.missing('diskBytesPerSecond', undefined);
    return { used: total(names.map((name) => rate.next(name, counters.get(name)!, nowMs))) };
  };
}

/** Names of the disks of the host, without partitions and what stands on other disks. */
export function wholeDisks(files: HostFiles): string[] {
  return files.list('/sys/block').filter((name) => !virtualDisk.test(name));
}

/**
 * `interfaces`: names; undefined: those with hardware behind them, or where there are none (containers) all but lo. A link is full when
 * one of its directions is, so the busier direction counts twice, as if the other were as busy, against twice the link's speed. Where a
 * speed is not known, neither is the maximum.
 */
export function createNetworkSampler(files: HostFiles, interfaces: readonly string[] | undefined): ResourceSampler {
  const rate = createRate();
  return (nowMs): ResourceSample => {
    const text = files.read('/proc/net/dev', 'networkBytesPerSecond');
    if (text === undefined) return {};
    const counters = parseNetDev(text);
    const names = interfaces ?? defaultInterfaces(files, [...counters.keys()]);
    const absent = names.find((name) => !counters.has(name));
    if (names.length === 0 || absent !== undefined) {
      const reason = absent === undefined ? 'no interface is known' : `there is no interface ${absent}`;
      files.missing('networkBytesPerSecond', reason);
      return {};
    }
    files.missing('networkBytesPerSecond', undefined);
    const rates = names.map((name) => {
      const received = rate.next(`${name} received`, counters.get(name)!.received, nowMs);
      const sent = rate.next(`${name} sent`, counters.get(name)!.sent, nowMs);
      return received === undefined || sent === undefined ? undefined : 2 * Math.max(received, sent);
    });
    const speeds = names.map((name) => parseLinkSpeed(files.tryRead(`/sys/class/net/${name}/speed`) ?? ''));
    const speed = total(speeds);
    return { maximum: speed === undefined ? undefined : 2 * speed, used: total(rates) };
  };
}

function defaultInterfaces(files: HostFiles, names: readonly string[]): readonly string[] {
  const others = names.filter((name) => name !== 'lo');
  const physical = others.filter((name) => files.list(`/sys/class/net/${name}/device`).length > 0);
  return physical.length > 0 ? physical : others;
}

/** Undefined where one of them is. */
function total(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
