// The rules of the pure parts, with what configuration says in place of their defaults.
import type { ConditionConfig, OrchestratorConfig } from '../config/orchestrator-schema.ts';
import { type AllocationRules, defaultAllocationRules } from './allocation/allocation-rules.ts';
import { type EventRules, eventRules } from './mass-event/event-rules.ts';
import { type ThresholdCondition, type ThresholdRule, thresholdName } from './mass-event/threshold-rules.ts';
import { type SheddingRules, sheddingRules } from './shedding/shedding-rules.ts';

export function configuredEventRules({ thresholds }: OrchestratorConfig): EventRules {
  return thresholds === undefined ? eventRules : { ...eventRules, thresholds: thresholds.map(ruleOf) };
}

export function configuredAllocationRules(config: OrchestratorConfig): AllocationRules {
  const { reserveRatio, split, minimumRatio } = config;
  return { ...defaultAllocationRules, reserveRatio, split, minimumRatios: { L0: 1, ...minimumRatio } };
}

export function configuredSheddingRules({ shedding }: OrchestratorConfig): SheddingRules {
  const { deadlineSeconds, toleranceRatio } = shedding;
  return { ...sheddingRules, shedDeadlineMs: deadlineSeconds * 1000, toleranceRatio };
}

function ruleOf(threshold: NonNullable<OrchestratorConfig['thresholds']>[number]): ThresholdRule {
  const when = threshold.when.map(conditionOf);
  return {
    name: thresholdName(when),
    when,
    proposes: threshold.mode,
    setDwellMs: threshold.setSeconds * 1000,
    clearDwellMs: threshold.clearSeconds * 1000,
  };
}

// Which keys go together has been checked when the file was read.
function conditionOf(condition: ConditionConfig): ThresholdCondition {
  const { resource, ratio, overallRatio, clearRatio, amount, clearAmount, available, clearAvailable } = condition;
  if (resource === undefined) return { overallRatio: overallRatio ?? 1, clearRatio };
  if (ratio !== undefined) return { resource, ratio, clearRatio };
  if (amount !== undefined) return { resource, amount, clearAmount };
  return { resource, available: available ?? 0, clearAvailable };
}
