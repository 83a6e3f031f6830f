// What the example applications have in common when each is a process of its own: options of the command line, the events that they
// print, and how they end.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ClientChange } from '../congestion/client-options.ts';
import type { Orders } from '../congestion/orders.ts';

export interface ExampleOptions {
  /** Of the orchestrator: `http://127.0.0.1:9465`. */
  readonly orchestrator: string;
  readonly token: string;
  /** The name that the token belongs to. */
  readonly name?: string | undefined;
  /** Does not shed, to show what the orchestrator does then. */
  readonly stubborn?: boolean | undefined;
  readonly onEvent?: ((event: ExampleEvent) => void) | undefined;
}

export type ExampleEvent =
  | { readonly event: 'orders'; readonly mode: string; readonly suspended: boolean; readonly asked: readonly Asked[] }
  | { readonly event: 'alone' }
  | { readonly event: 'limit'; readonly cores: number | null }
  | { readonly event: 'paused' | 'resumed' }
  | ({ readonly event: 'client' } & ClientChange)
  | { readonly event: 'ready'; readonly url?: string };

type Asked = { readonly kind: string; readonly cpuCores: number | null; readonly cause: string };

/** What the orders ask for; `alone`: there are none (any more). */
export function ordersEvent(orders: Orders | undefined): ExampleEvent {
  if (orders === undefined) return { event: 'alone' };
  const asked = orders.notices.map(({ kind, target, cause }) => ({ kind, cpuCores: target.cpuCores ?? null, cause }));
  const forced = orders.forced
    .filter(({ resource }) => resource === 'cpuCores')
    .map(({ limit, cause }) => ({ kind: 'forced', cpuCores: limit, cause }));
  return { event: 'orders', mode: orders.mode.mode, suspended: orders.suspended, asked: [...asked, ...forced] };
}

export interface ExampleArguments extends ExampleOptions {
  readonly port: number;
  readonly work: number;
}

/** `moduleUrl`: import.meta.url of who asks. */
export function isProgram(moduleUrl: string): boolean {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}

/** `--orchestrator URL --token-file FILE [--name NAME] [--port PORT] [--work N] [--stubborn] [--events]` */
export function exampleArguments(work: number): ExampleArguments {
  const { values } = parseArgs({
    options: {
      orchestrator: { type: 'string', default: 'http://127.0.0.1:9465' },
      'token-file': { type: 'string' },
      name: { type: 'string' },
      port: { type: 'string', default: '0' },
      work: { type: 'string', default: String(work) },
      stubborn: { type: 'boolean', default: false },
      events: { type: 'boolean', default: false },
    },
  });
  if (values['token-file'] === undefined) throw new Error('--token-file FILE is needed');
  return {
    orchestrator: values.orchestrator,
    token: readFileSync(values['token-file'], 'utf8').trim(),
    name: values.name,
    port: Number(values.port),
    work: Number(values.work),
    stubborn: values.stubborn,
    onEvent: values.events ? printEvent : undefined,
  };
}

function printEvent(event: ExampleEvent): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
}

/** Ends in order on SIGTERM and SIGINT; what is wrong at the start is one line and exit status 1. */
export async function runExample(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  try {
    const example = await start();
    const end = (): void => void example.close().finally(() => process.exit(0));
    process.once('SIGTERM', end).once('SIGINT', end);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
