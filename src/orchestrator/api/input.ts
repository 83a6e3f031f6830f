// Path, query and body of a request against their schemas: values, or every fault with its key and what is allowed there.
import * as z from 'zod';
import { keyOf } from '../../config/checks.ts';
import { type Components, type JsonSchema, jsonSchemaOf } from '../../congestion/json-schema.ts';
import { pathParameters, type Route } from '../../congestion/routes.ts';
import { allowedAt } from './allowed.ts';
import type { Fault } from './problems.ts';

export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export interface Input {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export type Reading = { readonly input: Input } | { readonly faults: readonly Fault[] };

const mostFaults = 32;
const mostKeyLetters = 64;

/** Builds what reads the requests of a route. Values of no key are repeated in a fault: one may be a secret. */
export function createReader(route: Route): (raw: RawInput) => Reading {
  const names = Object.keys(pathParameters).filter((name) => route.path.includes(`{${name}}`));
  const params = part(
    z.strictObject(Object.fromEntries(Object.entries(pathParameters).filter(([n]) => names.includes(n)))),
  );
  const query = part(route.query ?? z.strictObject({}));
  const body = route.body === undefined ? undefined : part(route.body);
  return (raw) => {
    const read = {
      params: params(raw.params),
      query: query(withNumbers(raw.query)),
      body: body?.(raw.body) ?? { value: undefined, faults: [] },
    };
    const faults = [...read.params.faults, ...read.query.faults, ...read.body.faults];
    if (faults.length > 0) return { faults: faults.slice(0, mostFaults) };
    return { input: { params: read.params.value, query: read.query.value, body: read.body.value } as Input };
  };
}

function part(schema: z.ZodType): (value: unknown) => { value: unknown; faults: Fault[] } {
  const components: Components = {};
  const json = jsonSchemaOf(schema, 'input', components);
  return (value) => {
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return { value: result.data, faults: [] };
    return { value: undefined, faults: faultsOf(result.error.issues, json, components) };
  };
}

function faultsOf(issues: readonly z.core.$ZodIssue[], json: JsonSchema, components: Components): Fault[] {
  const faults = new Map<string, string>();
  const report = (path: readonly PropertyKey[], message: string): void => {
    const key = keyOf(path.map((step) => (typeof step === 'number' ? step : short(String(step)))));
    if (!faults.has(key) && faults.size < mostFaults) faults.set(key, message);
  };
  for (const issue of issues) {
    const allowed = allowedAt(json, issue.path, components);
    const then = allowed === undefined || issue.code === 'custom' ? issue.message : `allowed: ${allowed}`;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, mostFaults))
        report([...issue.path, key], `no such key; ${short(then, 500)}`);
    } else {
      report(issue.path, `${issue.input === undefined ? 'is missing' : 'the value is not allowed'}; ${then}`);
    }
  }
  return [...faults].map(([key, message]) => ({ key, message }));
}

const short = (text: string, most = mostKeyLetters): string => (text.length > most ? `${text.slice(0, most)}…` : text);

/** A query has no numbers: what is written like one, and nothing else, becomes one. */
function withNumbers(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  const entries = Object.entries(query as Record<string, unknown>).map(([key, value]) => {
    const isNumber = typeof value === 'string' && /^\d{1,17}(\.\d{1,9})?$/.test(value);
    return [key, isNumber ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}
