// What the tests of control configure.
import type { ControlRules } from '../../src/control/control-rules.ts';

export const rules: ControlRules = {
  newCallsPerSecond: Number.POSITIVE_INFINITY,
  priorityReserveRatio: 0.2,
  normalFloorPerSecond: 10,
  waitMs: 200,
  gapsAutomatically: true,
  ocValidityMs: 500,
  retryAfter: { minSeconds: 1, maxSeconds: 30 },
};
