// Requests that follow the OpenAPI document, and requests that do not, for fast-check.
import fc from 'fast-check';
import { tokens, type Who } from '../orchestrator/api/setting.ts';
import type { Contract, Operation } from './contract.ts';
import { type Json, junk, mutate, mutation, valuesOf } from './schema-values.ts';

export interface FuzzRequest {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn; a name may stand twice. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
  /** The body where it is JSON that says what was meant. */
  readonly value: Json | undefined;
  /** Everything but perhaps the body is as it should be. */
  readonly isSound: boolean;
}

/** A few of these to one of the others. */
const mostly = <T>(good: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: other });

const oddNames = fc.constantFrom(
  ...[
    'web',
    'nobody',
    '-edge',
    'edge%20',
    '%00',
    '%ff',
    '%zz',
    '..',
    '%2e%2e',
    '%2f',
    '__proto__',
    'constructor',
    '%F0%9F%99%82',
  ],
  ...[
    'n'.repeat(64),
    'n'.repeat(65),
    'n'.repeat(5000),
    "';--",
    '*',
    ':name',
    '{name}',
    '18005551234',
    '1'.repeat(16),
    '1',
    '%31',
  ],
);
const oddQueries = fc.constantFrom(
  ...[
    '?after=',
    '?after=-1',
    '?after=1&after=2',
    '?after=1e3',
    '?after=99999999999999999999',
    '?after[]=1',
    '?waitSeconds=31',
  ],
  ...[
    '?__proto__=1',
    '?constructor=1',
    '?after=%zz',
    `?${'a=b&'.repeat(400)}`,
    '?',
    '?waitSeconds=NaN',
    '?after=0x1',
    '?%F0%9F%99%82=1',
  ],
);
const oddHeaders = fc.constantFrom<readonly string[]>(
  ...[
    ['content-type', 'text/plain'],
    ['content-type', 'application/xml'],
    ['content-type', ''],
    ['content-type', 'application/json;;;'],
  ],
  ...[
    ['content-type', 'application/json', 'content-type', 'text/plain'],
    ['content-encoding', 'gzip'],
    ['accept', 'image/png'],
  ],
  ...[
    ['authorization', 'Bearer x'],
    ['authorization', 'Basic eDp5'],
    ['authorization', ''],
  ],
  ...[
    ['x-long', 'v'.repeat(7000)],
    ['x-long', 'v'.repeat(9000)],
    ['x-forwarded-for', '127.0.0.1'],
    ['last-event-id', '\u00e4'],
  ],
  ...[
    ['content-type', 'application/json; charset=utf-16'],
    ['x-http-method-override', 'DELETE'],
    ['cookie', 'a=b', 'cookie', 'c=d'],
  ],
);
const badTexts = fc.constantFrom(
  ...[
    '{',
    '',
    ' ',
    'null',
    '[]',
    '"text"',
    '0',
    'undefined',
    '{"a":1,}',
    "{'a':1}",
    '\ufeff{}',
    '{"sequence":1e400}',
    '{}{}',
  ],
  ...[
    '{"__proto__":{"sequence":1}}',
    '{"constructor":{"prototype":{}}}',
    '{"callback":{"__proto__":null}}',
    '\u0000',
    '{"a":"\\ud800"}',
  ],
  ...[
    '['.repeat(20_000),
    `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`,
    `"${'x'.repeat(70_000)}"`,
    `{"sequence":${'9'.repeat(5000)}}`,
  ],
);

/** Of an operation, its example identity: application edge, peer east, operator noc. */
function rightful({ path }: Operation): Who {
  if (path.startsWith('/v1/applications')) return 'edge';
  return path.startsWith('/v1/peers') ? 'east' : 'noc';
}

export function requestOf(operation: Operation, { schemas }: Contract): fc.Arbitrary<FuzzRequest> {
  const { bodySchema } = operation;
  const good = bodySchema === undefined ? undefined : valuesOf(bodySchema, schemas);
  const own = operation.path.includes('/peers/') ? 'east' : 'edge';
  const mutated = good === undefined ? junk : fc.tuple(good, mutation).map(([value, change]) => mutate(value, change));
  const values: fc.Arbitrary<Json | undefined> =
    good === undefined ? mostly<Json | undefined>(fc.constant(undefined), junk) : fc.oneof(good, mutated, junk);
  const takesQuery = operation.parameters.some((one) => one.in === 'query');
  const goodQueries = takesQuery
    ? fc.constantFrom('', '?after=41', '?after=42', '?waitSeconds=0.01&after=42')
    : fc.constant('');
  return fc
    .record({
      method: mostly(
        fc.constant(operation.method),
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'BREW'),
      ),
      name: mostly(fc.constant(undefined), oddNames),
      query: mostly(goodQueries, oddQueries),
      token: mostly(
        fc.constant<string | undefined>(tokens[rightful(operation)]),
        fc.constantFrom(...Object.values(tokens), 'wrong-token-0123456', undefined),
      ),
      value: values,
      text: mostly(fc.constant<string | undefined>(undefined), badTexts),
      more: mostly(fc.constant<readonly string[]>([]), oddHeaders),
    })
    .map(({ method, name, query, token, value, text, more }) => {
      const body = text ?? (value === undefined ? undefined : JSON.stringify(value));
      const rightToken = token === tokens[rightful(operation)];
      const isSound = method === operation.method && name === undefined && rightToken && more.length === 0;
      const given = more.includes('content-type') || body === undefined ? [] : ['content-type', 'application/json'];
      return {
        ...{ operation, method, body },
        path: `${operation.path.replace('{name}', name ?? own).replace('{digits}', name ?? '18005551234')}${query}`,
        headers: [...(token === undefined ? [] : ['authorization', `Bearer ${token}`]), ...given, ...more],
        // as it goes out: a mutation may have made something of it that JSON does not carry
        value: text === undefined && body !== undefined ? (JSON.parse(body) as Json) : undefined,
        isSound: isSound && text === undefined && !isOdd(query) && (bodySchema !== undefined || body === undefined),
      };
    });
}

const isOdd = (query: string): boolean => !/^(|\?after=4[12]|\?waitSeconds=0\.01&after=42)$/.test(query);
