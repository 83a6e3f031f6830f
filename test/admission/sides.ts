// Interfaces as configuration builds them, for the tests of admission.
import { buildSide, type SideRule } from '../../src/admission/side.ts';
import { defaultPlan } from '../classify/sample.ts';

export const sideRule: SideRule = {
  name: 'east',
  pushback: 'reject',
  retryAfter: { minSeconds: 1, maxSeconds: 30 },
  trustsPriority: false,
  weight: 1,
  limits: {},
  neighbours: [],
};

export const sideOf = (rule: Partial<SideRule> = {}) => buildSide({ ...sideRule, ...rule }, 1, defaultPlan);

export const neighbourRule = (name: string, addresses: readonly string[], limits = {}) => ({
  name,
  addresses,
  trustsPriority: undefined,
  pushback: undefined,
  weight: 1,
  limits,
});
