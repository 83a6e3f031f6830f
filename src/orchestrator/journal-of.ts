// What of the orchestrator's state is to be found after a restart.
import type { JournalContent } from './journal-content.ts';
import type { NorthControls } from './north/north-controls.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { Applications } from './registry/applications.ts';

export function journalContent(
  orchestrator: Orchestrator,
  applications: Applications,
  controls: NorthControls,
): JournalContent {
  const { mode, sinceMs, causes } = orchestrator.hostMode;
  const { allocation, orders } = orchestrator.last ?? {};
  return {
    mode: { mode, sinceMs, causes },
    applications: applications.saved(),
    allocated: [...(allocation?.allocations ?? [])].map(([name, amounts]) => ({ name, amounts })),
    limited: [...(orders ?? [])]
      .filter(([, one]) => one.isSuspended || one.forced.length > 0)
      .map(([name, { forced, isSuspended }]) => ({
        name,
        forced: forced.map(({ resource, limit, sinceMs: since, cause }) => ({
          resource,
          limit,
          sinceMs: since,
          cause,
        })),
        isSuspended,
      })),
    north: controls.state(),
  };
}
