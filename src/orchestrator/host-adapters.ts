// The adapters of all applications: once an interval each is told what ought to be in force, and says what its application uses. One
// that hangs keeps nobody waiting.
import type { Amounts, ResourceName } from '../congestion/amounts.ts';
import type { Log } from '../log.ts';
import type { Adapter, Limits } from './adapters/adapter.ts';
import { createReconciler, noLimits, type Reconciler } from './adapters/reconcile.ts';
import type { SheddingOrders } from './shedding/shedding.ts';

export interface AdapterCounts {
  /** Passes in which something was set, and passes that failed. */
  set: number;
  failed: number;
}

export class HostAdapters {
  private readonly adapters: readonly Adapter[];
  private readonly reconcilers = new Map<string, Reconciler>();
  private readonly limits = new Map<string, readonly ResourceName[] | undefined>();
  readonly counts = new Map<string, AdapterCounts>();
  private readonly onUse: (application: string, used: Amounts) => void;

  /** `onUse`: with what an adapter sees of its application. */
  constructor(
    adapters: ReadonlyMap<string, Adapter>,
    log: Pick<Log, 'info' | 'warn'>,
    onUse: (application: string, used: Amounts) => void,
  ) {
    this.onUse = onUse;
    this.adapters = [...adapters.values()];
    for (const [name, adapter] of adapters) {
      this.reconcilers.set(name, createReconciler(adapter, name, log));
      this.limits.set(name, adapter.kind === 'advise' ? undefined : adapter.canLimit);
      this.counts.set(name, { set: 0, failed: 0 });
    }
  }

  /** The resources that an application can be limited in; undefined: it can only be advised. */
  canLimit(application: string): readonly ResourceName[] | undefined {
    return this.limits.get(application);
  }

  /** Applications without orders are not limited. Resolves when all that can be done now is done; `nowMs`: monotonic. */
  async enforce(orders: ReadonlyMap<string, SheddingOrders>, nowMs: number): Promise<void> {
    await Promise.all(
      [...this.reconcilers].map(([name, one]) => this.pass(name, one, limitsOf(orders.get(name)), nowMs)),
    );
  }

  /** Before the process ends. The names of those whose limits could not be lifted. */
  async liftAll(): Promise<string[]> {
    const lifted = await Promise.all(
      [...this.reconcilers].map(async ([name, one]) => ((await one.liftAll()) ? [] : [name])),
    );
    return lifted.flat();
  }

  /** After that: ends what the adapters have open. */
  async close(): Promise<void> {
    await Promise.all(this.adapters.map((adapter) => adapter.close()));
  }

  private async pass(name: string, reconciler: Reconciler, wanted: Limits, nowMs: number): Promise<void> {
    const result = await reconciler.reconcile(wanted, nowMs);
    if (result.outcome === 'busy') return;
    const counts = this.counts.get(name)!;
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
