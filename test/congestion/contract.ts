// The OpenAPI document as a test reads it: which operations there are, what each may be sent and may answer.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Status codes that it documents. */
  readonly statuses: readonly number[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Record<string, unknown>;
  }[];
  readonly bodySchema: Record<string, unknown> | undefined;
}

export interface Contract {
  readonly operations: readonly Operation[];
  /** With every schema resolved within it. */
  readonly schemas: Readonly<Record<string, Record<string, unknown>>>;
  bodyFaults(id: string, body: unknown): string[];
  /** Of a JSON answer; a status that is not documented is a fault. */
  answerFaults(id: string, status: number, answer: unknown): string[];
}

interface Media {
  readonly schema: Record<string, unknown>;
}
interface Written {
  readonly operationId: string;
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
}

const base = 'https://surgegate.invalid/openapi.json';

export function contract(document: Record<string, unknown>): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: base });
  const compiled = new Map<string, ValidateFunction>();
  const faults = (pointer: string, value: unknown): string[] => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `${base}#${pointer}` });
    compiled.set(pointer, validate);
    validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
  const paths = document.paths as Record<string, Record<string, Written>>;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, written]) => ({ path, method, written })),
  );
  const pointerOf = (id: string): { pointer: string; written: Written } => {
    const { path, method, written } = found.find((one) => one.written.operationId === id)!;
    return {
      pointer: `/paths/${path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method}`,
      written,
    };
  };
  return {
    operations: found.map(({ path, method, written }) => ({
      ...{ id: written.operationId, method: method.toUpperCase(), path, parameters: written.parameters ?? [] },
      statuses: Object.keys(written.responses).map(Number),
      bodySchema: written.requestBody?.content['application/json']?.schema,
    })),
    schemas: (document.components as { schemas: Record<string, Record<string, unknown>> }).schemas,
    bodyFaults: (id, body) => faults(`${pointerOf(id).pointer}/requestBody/content/application~1json/schema`, body),
    answerFaults(id, status, answer) {
      const { pointer, written } = pointerOf(id);
      const response = written.responses[status];
      if (response === undefined) return [`${id} does not document ${status}`];
      if (response.$ref !== undefined) return faults('/components/schemas/Problem', answer);
      if (response.content?.['application/json'] === undefined) return [`${id} ${status} has no JSON`];
      return faults(`${pointer}/responses/${status}/content/application~1json/schema`, answer);
    },
  };
}
