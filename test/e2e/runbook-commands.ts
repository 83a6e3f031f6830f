// The commands that the runbooks in README tell operators to look with, run against what a test has started.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../peers/lab-test.ts';
import { waitFor } from '../peers/wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface RunbookHosts {
  /** `host:port` of the edge's admin listener and of the orchestrator. */
  readonly admin: string;
  readonly orchestrator: string;
}

export interface CommandRun {
  readonly command: string;
  readonly code: number | null;
  readonly text: string;
}

/** Each command once, as it is printed. Those that need a host of the reader's own (`HOST`, `FILE`) are not among them. */
export function runbookCommands(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const runbooks = readme.split(/^(?=#{2,3} )/m).filter((section) => section.startsWith('### Runbook: '));
  const commands = runbooks.flatMap((text) => [
    ...text.matchAll(/`((?:npx surgegate (?:status|refusals)|curl) ?[^`]*)`/g),
  ]);
  return [...new Set(commands.map(([, command]) => command!))].filter((command) => !/[A-Z]{4}/.test(command));
}

/** Side by side; `--watch` is left out: it does not end. */
export function runRunbookCommands(lab: Lab, { admin, orchestrator }: RunbookHosts): Promise<CommandRun[]> {
  const cli = `${process.execPath} ${join(root, 'dist/cli.js')}`;
  return Promise.all(
    runbookCommands().map(async (command) => {
      const line = command
        .replace(/^npx surgegate (\w+)( --watch)?/, `${cli} $1 --admin ${admin}`)
        .replace('127.0.0.1:9464', admin)
        .replace('127.0.0.1:9465', orchestrator)
        .replace('curl -s ', 'curl -sS --fail-with-body ');
      const child = lab.start(lab.uniqueName('runbook'), 'bash', ['-o', 'pipefail', '-c', line]);
      const { code } = await child.exited;
      // what a process wrote last may be read after its end
      const text = await waitFor('its output', () => child.log() || undefined, 2000).catch(() => '');
      return { command, code, text };
    }),
  );
}
