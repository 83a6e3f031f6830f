// `surgegate orchestrator`: the orchestrator as a program of its own. SIGHUP reads its configuration again, SIGTERM lifts what it has
// limited and ends it.
import { formatFault, startError } from '../config/load.ts';
import { loadOrchestratorConfig } from '../config/orchestrator-load.ts';
import type { OrchestratorConfig } from '../config/orchestrator-schema.ts';
import { createLog } from '../log.ts';
import { notifyService } from '../service-notify.ts';
import { startOrchestrator } from './run.ts';

/** How long the end may take, limits and all. */
const farewellSeconds = 20;

/** Runs until SIGTERM or SIGINT. Rejects with one line where it cannot start. */
export async function runOrchestrator(file: string): Promise<void> {
  const config = read(file, (warning) => process.stderr.write(`warning: ${warning}\n`));
  const log = createLog({ level: config.log.level });
  const running = await startOrchestrator(config, log);
  const scheme = config.tls === undefined ? 'http' : 'https';
  const names = config.applications.map(({ name, adapter }) => `${name} (${adapter.kind})`).join(', ');
  process.stdout.write(
    `Surgegate orchestrator ${config.name}\n\n  api           ${scheme}://${running.address}/v1  /metrics  /healthz  /openapi.json\n  applications  ${names || 'none'}\n  state         ${config.state.directory}\n\n`,
  );
  log.info('listening', { address: running.address });
  const service = await notifyService({ status: () => running.summary(), warn: (message) => log.warn(message) });
  service.ready();

  process.on('SIGHUP', () => {
    service.reloading();
    try {
      running.change(read(file, (warning) => log.warn(warning)));
      log.info('configuration reloaded', { file });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error('configuration not reloaded; the old one stays in force', { file, reason });
    } finally {
      service.ready();
    }
  });
  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    service.stopping(farewellSeconds);
    log.info('ending: limits are lifted', { signal });
    await running.close();
    log.info('ended');
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
}

function read(file: string, warn: (warning: string) => void): OrchestratorConfig {
  const loaded = loadOrchestratorConfig(file);
  if ('faults' in loaded) throw startError(file, loaded.faults);
  for (const warning of loaded.warnings) warn(formatFault(warning));
  return loaded.config;
}
