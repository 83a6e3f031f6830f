// What is wrong with a configuration file, of the edge with its dial plan or of the orchestrator.
import { readFileSync } from 'node:fs';
import type { ConfigFault } from '../config/checks.ts';
import { loadConfig } from '../config/load.ts';
import { isOrchestratorText, loadOrchestratorConfig } from '../config/orchestrator-load.ts';
import { loadPlan } from './plan.ts';

export interface Checked {
  readonly file: string;
  readonly valid: boolean;
  readonly faults: readonly ConfigFault[];
  /** It can be started all the same. */
  readonly warnings: readonly ConfigFault[];
}

export function checkFile(file: string): Checked {
  const loaded = isOrchestratorFile(file) ? loadOrchestratorConfig(file) : loadConfig(file);
  if ('faults' in loaded) return { file, valid: false, faults: loaded.faults, warnings: [] };
  const { config, warnings } = loaded;
  const plan = 'dialplan' in config ? loadPlan(config) : undefined;
  // a line of the plan names its own file and place
  const faults = plan !== undefined && 'faults' in plan ? plan.faults.map((message) => ({ key: '', message })) : [];
  return { file, valid: faults.length === 0, faults, warnings };
}

function isOrchestratorFile(file: string): boolean {
  try {
    return isOrchestratorText(readFileSync(file, 'utf8'));
  } catch {
    return false; // said when it is read as the edge's
  }
}
