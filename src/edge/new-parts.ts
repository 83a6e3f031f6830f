// The parts of the pipeline from a configuration, and what a reload changes of them.
import { Admission } from '../admission/admission.ts';
import { DecisionMemory } from '../admission/decision-memory.ts';
import { GapTable } from '../admission/gaps.ts';
import { Refusals } from '../admission/refusals.ts';
import { interfaceNames } from '../metrics/counters.ts';
import { HeavyHitters } from '../monitor/heavy-hitters.ts';
import { Writer } from '../sip/writer.ts';
import { Lanes } from './lanes.ts';
import type { EdgeParts } from './parts.ts';
import { Pauses } from './pauses.ts';
import { buildPolicy, type PolicyInput } from './policy.ts';
import { noTracing } from './tracing.ts';

/** Transactions remembered without state: 8 bytes each, a flood of 140,000 refusals per second for 7 s. */
const memoryEntries = 2 ** 20;

export interface PartsInput
  extends PolicyInput,
    Pick<EdgeParts, 'counters' | 'switches' | 'penalties' | 'log' | 'now'>,
    Partial<Pick<EdgeParts, 'tracing'>> {
  /** Decisions remembered, a power of two; default: those of a flood. */
  readonly memoryEntries?: number;
  /** Refusals kept; default: `admin.refusals.kept`. */
  readonly refusalsKept?: number;
}

export function newParts(input: PartsInput): EdgeParts {
  const { config } = input;
  return {
    marks: input.marks,
    counters: input.counters,
    switches: input.switches,
    admission: new Admission(config.admission),
    memory: new DecisionMemory(input.memoryEntries ?? memoryEntries),
    refusals: new Refusals(input.refusalsKept ?? config.admin.refusals.kept),
    gaps: new GapTable(),
    numbers: new HeavyHitters(),
    lanes: new Lanes(interfaceNames.length, config.control.waitMs),
    penalties: input.penalties,
    pauses: new Pauses(),
    tracing: input.tracing ?? noTracing,
    writer: new Writer(new Uint8Array(131_072)),
    log: input.log,
    now: input.now,
    policy: buildPolicy(input),
    isDraining: false,
    isShadow: config.mode === 'shadow',
    passNonEssential: true,
    mode: 'L0',
    isReducing: false,
    retryAfterSeconds: 0,
    takesPart: false,
    heldSinceMs: -1,
    heldBy: 'lane',
  };
}

/** Switches are configured before (`Switches.configure`). */
export function changeParts(parts: EdgeParts, input: PolicyInput & Pick<EdgeParts, 'penalties'>): void {
  const { config } = input;
  parts.admission.change(config.admission);
  parts.penalties = input.penalties;
  parts.policy = buildPolicy(input);
  parts.isShadow = config.mode === 'shadow';
  parts.lanes.waitMs = config.control.waitMs;
}
