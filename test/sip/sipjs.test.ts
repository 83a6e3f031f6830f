// parseMessage against another implementation of RFC 3261 §25: the generated grammar of sip.js (440 messages a second,
// so few runs). The seed is fixed: what differs is listed in sipjs-known.ts and must not surprise a build.
import fc from 'fast-check';
import { Core } from 'sip.js';
import { expect, it } from 'vitest';
import type { Message } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse.ts';
import { uriOf } from '../../src/sip/uri.ts';
import { edits, generated, mutate } from './generate.ts';
import { explanations, tame } from './sipjs-known.ts';

const seed = Number(process.env.SIPJS_SEED ?? 4475);

/** What sip.js finds, or undefined where it refuses. */
function theirs(text: string) {
  const quiet = { error() {}, warn() {}, log() {}, debug() {} };
  try {
    return Core.Parser.parseMessage(text, quiet as unknown as Core.Logger);
  } catch {
    return undefined; // it throws on some faults of CSeq
  }
}

function ourFacts(m: Message) {
  const via = m.vias[0]!;
  const uri = m.uri && uriOf(m.bytes, m.uri);
  const user = uri?.user === undefined ? undefined : [uri.user, ...(uri.password === undefined ? [] : [uri.password])];
  return {
    method: m.method,
    status: m.status,
    scheme: uri?.scheme as string | undefined,
    user: user === undefined ? undefined : decodeURIComponent(user.join(':')),
    host: uri?.host,
    port: uri?.port,
    transport: via.transport,
    viaHost: via.host.toLowerCase(),
    viaPort: via.port,
    branch: via.branch,
    received: via.received,
    rport: via.rport === null ? undefined : via.rport,
    fromTag: m.from.tag,
    toTag: m.to.tag,
    callId: m.callId,
    cseq: m.cseq,
    maxForwards: m.maxForwards,
    recordRoutes: m.recordRoutes.length,
  };
}

function theirFacts(m: NonNullable<ReturnType<typeof theirs>>): ReturnType<typeof ourFacts> {
  const request = m instanceof Core.IncomingRequestMessage ? m : undefined;
  const response = m instanceof Core.IncomingResponseMessage ? m : undefined;
  const via = m.via as Core.IncomingMessage['via'] & Record<string, string | number | undefined>;
  const hops = m.getHeader('max-forwards');
  return {
    method: m.method,
    status: response?.statusCode ?? 0,
    scheme: request?.ruri?.scheme,
    user: request?.ruri?.user,
    host: request?.ruri?.host.toLowerCase(),
    port: request?.ruri?.port,
    transport: String(via.transport).toUpperCase(),
    viaHost: String(via.host).toLowerCase(),
    viaPort: via.port as number | undefined,
    branch: m.viaBranch,
    received: via.received as string | undefined,
    rport: via.rport === undefined || via.rport === null ? undefined : Number(via.rport),
    fromTag: m.fromTag || undefined,
    toTag: m.toTag || undefined,
    callId: m.callId,
    cseq: m.cseq,
    maxForwards: hops === undefined ? undefined : Number(hops),
    recordRoutes: m.getHeaders('record-route').length,
  };
}

function same(ours: ReturnType<typeof ourFacts>, others: ReturnType<typeof ourFacts>, text: string): void {
  const wrong = Object.entries(ours).filter(([key, value]) => value !== others[key as keyof typeof ours]);
  const shown = wrong.map(([key, value]) => `${key}: ours ${value}, sip.js ${others[key as keyof typeof ours]}`);
  if (shown.length > 0) throw new Error(`${shown.join('; ')}\n${JSON.stringify(text)}`);
}

it('finds in valid messages what sip.js finds', () => {
  fc.assert(
    fc.property(generated, (g) => {
      const text = tame(g.text);
      const bytes = Buffer.from(text, 'latin1');
      const m = parseMessage(bytes, 0, bytes.length);
      if (m.kind === 'fault') throw new Error(m.detail);
      const other = theirs(text);
      if (other === undefined) throw new Error(`sip.js refuses ${JSON.stringify(text)}`);
      same(ourFacts(m), theirFacts(other), text);
    }),
    { numRuns: 400, seed, endOnFailure: true },
  );
});

it('accepts no mutated message that sip.js refuses, but for the reasons listed, and finds the same in the others', () => {
  let compared = 0;
  fc.assert(
    fc.property(generated, edits, (g, list) => {
      const bytes = mutate(Buffer.from(tame(g.text), 'latin1'), list);
      const m = parseMessage(bytes, 0, bytes.length);
      // What only we refuse needs no explanation: sip.js looks at few headers, and at one Via.
      if (m.kind === 'fault') return;
      const text = bytes.toString('latin1');
      if (explanations.some((known) => known.applies(text, m))) return;
      const other = theirs(text);
      if (other === undefined) throw new Error(`only we accept ${JSON.stringify(text)}`);
      same(ourFacts(m), theirFacts(other), text);
      compared++;
    }),
    { numRuns: 1500, seed, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(150);
});
