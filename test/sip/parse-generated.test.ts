// parseMessage finds in generated messages what was put into them, and survives mutated ones.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Message } from '../../src/sip/message.ts';
import type { Address } from '../../src/sip/name-addr.ts';
import { parseMessage } from '../../src/sip/parse.ts';
import { uriOf } from '../../src/sip/uri.ts';
import { edits, type Generated, generated, mutate } from './generate.ts';
import type { GeneratedAddress } from './generate-parts.ts';

const slice = (bytes: Uint8Array, start: number, end: number) => Buffer.from(bytes).toString('latin1', start, end);

function addressFacts(m: Message, a: Address) {
  return [slice(m.bytes, a.uri.start, a.uri.end), a.tag, a.bracketed, a.lr, slice(m.bytes, a.start, a.end)];
}
const generatedFacts = (a: GeneratedAddress) => [a.uri.text, a.tag, a.bracketed, a.uri.lr, a.text.trim()];

function check(g: Generated, m: Message): void {
  expect(m.kind).toBe(g.request ? 'request' : 'response');
  expect([m.method, m.status, m.reason, m.callId, m.cseq, m.cseqMethod, m.maxForwards]).toEqual([
    g.method,
    g.status,
    g.reason,
    g.callId,
    g.cseq,
    g.method,
    g.maxForwards,
  ]);
  if (g.uri !== undefined) {
    expect(slice(m.bytes, m.uriStart, m.uriEnd)).toBe(g.uri.text);
    const { scheme, user, host, port } = g.uri;
    expect(uriOf(m.bytes, m.uri!)).toMatchObject({ scheme, user, host, port });
  }
  expect(m.vias.map((v) => [v.transport, v.host, v.port, v.branch, v.received, v.rport])).toEqual(
    g.vias.map((v) => [v.transport, v.host, v.port, v.branch, v.received, v.rport]),
  );
  expect(m.vias.map((v) => slice(m.bytes, v.start, v.end))).toEqual(g.vias.map((v) => v.text.trim()));
  expect(addressFacts(m, m.from)).toEqual(generatedFacts(g.from));
  expect(addressFacts(m, m.to)).toEqual(generatedFacts(g.to));
  for (const list of ['contacts', 'routes', 'recordRoutes'] as const)
    expect(m[list].map((a) => addressFacts(m, a))).toEqual(g[list].map(generatedFacts));
  for (const list of ['require', 'proxyRequire', 'supported'] as const) expect(m[list]).toEqual(g[list]);
  expect(m.resourcePriorities.map((v) => `${v.namespace}.${v.priority}`)).toEqual(g.resourcePriorities);
  expect(slice(m.bytes, m.bodyStart, m.end)).toBe(g.body);
  expect(m.contentLength).toBe(g.hasContentLength ? g.body.length : undefined);
}

it('finds in a valid message what was put into it', () => {
  fc.assert(
    fc.property(generated, (g) => {
      const m = parseMessage(g.bytes, 0, g.bytes.length);
      if (m.kind === 'fault') throw new Error(m.detail);
      check(g, m);
    }),
    { numRuns: 1500 },
  );
});

it('finds the same in a plain Uint8Array inside a larger one', () => {
  fc.assert(
    fc.property(generated, fc.nat(9), (g, shift) => {
      const larger = new Uint8Array(shift + g.bytes.length + 9).fill(65);
      larger.set(g.bytes, shift);
      const m = parseMessage(larger, shift, shift + g.bytes.length);
      if (m.kind === 'fault') throw new Error(m.detail);
      check(g, m);
    }),
    { numRuns: 200 },
  );
});

it('keeps what it finds within the message, whatever the message', () => {
  fc.assert(
    fc.property(generated, edits, (g, list) => {
      const bytes = mutate(g.bytes, list);
      const m = parseMessage(bytes, 0, bytes.length);
      if (m.kind === 'fault') return;
      let last = m.headersStart;
      for (const h of m.headers) {
        expect(h.lineStart).toBe(last);
        expect(h.lineStart < h.nameEnd && h.nameEnd < h.valueStart && h.valueStart <= h.valueEnd).toBe(true);
        expect(h.valueEnd).toBeLessThanOrEqual(h.lineEnd);
        last = h.lineEnd;
      }
      expect(m.bodyStart).toBe(last + 2);
      expect(m.end).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
