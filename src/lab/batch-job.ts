// An example application that is not essential (DESIGN.md §6, L1): it burns processor time in slices, pauses when it is told to, and
// goes on afterwards with what it has in memory.
// node dist/lab/batch-job.js --orchestrator URL --token-file FILE [--work SLICES-AT-ONCE] [--stubborn] [--events]
import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { CongestionClient } from '../congestion/client.ts';
import type { Orders } from '../congestion/orders.ts';
import { CpuBudget, meterProcess } from './cpu-budget.ts';
import { type ExampleOptions, exampleArguments, isProgram, ordersEvent, runExample } from './example-process.ts';

interface BatchJobOptions extends ExampleOptions {
  /** Slices at once, 1 to 4: as many cores as it takes if it can; default: 1. */
  readonly work?: number | undefined;
}

export interface BatchJob {
  readonly client: CongestionClient;
  figures(): { readonly slices: number; readonly isPaused: boolean; readonly usedCores: number };
  close(): Promise<void>;
}

const hash = promisify(pbkdf2);
/** A slice is about 10 ms. */
const rounds = 20_000;

function startBatchJob({ name = 'batch', work = 1, ...options }: BatchJobOptions): BatchJob {
  const budget = new CpuBudget();
  const stopMeter = meterProcess(budget);
  let slices = 0;
  let isClosed = false;
  let isPaused = false;
  let resume = (): void => undefined;
  let resumed: Promise<void> | undefined;

  const client = new CongestionClient({
    ...{ url: options.orchestrator, application: name, token: options.token },
    registration: { essential: false, priority: 1, maximum: { cpuCores: work } },
    state: () => ({ used: { cpuCores: budget.usedCores, memoryBytes: process.memoryUsage.rss() } }),
    onOrders(orders) {
      options.onEvent?.(ordersEvent(orders));
      pause(options.stubborn !== true && isTold(orders));
    },
    onChange: (change) => options.onEvent?.({ event: 'client', ...change }),
  });

  function pause(shall: boolean): void {
    if (shall === isPaused) return;
    isPaused = shall;
    options.onEvent?.({ event: shall ? 'paused' : 'resumed' });
    resume();
    resumed = shall ? new Promise((resolve) => (resume = resolve)) : undefined;
    // the orchestrator waits for it
    client.urgent();
  }

  async function burn(): Promise<void> {
    while (!isClosed) {
      await resumed;
      if (isPaused || isClosed) continue;
      await hash('password', 'salt', rounds, 32, 'sha256');
      slices++;
    }
  }
  for (let i = 0; i < work; i++) void burn();
  options.onEvent?.({ event: 'ready' });

  return {
    client,
    figures: () => ({ slices, isPaused, usedCores: budget.usedCores }),
    async close() {
      isClosed = true;
      resume();
      stopMeter();
      await client.close();
    },
  };
}

/** Dumped, or asked to use less: what is not essential gives way as a whole. Without orders it runs. */
function isTold(orders: Orders | undefined): boolean {
  if (orders === undefined || orders.exempt) return false;
  return orders.suspended || orders.mode.attributes.dumpNonEssential || orders.notices.length > 0;
}

if (isProgram(import.meta.url)) await runExample(async () => startBatchJob(exampleArguments(1)));
