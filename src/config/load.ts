// Reads a configuration file: YAML, then the schema, then what keys say together, then the files that it names.
// The result is the configuration in force, or every fault with its line; nothing is thrown.
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminFiles } from './admin-token.ts';
import { type ConfigFault, crossFaults, notAllowed } from './checks.ts';
import { type Path, readDocument, stateDirectory } from './document.ts';
import { drachtioFaults, drachtioFiles, drachtioWarnings, withoutOwnKeys } from './drachtio-checks.ts';
import { messageOf, tlsFiles, unreadable } from './files.ts';
import { hepFiles } from './hep-files.ts';
import { linkFiles } from './orchestrator-link-files.ts';
import { orchestratorLinks } from './orchestrator-link-schema.ts';
import { type Config, configSchema, type FileConfig } from './schema.ts';
import { tracingFaults, tracingFiles, tracingWarnings } from './tracing-files.ts';
import { configWarnings } from './warnings.ts';

/** `warnings`: what is allowed but seldom meant, in the form of faults. */
export type Loaded = { config: Config; warnings: ConfigFault[] } | { faults: ConfigFault[] };

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
  const read = readDocument(text, configSchema);
  if ('faults' in read) return read;
  const faults: ConfigFault[] = [];
  const report = read.addTo(faults);
  crossFaults(read.data, report);
  drachtioFaults(read.data, report);
  tracingFaults(read.data, report);
  const config = complete(withoutOwnKeys(read.data), file, env, report);
  if (faults.length > 0) return { faults };
  const warnings: ConfigFault[] = [];
  configWarnings(config, read.addTo(warnings));
  drachtioWarnings(read.data, read.addTo(warnings));
  tracingWarnings(read.data, read.addTo(warnings));
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
    drachtio: drachtioFiles(read.drachtio, folder, report),
    admin: adminFiles(read.admin, folder, report),
    capture: { hep: hepFiles(read.capture.hep, folder, report) },
    orchestrator: linkFiles(orchestratorLinks(read.orchestrator), folder, report),
    tracing: tracingFiles(read.tracing, folder, report),
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
