// The adapters of all applications: once an interval each is told what ought to be in force, and says what its application uses. One
// that hangs keeps nobody waiting.
import type { Amounts, ResourceName } from '../congestion/amounts.ts';
import type { Log } from '../log.ts';
import type { Adapter, AdapterState, Limits } from './adapters/adapter.ts';
import { createReconciler, noLimits, type Reconciler } from './adapters/reconcile.ts';
import type { SheddingOrders } from './shedding/shedding.ts';

export interface AdapterCounts {
  /** Passes in which something was set, and passes that failed. */
  set: number;
  failed: number;
}

interface Held {
  readonly adapter: Adapter;
  readonly reconciler: Reconciler;
  readonly counts: AdapterCounts;
  /** As it was read last; undefined while it cannot be. */
  state: AdapterState | undefined;
}

const nothingYet = () => ({ counts: { set: 0, failed: 0 }, state: undefined });

export class HostAdapters {
  private readonly held: ReadonlyMap<string, Held>;
  private readonly onUse: (application: string, used: Amounts) => void;

  /** `onUse`: with what an adapter sees of its application. */
  constructor(
    adapters: ReadonlyMap<string, Adapter>,
    log: Pick<Log, 'info' | 'warn'>,
    onUse: (application: string, used: Amounts) => void,
  ) {
    this.onUse = onUse;
    this.held = new Map(
      [...adapters].map(([name, adapter]) => {
        return [name, { adapter, reconciler: createReconciler(adapter, name, log), ...nothingYet() }];
      }),
    );
  }

  /** By application. */
  get counts(): ReadonlyMap<string, AdapterCounts> {
    return new Map([...this.held].map(([name, { counts }]) => [name, counts]));
  }

  /** What its adapter read of the application last: the size of its virtual machine or group, its use, what limits it. */
  stateOf(application: string): AdapterState | undefined {
    return this.held.get(application)?.state;
  }

  /** The resources that an application can be limited in; undefined: it can only be advised. */
  canLimit(application: string): readonly ResourceName[] | undefined {
    const adapter = this.held.get(application)?.adapter;
    return adapter?.kind === 'advise' ? undefined : adapter?.canLimit;
  }

  /** Applications without orders are not limited. Resolves when all that can be done now is done; `nowMs`: monotonic. */
  async enforce(orders: ReadonlyMap<string, SheddingOrders>, nowMs: number): Promise<void> {
    await Promise.all([...this.held].map(([name, one]) => this.pass(name, one, limitsOf(orders.get(name)), nowMs)));
  }

  /** Before the process ends. The names of those whose limits could not be lifted. */
  async liftAll(): Promise<string[]> {
    const lifted = await Promise.all(
      [...this.held].map(async ([name, { reconciler }]) => ((await reconciler.liftAll()) ? [] : [name])),
    );
    return lifted.flat();
  }

  /** After that: ends what the adapters have open. */
  async close(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ adapter }) => adapter.close()));
  }

  private async pass(name: string, held: Held, wanted: Limits, nowMs: number): Promise<void> {
    const { reconciler, counts } = held;
    const result = await reconciler.reconcile(wanted, nowMs);
    if (result.outcome === 'busy') return;
    held.state = result.state;
    if (result.outcome === 'failed') counts.failed++;
    else if (result.isChanged) counts.set++;
    if (result.state !== undefined) this.onUse(name, result.state.used);
  }
}

function limitsOf(orders: SheddingOrders | undefined): Limits {
  if (orders === undefined) return noLimits;
  const limits = Object.fromEntries(orders.forced.map(({ resource, limit }) => [resource, limit]));
  return { limits, isSuspended: orders.isSuspended };
}
