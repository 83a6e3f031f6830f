// The dial plan as the hot path uses it: compiled digit tables and the rules that they lead to. Made by
// `dialplan/load.ts`; a value, replaced as a whole on reload.
import type { InterfaceName } from '../transport/flow.ts';
import type { PriorityOrder } from './priority-order.ts';

export const ruleClasses = ['emergency', 'priority', 'ordinary', 'non-essential'] as const;

/** What a rule makes of a call; `ordinary` leaves it the class of its method. */
export type RuleClass = (typeof ruleClasses)[number];

/** How the called number is rewritten: the first `strip` digits go, then `prefix` is put in front. */
export interface DigitTreatment {
  readonly strip: number;
  readonly prefix: string;
  /** Instead of both: the whole new number. */
  readonly replace: string | undefined;
}

/** The final response that a number gets: a vacant code, an incomplete number. */
export interface PlanRefusal {
  /** 400 to 699. */
  readonly status: number;
  readonly reason: string;
}

export interface DialRule {
  /** What the rule is for, in the words of the file; for logs. */
  readonly name: string;
  readonly class: RuleClass;
  /** The switch group that gets the call. */
  readonly route: string;
  readonly treatment: DigitTreatment | undefined;
  /** A Request-URI that replaces the caller's: an announcement at the switch group; '' for none. */
  readonly announce: string;
  /** The r-value (RFC 4412 §3.1) that the edge puts into the request; '' for none. */
  readonly insertResourcePriority: string;
  /** Its rank in the plan's order; 0 for none. */
  readonly insertRank: number;
  readonly refuse: PlanRefusal | undefined;
}

export interface Dialplan {
  readonly name: string;
  /** In the order of the file; then `sos` and `otherwise`. A `route` of a Classification is an index into these. */
  readonly rules: readonly DialRule[];
  /** The rule of urn:service:sos (RFC 5031). */
  readonly sosRule: number;
  /** The rule of what nothing else matches: names such as sip:bob@example.com, unknown numbers. */
  readonly otherwiseRule: number;
  /** One table for each interface, as `digit-table.ts` reads it. */
  readonly tables: Readonly<Record<InterfaceName, Int32Array>>;
  readonly priorities: PriorityOrder;
}

/** The rule behind a Classification's `route`; -1 is the rule for everything else. */
export function ruleOf(plan: Dialplan, route: number): DialRule {
  return plan.rules[route < 0 ? plan.otherwiseRule : route]!;
}

/** The switch groups that the plan names, each once: all must exist among the configured switches. */
export function groupsOf(plan: Dialplan): string[] {
  return [...new Set(plan.rules.filter((rule) => rule.refuse === undefined).map((rule) => rule.route))];
}
