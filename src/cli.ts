#!/usr/bin/env node
// The commands: run, orchestrator, demo, check, status, refusals, probe, probe-oc. What goes wrong at the start is one line on standard error and exit status 1.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { RefusalsQuery } from './admin/fetch-refusals.ts';
import { fetchSight } from './admin/fetch-status.ts';
import { statusText } from './admin/status-text.ts';
import { tokenOf } from './config/admin-token.ts';
import { formatFault } from './config/load.ts';
import { orchestratorJsonSchema } from './config/orchestrator-schema.ts';
import { configJsonSchema } from './config/schema.ts';
import type { WrittenOptions } from './lab/demo/plan.ts';
import { probeOc } from './probe/oc/probe-oc.ts';
import { probeOcJson, probeOcText } from './probe/oc/probe-oc-text.ts';
import type { WrittenProbeOptions } from './probe/probe-options.ts';
import { checkFile } from './start/check-file.ts';

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
  .command('orchestrator')
  .description(
    'start the orchestrator of a host; SIGHUP reads the configuration again, SIGTERM lifts all limits and ends it',
  )
  .requiredOption('-c, --config <file>', 'its configuration file')
  .action(async ({ config }: { config: string }) => {
    const { runOrchestrator } = await import('./orchestrator/command.ts');
    await runOrchestrator(config);
  });

program
  .command('demo')
  .description(
    'a mass-call event on a host of its own, live, 100 → 4,000 → 100 calls a second: edge, orchestrator, two web applications and a batch job; exit status 0 if every GETS call completes',
  )
  .option('--seconds <seconds>', 'how long calls are placed')
  .option('--peak <calls>', 'calls a second at the height of it')
  .option('--base <calls>', 'calls a second before and after')
  .option('--json', 'one JSON document at the end in place of lines')
  .action(async (given: WrittenOptions) => {
    const { demoOptions } = await import('./lab/demo/plan.ts');
    const { runDemo } = await import('./lab/demo/run-demo.ts');
    process.exitCode = await runDemo(demoOptions(given));
  });

program
  .command('check')
  .description(
    'validate a configuration of the edge, with its dial plan, or of the orchestrator: one line per fault, exit status 1 if there is any',
  )
  .argument('[file]', 'the configuration file')
  .option(
    '--json-schema [which]',
    'print the JSON Schema of a configuration, `edge` or `orchestrator`, and do nothing else',
  )
  .option('--json', 'one object: whether it is valid, faults and warnings with key, message and line')
  .action((file: string | undefined, { jsonSchema, json = false }: { jsonSchema?: true | string; json?: boolean }) => {
    if (jsonSchema !== undefined) {
      print(JSON.stringify(jsonSchema === 'orchestrator' ? orchestratorJsonSchema() : configJsonSchema(), null, 2));
    } else if (file === undefined) {
      throw new Error('check needs a file, or --json-schema');
    } else if (!check(file, json)) {
      process.exitCode = 1;
    }
  });

program
  .command('status')
  .description('what a running edge sees, has learned and does about it now; exit status 1 where it cannot be reached')
  .option('--admin <host:port>', 'its admin.listen', '127.0.0.1:9464')
  .option('--watch [seconds]', 'again and again until Ctrl-C, every 2 seconds unless told otherwise')
  .option('--json', 'as GET /v1/status gives it; with --watch one object a line')
  .action(async ({ admin, watch, json = false }: { admin: string; watch?: string | true; json?: boolean }) => {
    const place = { address: admin };
    if (watch !== undefined) {
      const { watchMs, watchStatus } = await import('./admin/watch-status.ts');
      await watchStatus({ place, everyMs: watchMs(watch), json, out: process.stdout, signal: untilSignal() });
      process.exit();
    }
    const sight = await fetchSight(place, mostEvents);
    print(json ? JSON.stringify(sight.status, null, 2) : statusText(sight.status, sight));
  });

