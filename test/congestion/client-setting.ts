// A client against a fake orchestrator, and what the client told.
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';
import { CongestionClient } from '../../src/congestion/client.ts';
import type { ClientChange, ClientOptions } from '../../src/congestion/client-options.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { application, FakeOrchestrator, token } from './fake-orchestrator.ts';

export interface Setting {
  readonly fake: FakeOrchestrator;
  readonly client: CongestionClient;
  readonly given: (Orders | undefined)[];
  readonly changes: ClientChange[];
}

export async function startFake(name?: string): Promise<FakeOrchestrator> {
  const fake = await new FakeOrchestrator(name).start();
  onTestFinished(() => fake.stop());
  return fake;
}

/** Reports every 100 ms, and waits 500 ms for answers. */
export function startClient(url: string | string[], options: Partial<ClientOptions> = {}): Omit<Setting, 'fake'> {
  const given: (Orders | undefined)[] = [];
  const changes: ClientChange[] = [];
  const client = new CongestionClient({
    ...{ url, application, token, reportMs: 100, timeoutMs: 500 },
    onOrders: (orders) => given.push(orders),
    onChange: (change) => changes.push(change),
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, given, changes };
}

export async function startSetting(
  options: Partial<ClientOptions> = {},
  prepare: (fake: FakeOrchestrator) => void = () => undefined,
): Promise<Setting> {
  const fake = await startFake();
  prepare(fake);
  return { fake, ...startClient(fake.url, options) };
}

/** For all tests of a file: no promise is rejected unnoticed, and no event throws. */
export function expectNothingUnhandled(): void {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note).on('uncaughtException', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note).off('uncaughtException', note);
    expect(unhandled).toEqual([]);
  });
}
