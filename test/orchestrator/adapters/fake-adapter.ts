// An adapter whose host is a table, made with the same all-or-nothing steps as the real ones, with faults at any access.
import type { Amounts, ResourceName } from '../../../src/congestion/amounts.ts';
import type { Adapter, AdapterState, Limits } from '../../../src/orchestrator/adapters/adapter.ts';
import { allOrNothing, type Step } from '../../../src/orchestrator/adapters/all-or-nothing.ts';

export interface FakeHost {
  limits: Partial<Record<ResourceName, number>>;
  isSuspended: boolean;
  used: Amounts;
  /** Called before every access; throws the fault. */
  access: (what: string) => void | Promise<void>;
  /** What comes out of a limit that is set. */
  round: (name: ResourceName, limit: number) => number;
  sets: number;
}

export const fakeHost = (): FakeHost => ({
  ...{ limits: {}, isSuspended: false, used: {}, sets: 0 },
  access: () => {},
  round: (_name, limit) => limit,
});

export const limitsOf = ({ limits, isSuspended }: Limits): Limits => ({ limits: { ...limits }, isSuspended });

export function createFakeAdapter(host: FakeHost): Adapter {
  const canLimit: ResourceName[] = ['cpuCores', 'memoryBytes'];
  const set = (name: ResourceName, limit: number | undefined): Step => {
    const before = host.limits[name];
    const write = async (to: number | undefined): Promise<void> => {
      await host.access(`set ${name}`);
      if (to === undefined) delete host.limits[name];
      else host.limits[name] = to;
      await host.access(`after ${name}`);
    };
    return {
      what: name,
      run: () => write(limit === undefined ? undefined : host.round(name, limit)),
      undo: () => write(before),
    };
  };
  return {
    kind: 'cgroup',
    canLimit,
    async read(): Promise<AdapterState> {
      await host.access('read');
      return { ...limitsOf(host), used: host.used, maximum: {} };
    },
    async apply(wanted) {
      host.sets++;
      const suspension: Step = {
        what: 'suspension',
        run: async () => {
          await host.access('set suspension');
          host.isSuspended = wanted.isSuspended;
        },
        undo: async () => {
          await host.access('set suspension');
          host.isSuspended = !wanted.isSuspended;
        },
      };
      const limits = canLimit.map((name) => set(name, wanted.limits[name]));
      await allOrNothing(host.isSuspended === wanted.isSuspended ? limits : [suspension, ...limits]);
    },
    close: () => Promise.resolve(),
  };
}
