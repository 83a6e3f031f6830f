// Reads a dial plan file: YAML → schema → compiled plan, or one line for each fault.
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { Dialplan } from '../classify/plan.ts';
import { keyOf, notAllowed } from '../config/checks.ts';
import { lineOf } from '../config/yaml-lines.ts';
import { compileDialplan } from './compile.ts';
import { dialplanSchema } from './schema.ts';

export type LoadedDialplan = { plan: Dialplan } | { faults: string[] };

type Path = readonly (string | number)[];

/** The plan in `file`, or its faults, one line each: `FILE: key: value X is not allowed; allowed: RANGE (line 12)`. */
export function loadDialplan(file: string): LoadedDialplan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { faults: [`${file}: cannot read the dial plan: ${messageOf(error)}`] };
  }
  return parseDialplan(text, file);
}

/** The same for a text; `file` only names it in faults. */
export function parseDialplan(text: string, file: string): LoadedDialplan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: string[] = [];
  const say = (key: string, message: string, line: number | undefined): void => {
    const where = line === undefined ? '' : ` (line ${line})`;
    faults.push(`${file}: ${key === '' ? '' : `${key}: `}${message}${where}`.replaceAll(/\s*\n\s*/g, ' '));
  };
  const report = (path: Path, message: string): void => say(keyOf(path), message, lineOf(document, lines, path));

  for (const error of document.errors) say('', error.message, lines.linePos(error.pos[0]).line);
  if (faults.length > 0) return { faults };
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    // an alias that nothing defines: an unquoted *272 is one
    say('', messageOf(error), undefined);
    return { faults };
  }
  const result = dialplanSchema.safeParse(content, { reportInput: true });
  if (!result.success) {
    for (const issue of result.error.issues) reportIssue(issue, report);
    return { faults };
  }
  const compiled = compileDialplan(result.data);
  if ('plan' in compiled) return compiled;
  for (const { path, value, message } of compiled.faults) {
    report(path, value === undefined ? message : notAllowed(value, message));
  }
  return { faults };
}

function reportIssue(issue: z.core.$ZodIssue, report: (path: Path, message: string) => void): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...path, key], 'no such key');
  } else if (issue.code === 'invalid_union' && issue.errors.some((branch) => branch.some((i) => i.path.length > 0))) {
    // a list of patterns with a bad one in it: name that one
    for (const inner of issue.errors.flat().filter((i) => i.path.length > 0)) {
      reportIssue({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, report);
    }
  } else if (issue.input === undefined) {
    report(path, `is missing; ${issue.message}`);
  } else {
    report(path, notAllowed(issue.input, issue.message.replace(/^allowed: /, '')));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
