// What the admin server is handed in tests: gaps of the real store, on a clock that the test moves.
import { Registry } from 'prom-client';
import type { AuditAction } from '../../src/admin/audit-entry.ts';
import type { AdminOptions } from '../../src/admin/server.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import { Refusals } from '../../src/admission/refusals.ts';
import type { AuditNote } from '../../src/audit-log.ts';
import { OperatorOrders } from '../../src/start/operator-orders.ts';

/** What operators order, of an edge with these switches in one group; `notes`: what the audit was told. */
export function operatorOrders(table: GapTable, now: () => number, switches: readonly string[] = ['sw1', 'sw2']) {
  const notes: AuditNote<AuditAction>[] = [];
  const changes = { count: 0 };
  const orders = new OperatorOrders({
    table,
    now,
    audit: {
      note: (note) => notes.push(note),
      entries: () => notes.map(({ seconds: _span, ...note }) => ({ at: new Date(0).toISOString(), ...note })).reverse(),
    },
    switches: () => switches.map((name) => ({ name, group: 'default', weight: 1 })),
    onChange: () => changes.count++,
  });
  return { orders, notes, changes };
}

export function optionsWith(some: Partial<AdminOptions>): AdminOptions {
  const { orders } = operatorOrders(new GapTable(), () => 0);
  return {
    registry: new Registry(),
    ready: () => [],
    status: () => undefined,
    gaps: orders,
    controls: orders,
    refusals: { last: new Refusals(0), numbers: 'full', clocks: () => ({ nowMs: 0, unixMs: 0 }) },
    ordered: () => [],
    access: { isLoopback: true, tokens: [] },
    ...some,
  };
}
