// The command line of `npm run sim`.
import { parseArgs } from 'node:util';
import { type ContestantName, contestantNames } from './contestants.ts';
import { type ScenarioName, scenarioNames } from './scenarios.ts';

export interface SimArguments {
  readonly scenarios: readonly ScenarioName[];
  readonly contestants: readonly ContestantName[];
  readonly seed: number;
  /** Prints every figure as JSON instead of tables. */
  readonly json: boolean;
  /** Where SVG and JSON files go. */
  readonly out: string;
  readonly threads: number | undefined;
  /** Only a line every so many seconds of what Surgegate decides; undefined: the usual run. */
  readonly traceSeconds: number | undefined;
}

export const usage = `npm run sim -- [options]
  --scenario A,B   of ${scenarioNames.join(', ')}
                   (default: all but whole-day, which takes minutes)
  --only A,B       of ${contestantNames.join(', ')}
  --seed N         another course of the same events (default 1)
  --json           prints every figure as JSON instead of tables
  --out FOLDER     where SVG and JSON files go (default sim-results)
  --threads N      runs at once (default: one a core)
  --trace N        instead of all that: what Surgegate decides, a line every N seconds`;

/** Throws with the usage when the arguments make no sense. */
export function simArguments(argv: readonly string[]): SimArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scenario: { type: 'string' },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      out: { type: 'string', default: 'sim-results' },
      threads: { type: 'string' },
      trace: { type: 'string' },
    },
  });
  return {
    scenarios: listed('scenario', values.scenario, scenarioNames).filter(
      (name) => values.scenario !== undefined || name !== 'whole-day',
    ),
    contestants: listed('only', values.only, contestantNames),
    seed: whole('seed', values.seed),
    json: values.json,
    out: values.out,
    threads: values.threads === undefined ? undefined : whole('threads', values.threads),
    traceSeconds: values.trace === undefined ? undefined : whole('trace', values.trace),
  };
}

function listed<T extends string>(option: string, text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  return text.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined) throw new Error(`--${option} ${word}: one of ${known.join(', ')}\n${usage}`);
    return found;
  });
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} ${text}: a whole number above 0\n${usage}`);
  return value;
}
