// Disk throughput of a control group: io.max and io.stat of version 2, blkio.throttle.* of version 1. The kernel limits each direction
// of each disk by itself; so that all of them together stay within the limit, each gets its part of it.
import { createRate } from '../host/rate.ts';
import { type CgroupPart, type CgroupWrite, type GroupFiles, leastIntervalMs, required } from './cgroup-part.ts';
import { parseIoMax, parseIoStat, parseServiceBytes, parseThrottle } from './cgroup-values.ts';

const throttles = ['blkio.throttle.read_bps_device', 'blkio.throttle.write_bps_device'] as const;

/** `devices`: `major:minor`, at least one. */
export function createCgroupIo(version: 1 | 2, devices: readonly string[], files: GroupFiles): CgroupPart {
  const rate = createRate(leastIntervalMs);

  const limits = async (): Promise<(number | undefined)[]> => {
    if (version === 2) {
      const text = (await files.text('io', 'io.max')) ?? '';
      return devices.map((device) => parseIoMax(text, device));
    }
    const texts = await Promise.all(throttles.map(async (name) => (await files.text('io', name)) ?? ''));
    return devices.flatMap((device) => texts.map((text) => parseThrottle(text, device)));
  };

  const writesUnified = async (part: number | undefined): Promise<CgroupWrite[]> => {
    const path = files.path('io', 'io.max');
    const now = await files.text('io', 'io.max');
    if (now === undefined && part === undefined) return [];
    const lines = required(now, path).split('\n');
    return devices.map((device) => ({
      path,
      text: `${device} rbps=${part ?? 'max'} wbps=${part ?? 'max'}`,
      undo: lines.find((line) => line.startsWith(`${device} `)) ?? `${device} rbps=max wbps=max`,
    }));
  };

  const writesThrottle = async (name: string, part: number | undefined): Promise<CgroupWrite[]> => {
    const path = files.path('io', name);
    const now = await files.text('io', name);
    if (now === undefined && part === undefined) return [];
    const text = required(now, path);
    // 0 is no limit (cgroup-v1/blkio-controller.rst).
    return devices.map((device) => ({
      path,
      text: `${device} ${part ?? 0}`,
      undo: `${device} ${parseThrottle(text, device) ?? 0}`,
    }));
  };

  return {
    resource: 'diskBytesPerSecond',
    canLimit: true,
    async limit() {
      let sum = 0;
      for (const limit of await limits()) {
        if (limit === undefined) return undefined;
        sum += limit;
      }
      return sum;
    },
    async writes(limit) {
      // At least a page per second: 0 would be no limit in version 1 and is refused in version 2.
      const part = limit === undefined ? undefined : Math.max(4096, Math.floor(limit / (2 * devices.length)));
      if (version === 2) return writesUnified(part);
      return (await Promise.all(throttles.map((name) => writesThrottle(name, part)))).flat();
    },
    async used(nowMs) {
      const name = version === 2 ? 'io.stat' : 'blkio.throttle.io_service_bytes_recursive';
      const text = (await files.text('io', name)) ?? (await files.text('io', 'blkio.throttle.io_service_bytes'));
      if (text === undefined) return undefined;
      return rate.next('io', version === 2 ? parseIoStat(text) : parseServiceBytes(text), nowMs);
    },
    // The limits of groups above are of each direction and disk, and say little about the sum.
    above: () => Promise.resolve(undefined),
  };
}
