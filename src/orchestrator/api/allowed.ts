// What a schema allows at one place, in words: `a whole number, 0 to 9`.
import { type Components, type JsonSchema, resolve } from '../../congestion/json-schema.ts';

export type Path = readonly PropertyKey[];

/** Undefined where the schema has no such place, or allows several that differ. */
export function allowedAt(schema: JsonSchema, path: Path, components: Components): string | undefined {
  const places = path.reduce<JsonSchema[]>(
    (found, step) => found.flatMap((one) => inside(resolve(one, components), step, components)),
    [schema],
  );
  const texts = new Set(places.map((place) => inWords(resolve(place, components), components)));
  const [text] = texts;
  return texts.size === 1 && text !== '' ? text : undefined;
}

function inside(schema: JsonSchema, step: PropertyKey, components: Components): JsonSchema[] {
  const branches = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const own =
    typeof step === 'string' && Object.hasOwn(schema.properties ?? {}, step) ? schema.properties?.[step] : undefined;
  const item = typeof step === 'number' ? schema.items : undefined;
  return [
    ...(own === undefined ? [] : [own]),
    ...(item === undefined ? [] : [item]),
    ...branches.flatMap((branch) => inside(resolve(branch, components), step, components)),
  ];
}

function inWords(schema: JsonSchema, components: Components): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true, false';
    case 'string':
      return textInWords(schema);
    case 'array':
      return `a list of ${schema.minItems ?? 0} to ${schema.maxItems ?? 'any number of'} entries`;
    case 'object':
      return `an object with ${Object.keys(schema.properties ?? {}).join(', ')}`;
    default: {
      const branches = schema.anyOf ?? schema.oneOf ?? [];
      return branches.map((branch) => inWords(resolve(branch, components), components)).join('; or ');
    }
  }
}

function range({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const from = exclusiveMinimum === undefined ? minimum : `above ${exclusiveMinimum}`;
  if (from === undefined && maximum === undefined) return '';
  if (maximum === undefined) return exclusiveMinimum === undefined ? `, at least ${from}` : `, ${from}`;
  return from === undefined ? `, at most ${maximum}` : `, ${from} to ${maximum}`;
}

function textInWords({ format, pattern, minLength, maxLength, description }: JsonSchema): string {
  if (format === 'uri') return `an http or https URL of at most ${maxLength} characters`;
  if (pattern !== undefined) return `text of the form ${pattern}`;
  if (minLength === undefined && maxLength === undefined) return description ?? 'text';
  return `text of ${minLength ?? 0} to ${maxLength ?? 'any number of'} characters`;
}
