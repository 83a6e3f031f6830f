#!/usr/bin/env node
// The commands: run, check. What goes wrong at the start is one line on standard error and exit status 1.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { checkConfig } from './config/check-command.ts';

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
  .action(async (file: string | undefined, { jsonSchema }: { jsonSchema?: true }) => {
    process.exitCode = await checkConfig(file, jsonSchema === true, {
      out: (text) => process.stdout.write(`${text}\n`),
      error: (text) => process.stderr.write(`${text}\n`),
    });
  });

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`surgegate: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  // Not only exitCode: a start that failed half way may have left sockets open.
  process.exit(1);
}
