// A collector of traces: OTLP over HTTP in its JSON form. What comes is checked against the form that the protocol gives it; on
// demand it refuses, says nothing, or goes away.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

// opentelemetry-proto, trace.proto; JSON: ids in hexadecimal, 64-bit numbers as text (OTLP specification, "JSON Protobuf Encoding")
const nanos = z.string().regex(/^\d{19}$/);
const spanId = z.string().regex(/^[0-9a-f]{16}$/);
const traceId = z.string().regex(/^[0-9a-f]{32}$/);
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.union([z.int(), z.string().regex(/^-?\d+$/)]) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const dropped = z.int().min(0).optional();
const span = z.strictObject({
  traceId,
  spanId,
  traceState: z.string().optional(),
  parentSpanId: spanId.optional(),
  flags: z.int().optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  droppedAttributesCount: dropped,
  events: z.array(
    z.strictObject({ timeUnixNano: nanos, name: z.string().min(1), attributes, droppedAttributesCount: dropped }),
  ),
  droppedEventsCount: dropped,
  links: z.array(z.unknown()),
  droppedLinksCount: dropped,
  status: z.strictObject({ code: z.int().min(0).max(2), message: z.string().optional() }),
});
const scope = z.strictObject({ name: z.string(), version: z.string().optional(), attributes: attributes.optional() });
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.looseObject({ attributes, droppedAttributesCount: dropped }),
      scopeSpans: z.array(z.strictObject({ scope, spans: z.array(span).min(1), schemaUrl: z.string().optional() })),
      schemaUrl: z.string().optional(),
    }),
  ),
});

type Value = string | number | boolean;

export interface CollectedSpan {
  readonly name: string;
  /** As `SpanKind` of the protocol: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** Unix time, ms. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly events: readonly string[];
  readonly isError: boolean;
  readonly service: Value | undefined;
}

export type CollectorMode = 'takes' | 'refuses' | 'hangs';

export interface OtlpCollector {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  mode: CollectorMode;
  readonly spans: CollectedSpan[];
  /** What did not have the form of the protocol. */
  readonly faults: string[];
  /** Of the last request. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Requests, taken or not. */
  readonly requests: number;
  close(): Promise<void>;
}

export async function startOtlpCollector(port = 0): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const faults: string[] = [];
  const collector = { mode: 'takes' as CollectorMode, headers: {}, requests: 0 };
  const server: Server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      collector.requests++;
      collector.headers = asked.headers;
      if (asked.url !== '/v1/traces' || asked.method !== 'POST') faults.push(`${asked.method} ${asked.url}`);
      if (asked.headers['content-type'] !== 'application/json') faults.push(`${asked.headers['content-type']}`);
      if (collector.mode === 'hangs') return;
      if (collector.mode === 'refuses') return reply(answer.setHeader('retry-after', '60'), 503, {});
      const read = request.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
      if (!read.success) {
        faults.push(z.prettifyError(read.error));
        return reply(answer, 400, {});
      }
      spans.push(...collected(read.data));
      reply(answer, 200, { partialSuccess: {} });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const own = (server.address() as AddressInfo).port;
  return Object.assign(collector, {
    port: own,
    url: `http://127.0.0.1:${own}`,
    spans,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function reply(answer: ServerResponse, status: number, content: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

function collected({ resourceSpans }: z.output<typeof request>): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((one) => ({
        name: one.name,
        kind: one.kind,
        traceId: one.traceId,
        spanId: one.spanId,
        parentId: one.parentSpanId,
        beganMs: Number(one.startTimeUnixNano) / 1e6,
        endedMs: Number(one.endTimeUnixNano) / 1e6,
        attributes: plain(one.attributes),
        events: one.events.map((event) => event.name),
        isError: one.status.code === 2,
        service: plain(resource.attributes)['service.name'],
      })),
    ),
  );
}

function plain(list: z.output<typeof attributes>): Record<string, Value> {
  return Object.fromEntries(
    list.map((one) => {
      const [[kind, content]] = Object.entries(one.value) as [[string, Value]];
      return [one.key, kind === 'intValue' ? Number(content) : content];
    }),
  );
}
