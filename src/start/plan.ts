// The dial plan that a configuration names, with the check that needs both: every group of switches that it routes to exists.
import { type Dialplan, groupsOf } from '../classify/plan.ts';
import type { Config } from '../config/schema.ts';
import { loadDialplan } from '../dialplan/load.ts';

/** `faults`: one line each, never empty. */
export function loadPlan(config: Config): { plan: Dialplan } | { faults: string[] } {
  const loaded = loadDialplan(config.dialplan);
  if ('faults' in loaded) return loaded;
  const groups = new Set(config.switches.map((one) => one.group));
  const allowed = [...groups].join(', ');
  const faults = groupsOf(loaded.plan)
    .filter((group) => !groups.has(group))
    .map(
      (group) =>
        `${config.dialplan}: route: value "${group}" is not allowed; allowed: a group of the switches: ${allowed}`,
    );
  return faults.length > 0 ? { faults } : loaded;
}
