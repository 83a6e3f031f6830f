// Two applications of a host of which most tests of allocation tell.
import { applicationOf } from './application-of.ts';

export const edge = applicationOf('edge', {
  priority: 8,
  maximum: { cpuCores: 60 },
  minimum: { cpuCores: 10 },
  used: { cpuCores: 20 },
});
export const web = applicationOf('web', {
  priority: 5,
  maximum: { cpuCores: 40 },
  minimum: { cpuCores: 4 },
  used: { cpuCores: 12 },
});
