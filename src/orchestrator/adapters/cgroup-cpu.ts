// Processor time of a control group: cpu.max and cpu.stat of version 2, cpu.cfs_quota_us and cpuacct.usage of version 1.
import { createRate } from '../host/rate.ts';
import { type CgroupPart, type GroupFiles, leastIntervalMs, required } from './cgroup-part.ts';
import { coresOf, defaultPeriodUs, fieldOf, parseCfs, parseCpuMax, quotaOf, wholeNumber } from './cgroup-values.ts';

/** `version`: of what limits; `accountVersion`: of what counts. They may be apart, and either may be missing. */
export function createCgroupCpu(
  version: 1 | 2 | undefined,
  accountVersion: 1 | 2 | undefined,
  files: GroupFiles,
): CgroupPart {
  const rate = createRate(leastIntervalMs);
  const usedSeconds = async (): Promise<number | undefined> => {
    if (accountVersion === undefined) return undefined;
    if (accountVersion === 1) return scaled(wholeNumber((await files.text('cpuacct', 'cpuacct.usage')) ?? ''), 1e-9);
    return scaled(fieldOf((await files.text('cpuacct', 'cpu.stat')) ?? '', 'usage_usec'), 1e-6);
  };
  return {
    resource: 'cpuCores',
    canLimit: version !== undefined,
    async limit() {
      if (version === 2) return coresOf(parseCpuMax((await files.text('cpu', 'cpu.max')) ?? ''));
      const quota = (await files.text('cpu', 'cpu.cfs_quota_us')) ?? '';
      return coresOf(parseCfs(quota, (await files.text('cpu', 'cpu.cfs_period_us')) ?? ''));
    },
    async writes(limit) {
      if (version === undefined && limit === undefined) return [];
      const name = version === 2 ? 'cpu.max' : 'cpu.cfs_quota_us';
      const path = files.path('cpu', name);
      const now = await files.text('cpu', name);
      if (now === undefined && limit === undefined) return [];
      const undo = required(now, path).trim();
      // The period stays as it is: who has set it knows how long this application can be without a processor.
      if (version === 2) {
        const periodUs = parseCpuMax(undo)?.periodUs ?? defaultPeriodUs;
        const quota = limit === undefined ? 'max' : quotaOf(limit, periodUs);
        return [{ path, text: `${quota} ${periodUs}`, undo }];
      }
      const periodUs = wholeNumber((await files.text('cpu', 'cpu.cfs_period_us')) ?? '') ?? defaultPeriodUs;
      return [{ path, text: limit === undefined ? '-1' : String(quotaOf(limit, periodUs)), undo }];
    },
    async used(nowMs) {
      const seconds = await usedSeconds();
      return seconds === undefined ? undefined : rate.next('cpu', seconds, nowMs);
    },
    above() {
      if (version === 2) return files.leastAbove('cpu', 'cpu.max', (text) => coresOf(parseCpuMax(text)));
      return files.leastAbove('cpu', 'cpu.cfs_quota_us', async (quota, folder) =>
        coresOf(parseCfs(quota, await files.read(`${folder}/cpu.cfs_period_us`))),
      );
    },
  };
}

const scaled = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;
