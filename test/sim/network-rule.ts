// A simulated network as data: who calls, what answers, and what happens to it.
import type { SourceRule } from './call.ts';
import type { CalleeRule } from './callees.ts';
import type { RegistrationRule } from './registrations.ts';
import type { SimSwitchRule } from './sim-switch.ts';

export interface NetworkRule {
  readonly seconds: number;
  /** Sources are counted, and steady figures taken, from here on. */
  readonly countFromSeconds: number;
  readonly sources: readonly SourceRule[];
  readonly switches: readonly SimSwitchRule[];
  readonly edges: number;
  readonly configuredPerSecond: number | undefined;
  readonly callees: CalleeRule;
  /** Changes of a switch's speed. */
  readonly speeds: readonly { readonly atSeconds: number; readonly switchIndex: number; readonly speed: number }[];
  readonly registrations: RegistrationRule | undefined;
}
