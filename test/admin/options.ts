// What the admin server is handed in tests: gaps of the real store, on a clock that the test moves.
import { Registry } from 'prom-client';
import type { AdminOptions } from '../../src/admin/server.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import { OperatorOrders } from '../../src/start/operator-orders.ts';

export function optionsWith(some: Partial<AdminOptions>): AdminOptions {
  return {
    registry: new Registry(),
    ready: () => [],
    status: () => undefined,
    gaps: new OperatorOrders(new GapTable(), () => 0),
    access: { isLoopback: true, token: undefined },
    ...some,
  };
}
