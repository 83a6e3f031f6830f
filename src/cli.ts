#!/usr/bin/env node
// The commands: run, check. What goes wrong at the start is one line on standard error and exit status 1.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { formatFault, loadConfig } from './config/load.ts';
import { configJsonSchema } from './config/schema.ts';
import { loadDialplan } from './dialplan/load.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('surgegate')
  .description('A SIP edge that keeps VoIP switches alive through mass-call events')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .showSuggestionAfterError();

program
  .command('run')
  .description('start the edge; SIGHUP reads the configuration again, SIGTERM drains and ends it')
  .requiredOption('-c, --config <file>', 'the configuration file')
  .action(async ({ config }: { config: string }) => {
    const { run } = await import('./main.ts');
    await run(config);
  });

program
  .command('check')
  .description('validate a configuration and its dial plan: one line per fault, exit status 1 if there is any')
  .argument('[file]', 'the configuration file')
  .option('--json-schema', 'print the JSON Schema of the configuration and do nothing else')
  .action((file: string | undefined, { jsonSchema }: { jsonSchema?: true }) => {
    if (jsonSchema) {
      print(JSON.stringify(configJsonSchema(), null, 2));
    } else if (file === undefined) {
      throw new Error('check needs a file, or --json-schema');
    } else {
      const faults = faultsOf(file);
      print(faults.length === 0 ? `${file}: valid` : faults.join('\n'));
      process.exitCode = faults.length === 0 ? 0 : 1;
    }
  });

/** Every fault of a configuration and of its dial plan, a line each. */
function faultsOf(file: string): string[] {
  const loaded = loadConfig(file);
  if ('faults' in loaded) return loaded.faults.map(formatFault);
  const dialplan = loadDialplan(loaded.config.dialplan);
  return 'faults' in dialplan ? dialplan.faults : [];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`surgegate: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  // Not only exitCode: a start that failed half way may have left sockets open.
  process.exit(1);
}
