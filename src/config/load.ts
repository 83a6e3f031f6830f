// Reads a configuration file: YAML, then the schema, then what keys say together, then the files that it names.
// The result is the configuration in force, or every fault with its line; nothing is thrown.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { adminFiles } from './admin-token.ts';
import { type ConfigFault, crossFaults, keyOf, notAllowed } from './checks.ts';
import { messageOf, tlsFiles, unreadable } from './files.ts';
import { type Config, configSchema, type FileConfig } from './schema.ts';
import { configWarnings } from './warnings.ts';
import { lineOf } from './yaml-lines.ts';

/** `warnings`: what is allowed but seldom meant, in the form of faults. */
export type Loaded = { config: Config; warnings: ConfigFault[] } | { faults: ConfigFault[] };
type Path = readonly (string | number)[];

/** Our own folder: where `dialplans/` of the package is. */
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Reads, checks and completes a configuration file. `env` supplies STATE_DIRECTORY and XDG_STATE_HOME. */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Loaded {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { faults: [{ key: '', message: `cannot read the configuration file: ${messageOf(error)}` }] };
  }
  return parseConfig(text, resolve(file), env);
}

/** The same for the text of a file; `file` is what relative paths in it start from. */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv = process.env): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return { faults: document.errors.map((error) => yamlFault(error.message, lines.linePos(error.pos[0]).line)) };
  }
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    // Aliases that grow without bound (`maxAliasCount`).
    return { faults: [yamlFault(messageOf(error), 1)] };
  }

  const faults: ConfigFault[] = [];
  const addTo =
    (found: ConfigFault[]) =>
    (path: Path, message: string): void => {
      const key = keyOf(path);
      if (found.some((fault) => fault.key === key)) return;
      const line = lineOf(document, lines, path);
      found.push(line === undefined ? { key, message } : { key, message, line });
    };
  const report = addTo(faults);
  const result = configSchema.safeParse(content, { reportInput: true });
  if (!result.success) {
    for (const issue of result.error.issues) reportIssue(issue, report);
    return { faults };
  }
  crossFaults(result.data, report);
  const config = complete(result.data, file, env, report);
  if (faults.length > 0) return { faults };
  const warnings: ConfigFault[] = [];
  configWarnings(config, addTo(warnings));
  return { config, warnings };
}

/** One line: `key: value X is not allowed; allowed: RANGE (line 12)`. */
export function formatFault(fault: ConfigFault): string {
  const where = fault.line === undefined ? '' : ` (line ${fault.line})`;
  return `${fault.key === '' ? '' : `${fault.key}: `}${fault.message}${where}`.replaceAll(/\s*\n\s*/g, ' ');
}

/** The error with which a start fails: the first fault on one line, and how to see the others. */
export function startError(file: string, faults: readonly ConfigFault[]): Error {
  const more = faults.length > 1 ? `; ${faults.length - 1} more: surgegate check ${file}` : '';
  return new Error(`${file}: ${formatFault(faults[0]!)}${more}`);
}

function reportIssue(issue: z.core.$ZodIssue, report: (path: Path, message: string) => void): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...path, key], `no such key; ${issue.message}`);
  } else if (issue.input === undefined) {
    report(path, `is missing; ${issue.message}`);
  } else if (keyOf(path) === 'admin.token') {
    report(path, `the value (a secret, so not shown) is not allowed; ${issue.message}`);
  } else {
    report(path, notAllowed(issue.input, issue.message.replace(/^allowed: /, '')));
  }
}

/** Fills in what depends on other keys and on where the file is, and checks that named files can be read. */
function complete(
  read: FileConfig,
  file: string,
  env: NodeJS.ProcessEnv,
  report: (path: Path, message: string) => void,
): Config {
  const folder = dirname(file);
  const newCallsPerSecond = read.admission.newCallsPerSecond ?? Number.POSITIVE_INFINITY;
  const interfaces = { ...read.interfaces };
  for (const name of ['south', 'east', 'west', 'north', 'core'] as const) {
    const tls = interfaces[name]?.tls;
    if (tls === undefined) continue;
    const found = tlsFiles(tls, folder, (key, message) => report(['interfaces', name, 'tls', key], message));
    Object.assign(interfaces, { [name]: { ...interfaces[name], tls: found } });
  }
  return {
    ...read,
    interfaces,
    admission: {
      ...read.admission,
      newCallsPerSecond,
      priorityCapPerSecond:
        read.admission.priorityCapPerSecond ?? read.admission.newCallsPerSecond ?? sumOfCapacities(read) ?? unknownCap,
    },
    admin: adminFiles(read.admin, folder, (key, message) => report(['admin', key], message)),
    dialplan: findDialplan(read.dialplan, folder, report),
    state: { directory: resolve(folder, read.state.directory ?? stateDirectory(env)) },
  };
}

/** Priority calls a second that are believed where the capacity of the switches is not known. */
const unknownCap = 1000;

function sumOfCapacities({ switches }: FileConfig): number | undefined {
  let sum = 0;
  for (const entry of switches) {
    if (entry.capacityPerSecond === undefined) return undefined;
    sum += entry.capacityPerSecond;
  }
  return sum;
}

function findDialplan(written: string, folder: string, report: (path: Path, message: string) => void): string {
  const places = isAbsolute(written)
    ? [written]
    : [folder, dirname(folder), packageFolder].map((p) => join(p, written));
  const found = places.find((place) => unreadable(place) === undefined);
  if (found !== undefined) return found;
  const unique = [...new Set(places)];
  report(['dialplan'], notAllowed(written, `a file that can be read (looked for ${unique.join(', ')})`));
  return written;
}

function stateDirectory(env: NodeJS.ProcessEnv): string {
  // systemd gives several directories separated by colons; ours is the first (systemd.exec, StateDirectory=).
  const given = env.STATE_DIRECTORY?.split(':')[0];
  if (given) return given;
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'surgegate');
}

function yamlFault(message: string, line: number): ConfigFault {
  return { key: '', message: `not YAML: ${message}`, line };
}