program
  .command('refusals')
  .description(
    'the last calls that a running edge has refused, and why; exit status 1 where it cannot be reached, or keeps none that fits',
  )
  .option('--admin <host:port>', 'its admin.listen', '127.0.0.1:9464')
  .option('--number <number>', 'of calls to this number, or with it in theirs')
  .option('--call-id <text>', 'with this in their Call-ID')
  .option('--reason <reason>', 'for this reason')
  .option('--interface <name>', 'that came by this interface')
  .option('--limit <count>', 'the newest of them, 1 to 1000', '20')
  .option('--token-file <file>', 'with a token in its first line: for a listener that is not on the loopback')
  .option('--json', 'as GET /v1/refusals gives it')
  .action(async ({ admin, tokenFile, json, ...query }: RefusalsOptions) => {
    const { fetchRefusals } = await import('./admin/fetch-refusals.ts');
    const { refusalsText } = await import('./admin/refusals-text.ts');
    const found = await fetchRefusals({ address: admin, token: tokenOf({ tokenFile }) }, query);
    print(json ? JSON.stringify(found, null, 2) : refusalsText(found));
    if (found.entries.length === 0) process.exitCode = 1;
  });

program
  .command('probe')
  .description(
    'a synthetic caller: places an ordinary and a priority call through an edge and hangs up, once or at an interval; exit status ' +
      '0: both completed, 1: the ordinary call was not, 2: the priority call was not, 3: could not be tried',
  )
  .argument('<address>', 'udp:HOST:PORT, tcp:HOST:PORT, tls:HOST:PORT, ws://HOST:PORT or wss://HOST:PORT')
  .option('--to <number>', 'the called number, or any user part: somebody who picks up by himself', 'probe')
  .option('--priority-to <number>', 'that of the priority call (default: as --to)')
  .option('--priority <value>', 'Resource-Priority of the priority call (RFC 4412)', 'ets.0')
  .option('--from <name>', 'the user part of the caller', 'surgegate-probe')
  .option('--domain <host>', 'the domain of caller and called (default: that of the address)')
  .option('--hold <seconds>', 'from the answer to the BYE, 0 to 60', '1')
  .option('--timeout <seconds>', 'from the INVITE to the CANCEL, 1 to 180', '10')
  .option('--every <seconds>', 'again and again until SIGTERM or SIGINT, 1 to 86400 (default: once)')
  .option('--metrics [host:port]', 'with --every: a page for Prometheus, on 127.0.0.1:9466 unless told otherwise')
  .option('--json', 'a JSON object per call in place of a line')
  // 1 and 2 mean something else here
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 3))
  .action(async (address: string, written: WrittenProbeOptions) => {
    const { runProbe } = await import('./probe/run-probe.ts');
    // not only exitCode: transactions of refused calls stay open for half a minute
    process.exit(await runProbe(address, written));
  });

program
  .command('probe-oc')
  .description(
    'find out whether a switch survives overload control in the Via (RFC 7339), and so what its `oc` may be: OPTIONS without ' +
      'and with it; exit status 1 where it does not answer',
  )
  .argument('<address>', 'udp:HOST:PORT or tcp:HOST:PORT; without udp: or tcp: it is UDP')
  .option('--timeout <seconds>', 'how long an answer is waited for, 1 to 32', '5')
  .option('--json', 'one object in place of a table')
  .action(async (address: string, { timeout, json }: { timeout: string; json?: true }) => {
    const seconds = Number(timeout);
    if (!(seconds >= 1 && seconds <= 32)) throw new Error(`--timeout: ${timeout} is not 1 to 32 seconds`);
    const report = await probeOc(address, { t1Ms: 500, timeoutMs: seconds * 1000 });
    print(json ? JSON.stringify(probeOcJson(report), null, 2) : probeOcText(report));
  });

/** Events below the status. */
const mostEvents = 8;

interface RefusalsOptions extends RefusalsQuery {
  readonly admin: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** Aborted by the signals that end a command, and where nobody reads what it prints any more. */
function untilSignal(): AbortSignal {
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => end.abort());
  process.stdout.on('error', () => end.abort());
  return end.signal;
}

/** Prints every fault of a configuration and of its dial plan, a line each; returns whether there was none. */
function check(file: string, json: boolean): boolean {
  const checked = checkFile(file);
  const { valid, faults, warnings } = checked;
  if (json) print(JSON.stringify(checked, null, 2));
  else {
    for (const warning of warnings) process.stderr.write(`warning: ${formatFault(warning)}\n`);
    print(valid ? `${file}: valid` : faults.map(formatFault).join('\n'));
  }
  return valid;
}

function print(text: string): void {
  // whoever read it has gone, as `head` does: that is no failure
  process.stdout.once('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? undefined : 1));
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
