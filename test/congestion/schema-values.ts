// Values that a JSON schema allows, and the same with one thing changed, for fast-check.
import fc from 'fast-check';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, Schema>>;

/** Only what our schemas use. Strings are ASCII: JSON Schema counts letters, JavaScript counts UTF-16 units. */
export function valuesOf(schema: Schema, schemas: Schemas): fc.Arbitrary<Json> {
  if (schema.$ref !== undefined) return valuesOf(schemas[String(schema.$ref).split('/').at(-1)!]!, schemas);
  if ('const' in schema) return fc.constant(schema.const as Json);
  if (schema.enum !== undefined) return fc.constantFrom(...(schema.enum as Json[]));
  switch (schema.type) {
    case 'object':
      return objectOf(schema, schemas);
    case 'array':
      return fc.array(valuesOf(schema.items as Schema, schemas), {
        maxLength: Math.min(3, Number(schema.maxItems ?? 3)),
      });
    case 'integer':
      return fc.integer({ min: Number(schema.minimum ?? -1000), max: Number(schema.maximum ?? 1000) });
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'string':
      return textOf(schema);
    default: {
      const branches = (schema.oneOf ?? schema.anyOf) as Schema[];
      return fc.oneof(...branches.map((branch) => valuesOf(branch, schemas)));
    }
  }
}

function objectOf(schema: Schema, schemas: Schemas): fc.Arbitrary<Json> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const required = (schema.required ?? []) as string[];
  const model = Object.fromEntries(properties.map(([key, one]) => [key, valuesOf(one, schemas)]));
  const objects = fc.record(model, { requiredKeys: required }) as fc.Arbitrary<Record<string, Json>>;
  const branches = schema.oneOf as { readonly required: readonly string[] }[] | undefined;
  if (branches === undefined) return objects;
  // exactly one of several keys
  const names = branches.flatMap((branch) => branch.required);
  return fc.tuple(objects, fc.constantFrom(...names), fc.record(model)).map(([object, name, full]) => {
    const rest = Object.entries(object).filter(([key]) => !names.includes(key));
    return { ...Object.fromEntries(rest), [name]: (full as Record<string, Json>)[name]! };
  });
}

function numberOf({ minimum, exclusiveMinimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Number(minimum ?? exclusiveMinimum ?? -1e6);
  const max = Number(maximum ?? 1e6);
  const any = fc.double({
    min,
    max,
    noNaN: true,
    noDefaultInfinity: true,
    minExcluded: exclusiveMinimum !== undefined,
  });
  return any.map((value) => (Object.is(value, -0) ? 0 : value));
}

function textOf({ format, pattern, minLength, maxLength }: Schema): fc.Arbitrary<string> {
  if (format === 'uri') return fc.constantFrom('http://127.0.0.1:1/a', 'https://[::1]:1/b?c=d', 'HTTP://localhost:1');
  if (pattern !== undefined) return fc.stringMatching(new RegExp(String(pattern)));
  const least = Number(minLength ?? 0);
  return fc.string({ minLength: least, maxLength: Math.min(Number(maxLength ?? 40), least + 40) });
}

/** What may stand where something else should. */
export const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    '',
    'L9',
    [],
    {},
    -1,
    0.5,
    1e21,
    -1e308,
    2 ** 53,
    [[[]]],
    '\u0000',
    '\ud800',
    'ȧ̈🙂',
  ),
  fc.constantFrom<Json>(
    'x'.repeat(3000),
    Array<Json>(200).fill(0),
    { constructor: 1 },
    { toString: 'x' },
    'NaN',
    '-Infinity',
    '1',
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

export interface Mutation {
  readonly where: number;
  readonly how: 'replace' | 'remove' | 'add';
  readonly key: string;
  readonly by: Json;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  where: fc.nat(),
  how: fc.constantFrom('replace' as const, 'remove' as const, 'add' as const),
  key: fc.oneof(fc.constantFrom('toString', 'hasOwnProperty', '', 'sequence ', '🙂', 'k'.repeat(500)), fc.string()),
  by: junk,
});

/** Changes one place of the value: any key or entry, at any depth. */
export function mutate(value: Json, { where, how, key, by }: Mutation): Json {
  const copy = structuredClone(value);
  const places = placesOf(copy);
  const place = places[where % Math.max(1, places.length)];
  if (place === undefined) return by;
  const { holder, step } = place;
  if (how === 'add' && !Array.isArray(holder)) holder[key] = by;
  else if (how === 'remove' && !Array.isArray(holder)) delete holder[step];
  else (holder as Record<string, Json>)[step] = by;
  return copy;
}

interface Place {
  readonly holder: Json[] | Record<string, Json>;
  readonly step: string;
}

function placesOf(value: Json): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([step, inner]) => [{ holder: value, step } as Place, ...placesOf(inner)]);
}
