// The orchestrator in the process of the edge (`orchestrator: embedded`): the same program with the edge as its one application,
// reached over the same HTTP as any other.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { adminTokens } from '../config/admin-token.ts';
import { formatFault } from '../config/load.ts';
import type { EmbeddedConfig, LinkConfig } from '../config/orchestrator-link-schema.ts';
import { parseOrchestratorConfig } from '../config/orchestrator-load.ts';
import type { OrchestratorConfig } from '../config/orchestrator-schema.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../log.ts';

const application = 'surgegate';

export interface EmbeddedOrchestrator {
  /** How the edge reaches it. */
  readonly link: LinkConfig;
  close(): Promise<void>;
}

/** Rejects with one line where it cannot listen. */
export async function startEmbedded(
  settings: Omit<EmbeddedConfig, 'embedded'>,
  config: Config,
  log: Log,
): Promise<EmbeddedOrchestrator> {
  const token = randomBytes(32).toString('base64url');
  const { startOrchestrator } = await import('../orchestrator/run.ts');
  const running = await startOrchestrator(embeddedConfig(settings, config, token), log);
  const { listen: _listen, ...common } = settings;
  return {
    link: { ...common, url: `http://${reachable(running.address)}`, application, token },
    close: () => running.close(),
  };
}

/** Operators of the edge are those of its orchestrator too. */
export function embeddedConfig(
  { listen, priority }: Omit<EmbeddedConfig, 'embedded'>,
  config: Config,
  token: string,
): OrchestratorConfig {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const text = JSON.stringify({
    name: 'embedded',
    listen: `${host}:${listen.port}`,
    applications: [{ name: application, token, priority }],
    operators: adminTokens(config.admin),
    state: { directory: join(config.state.directory, 'orchestrator') },
  });
  const loaded = parseOrchestratorConfig(text, join(config.state.directory, 'embedded.yaml'));
  if ('faults' in loaded) throw new Error(`orchestrator: ${loaded.faults.map(formatFault).join('; ')}`);
  return loaded.config;
}

/** An address to connect to: of a listener on all addresses the loopback. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}
