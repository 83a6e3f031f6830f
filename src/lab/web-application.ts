// An example application (DESIGN.md §5): a web server whose requests cost processor time. It tells the orchestrator what it uses, asks
// for more when it is busy, gives back what it does not use, and when it is asked to shed answers 503 to what is too much.
// node dist/lab/web-application.js --orchestrator URL --token-file FILE [--port PORT] [--work ITERATIONS] [--stubborn] [--events]
import { pbkdf2 } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { askedUse } from '../congestion/allowed-use.ts';
import { CongestionClient } from '../congestion/client.ts';
import type { ReportInput } from '../congestion/client-options.ts';
import type { Orders } from '../congestion/orders.ts';
import { CpuBudget, meterProcess } from './cpu-budget.ts';
import { type ExampleOptions, exampleArguments, isProgram, ordersEvent, runExample } from './example-process.ts';

export interface WebApplicationOptions extends ExampleOptions {
  /** Default: 0, which lets the kernel choose. */
  readonly port?: number | undefined;
  /** Rounds of hashing per request; default: 10,000, about 5 ms. */
  readonly work?: number | undefined;
  /** How often it looks at its own use, ms; default: 1000. */
  readonly lookMs?: number | undefined;
  /** After how long without work it gives back what it does not use, ms; default: 10,000. */
  readonly idleMs?: number | undefined;
}

export interface WebApplication {
  readonly url: string;
  readonly client: CongestionClient;
  figures(): {
    readonly served: number;
    readonly refused: number;
    readonly usedCores: number;
    readonly limitCores: number | undefined;
  };
  close(): Promise<void>;
}

const hash = promisify(pbkdf2);
/** As many as are worked on at once: one per thread of libuv's pool; and as many may wait as are done in about 0.1 s. */
const mostAtOnce = 4;
const mostWaiting = 64;
const leastCores = 0.1;
/** Of what is allocated: above is busy, below is idle. */
const busyRatio = 0.8;
const idleRatio = 0.4;

export async function startWebApplication(options: WebApplicationOptions): Promise<WebApplication> {
  const { name = 'web', work = 10_000, lookMs = 1000, idleMs = 10_000, onEvent } = options;
  const budget = new CpuBudget();
  const stopMeter = meterProcess(budget);
  const waiting: (() => void)[] = [];
  const counts = { offered: 0, served: 0, refused: 0, underWay: 0 };

  async function serve(response: ServerResponse): Promise<void> {
    counts.offered++;
    if (budget.isSpent || waiting.length >= mostWaiting) {
      counts.refused++;
      response.writeHead(503, { 'retry-after': '1' }).end('busy\n');
      return;
    }
    if (counts.underWay >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else counts.underWay++;
    const digest = await hash('password', 'salt', work, 32, 'sha256');
    // whoever waited longest takes our place
    const next = waiting.shift();
    if (next === undefined) counts.underWay--;
    else next();
    counts.served++;
    response.end(`${digest.toString('hex')}\n`);
  }

  const client = new CongestionClient({
    ...{ url: options.orchestrator, application: name, token: options.token },
    registration: {
      essential: true,
      priority: 3,
      minimum: { cpuCores: leastCores },
      maximum: { cpuCores: mostAtOnce },
    },
    state: reporter(budget, counts, () => waiting.length / mostWaiting),
    onOrders(orders) {
      onEvent?.(ordersEvent(orders));
      obey(orders);
    },
    onChange: (change) => onEvent?.({ event: 'client', ...change }),
  });

  function obey(orders: Orders | undefined): void {
    const limit = options.stubborn === true ? undefined : askedUse(orders).cpuCores;
    if (limit !== budget.limitCores) onEvent?.({ event: 'limit', cores: limit ?? null });
    budget.limitCores = limit;
  }

  let busyMs = performance.now();
  const look = setInterval(() => {
    const allocated = client.orders?.allocation.current.cpuCores ?? 0;
    if (budget.limitCores !== undefined || budget.usedCores > idleRatio * allocated) busyMs = performance.now();
    if (budget.limitCores !== undefined || allocated === 0) return;
    if (budget.usedCores > busyRatio * allocated) void client.request({ cpuCores: budget.usedCores / 2 });
    if (performance.now() - busyMs < idleMs) return;
    busyMs = performance.now();
    const unused = allocated - Math.max(leastCores, budget.usedCores / idleRatio);
    if (unused > 0) void client.notify({ kind: 'low-utilisation', unused: { cpuCores: unused } });
  }, lookMs);

  const server = createServer((_request, response) => void serve(response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  onEvent?.({ event: 'ready', url });
  return {
    url,
    client,
    figures: () => ({ ...counts, usedCores: budget.usedCores, limitCores: budget.limitCores }),
    async close() {
      clearInterval(look);
      stopMeter();
      server.close();
      server.closeAllConnections();
      await client.close();
    },
  };
}

interface Counts {
  readonly offered: number;
  readonly served: number;
  readonly refused: number;
}

/** What is reported: use, and rates since the last report. */
function reporter(budget: CpuBudget, counts: Counts, fillRatio: () => number): () => ReportInput {
  let before = { ...counts, atMs: performance.now() };
  return () => {
    const now = { ...counts, atMs: performance.now() };
    const rate = (of: keyof Counts): number => ((now[of] - before[of]) * 1000) / Math.max(1, now.atMs - before.atMs);
    const [requestsPerSecond, completedPerSecond] = [rate('offered'), rate('served')];
    const admittedPerSecond = Math.max(0, requestsPerSecond - rate('refused'));
    before = now;
    return {
      used: { cpuCores: budget.usedCores, memoryBytes: process.memoryUsage.rss() },
      rates: { requestsPerSecond, admittedPerSecond, completedPerSecond },
      buffers: [{ name: 'waiting', fillRatio: fillRatio() }],
    };
  };
}

if (isProgram(import.meta.url)) await runExample(async () => startWebApplication(exampleArguments(10_000)));
