import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { examples } from '../../src/congestion/examples.ts';
import { openApiDocument } from '../../src/congestion/openapi.ts';
import { type Route, routes } from '../../src/congestion/routes.ts';
import { openApiFile, openApiText } from '../docs/openapi-file.ts';
import { contract } from './contract.ts';

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Record<string, unknown>;

describe('the OpenAPI document', () => {
  it('is a valid one', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('stands in config/congestion-api.json: `npm run docs` writes it', () => {
    expect(readFileSync(openApiFile, 'utf8')).toBe(openApiText());
  });

  it('has every route, the version of the program, and no reference to nowhere', () => {
    const { operations } = contract(document);
    const written = operations.map(({ id, method, path }) => `${id} ${method} ${path}`);
    const served = routes.map(({ id, method, path }) => `${id} ${method} ${path}`);
    const open = ['health GET /healthz', 'metrics GET /metrics', 'openapi GET /openapi.json'];
    expect(written.sort()).toEqual([...served, ...open].sort());
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!);
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const found = path
        .split('/')
        .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
      expect(found, path).toBeDefined();
    }
  });
});

describe.each(routes.map((route: Route & { id: keyof typeof examples }) => [route.id, route] as const))(
  'the example of %s',
  (id, route) => {
    const { body, result } = examples[id];
    const { bodyFaults, answerFaults } = contract(document);

    it('is what the server takes and gives', () => {
      expect(body === undefined).toBe(route.body === undefined);
      expect(result === undefined).toBe(route.result === undefined);
      route.body?.parse(body);
      route.result?.schema.parse(result);
    });

    it('is what the document says', () => {
      if (body !== undefined) expect(bodyFaults(id, body)).toEqual([]);
      const answer = route.result?.list === undefined ? result : { [route.result.list]: [result] };
      if (answer !== undefined && route.result?.stream !== true) expect(answerFaults(id, 200, answer)).toEqual([]);
    });

    it('is not taken any more with a key that the contract does not have', () => {
      if (body === undefined) return;
      const more = { ...(body as object), surprise: 1 };
      expect(route.body!.safeParse(more).success).toBe(false);
      expect(bodyFaults(id, more)).not.toEqual([]);
    });
  },
);
