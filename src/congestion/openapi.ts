// The OpenAPI 3.1 document of the congestion API, written from the table of routes and the schemas of its messages.
import { examples, problemExample } from './examples.ts';
import { type Components, jsonSchemaOf } from './json-schema.ts';
import { openPaths, problemResponses, statusesOf } from './openapi-answers.ts';
import { problemSchema } from './problem.ts';
import { type NamedRoute, pathParameters, type Route, roles, routeOf, routes } from './routes.ts';

/** As JSON.stringify takes it. */
export type OpenApiDocument = Readonly<Record<string, unknown>>;

type Json = Record<string, unknown>;

const description =
  'Spoken between the applications of a host and the orchestrator that rations its resources. State is leased: what is not ' +
  'renewed in time decays to a safe default. Sequence numbers make duplicates and late messages harmless; times are spans, so ' +
  'that no two clocks have to agree. An application, like a peer, can name only itself.';

const tags: Readonly<Record<(typeof roles)[number], string>> = {
  application: 'What an application of the host says and asks',
  peer: 'The orchestrator of another autonomous system',
  operator: 'Operations systems and AIN elements (ITU-T E.412)',
};

/** `version`: of the program. */
export function openApiDocument(version: string): OpenApiDocument {
  const schemas: Components = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  jsonSchemaOf(problemSchema, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'Surgegate congestion API', version, description },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { mutualTls: [] }],
    tags: roles.map((name) => ({ name, description: tags[name] })),
    paths: { ...paths, ...openPaths },
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: problemResponses(problemExample),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'One token for each application, peer or operator (RFC 6750)',
        },
        mutualTls: { type: 'mutualTLS', description: 'A client certificate whose name stands for one of them' },
      },
    },
  };
}

function operation(route: NamedRoute, schemas: Components): Json {
  const parameters = [...pathParametersOf(route, schemas), ...queryParametersOf(route, schemas)];
  const { body: example } = examples[route.id];
  const body = route.body === undefined ? undefined : jsonContent(jsonSchemaOf(route.body, 'input', schemas), example);
  return {
    operationId: route.id,
    summary: route.summary,
    description: `For: ${route.roles.join(', ')}.`,
    tags: [route.roles[0]],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: responses(route, schemas),
    ...(route.id === 'register'
      ? { callbacks: { orders: { '{$request.body#/callback/url}': callback(schemas) } } }
      : {}),
  };
}

function responses(route: NamedRoute, schemas: Components): Json {
  const success =
    route.result === undefined ? {} : { 200: { description: 'Done', content: resultContent(route, schemas) } };
  const done = route.result === undefined || route.id === 'orders';
  const empty = { 204: { description: route.id === 'orders' ? 'There are no other orders' : 'Done' } };
  const refused = statusesOf(route).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]);
  return { ...success, ...(done ? empty : {}), ...Object.fromEntries(refused) };
}

function resultContent({ id, result }: NamedRoute, schemas: Components): Json {
  const schema = jsonSchemaOf(result!.schema, 'output', schemas);
  const example = examples[id].result;
  if (result!.stream === true) {
    const event = id === 'events' ? 'orders' : 'transition';
    const number = id === 'events' ? '42' : '2025-01-06T10:00:04.200Z';
    const text = `retry: 3000\n\nid: ${number}\nevent: ${event}\ndata: ${JSON.stringify(example)}\n\n: still here\n\n`;
    return { 'text/event-stream': { schema: { type: 'string' }, 'x-event-data': schema, example: text } };
  }
  if (result!.list === undefined) return jsonContent(schema, example);
  const list = { type: 'array', items: schema };
  const object = {
    type: 'object',
    properties: { [result!.list]: list },
    required: [result!.list],
    additionalProperties: false,
  };
  return jsonContent(object, { [result!.list]: [example] });
}

/** What the orchestrator sends to the application. */
function callback(schemas: Components): Json {
  const orders = jsonContent(jsonSchemaOf(routeOf('orders').result!.schema, 'output', schemas), examples.orders.result);
  const post = {
    operationId: 'callback',
    summary: 'The orders, each time they change; only the newest are sent, again and again until they are taken',
    description: 'Carries the token of the registration. Redirects are not followed; an answer has to come within 2 s.',
    security: [{ bearer: [] }, { mutualTls: [] }, {}],
    requestBody: { required: true, content: orders },
    responses: { '2XX': { description: 'The orders were taken' } },
  };
  return { post };
}

function pathParametersOf({ path }: Route, schemas: Components): Json[] {
  const named = Object.entries(pathParameters).filter(([name]) => path.includes(`{${name}}`));
  return named.map(([name, one]) => ({
    name,
    in: 'path',
    required: true,
    schema: jsonSchemaOf(one, 'input', schemas),
  }));
}

function queryParametersOf({ query }: Route, schemas: Components): Json[] {
  const { properties = {} } = query === undefined ? {} : jsonSchemaOf(query, 'input', schemas);
  return Object.entries(properties).map(([name, { description: text, ...schema }]) => ({
    ...{ name, in: 'query', description: text, schema },
  }));
}

const jsonContent = (schema: unknown, example: unknown): Json => ({ 'application/json': { schema, example } });
