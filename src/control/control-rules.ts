// What configuration says to the Control Function. Plain data; the defaults and ranges stand in config/control-schema.ts.

export interface ControlRules {
  /** Ordinary new calls on the whole edge, where the operator limits them. */
  readonly newCallsPerSecond: number | undefined;
  readonly registrationsPerSecond: number;
  /** Arrival rate below which nothing is a surge, new calls per second of an interface. */
  readonly normalFloorPerSecond: number;
  /** How long an ordinary call may wait in its lane, ms. */
  readonly waitMs: number;
  /** Whether numbers are gapped without an operator. */
  readonly gapsAutomatically: boolean;
  /** How long an oc value holds, ms (RFC 7339 §4.3). */
  readonly ocValidityMs: number;
}
