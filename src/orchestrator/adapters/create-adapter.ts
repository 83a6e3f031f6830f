// Makes the adapter that configuration names.
import type { Adapter } from './adapter.ts';
import type { AdapterConfig } from './adapter-config.ts';
import { createAdviseAdapter } from './advise.ts';
import { createCgroupAdapter } from './cgroup.ts';
import { createLibvirtAdapter } from './libvirt.ts';

/** Throws one line where configuration names something that cannot be; what is only not there yet is said by `read`. */
export function createAdapter(config: AdapterConfig): Adapter {
  switch (config.kind) {
    case 'cgroup':
      return createCgroupAdapter(config);
    case 'libvirt':
      return createLibvirtAdapter(config);
    case 'advise':
      return createAdviseAdapter(config);
    default:
      return config satisfies never;
  }
}
