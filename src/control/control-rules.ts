// What configuration says to the Control Function. Plain data; defaults and ranges stand in config/control-schema.ts.

export interface ControlRules {
  /** Ordinary new calls on the whole edge, where the operator limits them; else Infinity. */
  readonly newCallsPerSecond: number;
  /** Share of the switches above which privileged calls count as use of the emergency reserve, 0 to 1. */
  readonly priorityReserveRatio: number;
  /** Arrival rate below which nothing is a surge, new calls per second of an interface. */
  readonly normalFloorPerSecond: number;
  /** How long an ordinary call may wait in its lane, ms. */
  readonly waitMs: number;
  /** Whether numbers are gapped without an operator. */
  readonly gapsAutomatically: boolean;
  /** How long an oc value holds, ms (RFC 7339 §4.3). */
  readonly ocValidityMs: number;
  /** The widest range of Retry-After that an interface sends, whole seconds. */
  readonly retryAfter: { readonly minSeconds: number; readonly maxSeconds: number };
}
