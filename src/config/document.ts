// Reads the text of a configuration file: YAML, then a schema. What is wrong with it is a list of faults, each with its line and
// none with a secret in it; nothing is thrown.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { type ConfigFault, keyOf, notAllowed } from './checks.ts';
import { messageOf } from './files.ts';
import { lineOf } from './yaml-lines.ts';

export type Path = readonly (string | number)[];
export type Report = (path: Path, message: string) => void;

export interface Document<T> {
  readonly data: T;
  /** A function that adds a fault with the line of its key to `found`; one for each key. */
  readonly addTo: (found: ConfigFault[]) => Report;
}

export function readDocument<S extends z.ZodType>(
  text: string,
  schema: S,
): Document<z.output<S>> | { faults: ConfigFault[] } {
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

  const addTo =
    (found: ConfigFault[]): Report =>
    (path, message) => {
      const key = keyOf(path);
      if (found.some((fault) => fault.key === key)) return;
      const line = lineOf(document, lines, path);
      found.push(line === undefined ? { key, message } : { key, message, line });
    };
  const result = schema.safeParse(content, { reportInput: true });
  if (result.success) return { data: result.data, addTo };
  const faults: ConfigFault[] = [];
  const report = addTo(faults);
  for (const issue of result.error.issues) reportIssue(issue, report);
  return { faults };
}

/** Where state is kept that no configuration places: of systemd, of XDG, or in the home folder. */
export function stateDirectory(env: NodeJS.ProcessEnv): string {
  // systemd gives several directories separated by colons; ours is the first (systemd.exec, StateDirectory=).
  const given = env.STATE_DIRECTORY?.split(':')[0];
  if (given) return given;
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'surgegate');
}

const isSecret = (key: string): boolean => /(token|secret|password)$/i.test(key);

function reportIssue(issue: z.core.$ZodIssue, report: Report): void {
  const path = issue.path as Path;
  const inner = issue.code === 'invalid_union' ? nearest(issue.errors) : undefined;
  if (inner !== undefined) {
    for (const one of inner) reportIssue({ ...one, path: [...issue.path, ...one.path] }, report);
  } else if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...path, key], `no such key; ${issue.message}`);
  } else if (issue.input === undefined) {
    report(path, `is missing; ${issue.message}`);
  } else if (isSecret(String(path.at(-1)))) {
    report(path, `the value (a secret, so not shown) is not allowed; ${issue.message}`);
  } else {
    report(path, notAllowed(withoutSecrets(issue.input), issue.message.replace(/^allowed: /, '')));
  }
}

/** Of what may stand in one place in several forms, the faults of the form that was meant: what fits as a whole, and not in a part. */
function nearest(forms: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const meant = forms.filter((issues) =>
    issues.some(({ code, path }) => code === 'unrecognized_keys' || path.length > 0),
  );
  const missing = (issues: readonly z.core.$ZodIssue[]) => issues.filter(({ input }) => input === undefined).length;
  const unknown = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? one.keys.length : 0), 0);
  return meant.sort((a, b) => missing(a) + unknown(a) - missing(b) - unknown(b))[0];
}

// A mapping in the wrong place is shown, what it holds under `token`, `secret` or `password` is not.
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value, (key, held: unknown) => (isSecret(key) ? '(not shown)' : held));
  return JSON.parse(text) as unknown;
}

function yamlFault(message: string, line: number): ConfigFault {
  return { key: '', message: `not YAML: ${message}`, line };
}
