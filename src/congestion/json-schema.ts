// JSON Schema 2020-12 of the messages, as the OpenAPI document has it and faults are explained by: what has a name is a component.
import * as z from 'zod';

/** The keywords that our schemas use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly default?: unknown;
}

export type Components = Record<string, JsonSchema>;

const prefix = '#/components/schemas/';

/** `io`: `input` of what is received, where defaults may be left out; `output` of what is sent. Named schemas go to `components`. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonSchema {
  const text = JSON.stringify(z.toJSONSchema(schema, { io })).replaceAll('"#/$defs/', `"${prefix}`);
  const {
    $schema: _dialect,
    $defs,
    ...rest
  } = JSON.parse(text) as JsonSchema & { $schema: string; $defs?: Components };
  for (const [name, one] of Object.entries($defs ?? {})) components[name] ??= one;
  return rest;
}

/** The schema itself, or the component that it names. */
export function resolve(schema: JsonSchema, components: Components): JsonSchema {
  const found = schema.$ref === undefined ? schema : components[schema.$ref.slice(prefix.length)];
  return found ?? {};
}
