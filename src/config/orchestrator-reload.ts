// What a new configuration of the orchestrator changes, and whether it can be applied to a running one.
import type { OrchestratorConfig } from './orchestrator-schema.ts';
import { type ConfigChange, changedKeys } from './reload.ts';

/** What is not here is read anew by each step: rules, thresholds, and what is known of applications that are there already. */
const restartKeys = /^(name|listen|tls|intervalMs|host|limits|peers|operators|state)(\.|$)/;
/** Who an application is and how it is reached is handed out at the start; the rest of it is looked up. */
const partyKeys = ['name', 'token', 'tokenFile', 'certificateName', 'callbackHosts', 'adapter'] as const;

/** Compares two configurations. Does not see changes inside files that they name. A list is one key. */
export function compareOrchestratorConfigs(before: OrchestratorConfig, after: OrchestratorConfig): ConfigChange {
  const changed = changedKeys(before, after);
  const needRestart = changed.filter((key) => restartKeys.test(key));
  if (partyText(before) !== partyText(after))
    needRestart.push('applications (their names, tokens, certificates, callbacks or adapters)');
  return { changed, needRestart };
}

function partyText({ applications }: OrchestratorConfig): string {
  return JSON.stringify(applications.map((one) => partyKeys.map((key) => one[key])));
}
