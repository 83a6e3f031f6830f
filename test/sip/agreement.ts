// Where peek and parseMessage both say something of a message, in one form, so that they can be compared.
import type { Message, ParseFault } from '../../src/sip/message.ts';
import { methodOf } from '../../src/sip/method.ts';
import { Peek, peek } from '../../src/sip/peek.ts';

type Facts = Record<string, unknown>;

export function peekFacts(p: Peek): Facts {
  const pair = (start: number, end: number) => (start < 0 ? undefined : [start, end]);
  return {
    start: p.start,
    end: p.end,
    request: p.isRequest,
    method: p.isRequest ? p.method : p.cseqMethod,
    methodRange: pair(p.methodStart, p.methodEnd),
    status: p.status,
    uri: pair(p.uriStart, p.uriEnd),
    headersStart: p.headersStart,
    bodyStart: p.bodyStart,
    headerCount: p.headerCount,
    viaLineStart: p.viaLineStart,
    via: pair(p.viaStart, p.viaEnd),
    via2: p.hasSecondVia ? pair(p.via2Start, p.via2End) : undefined,
    viaBlock: pair(p.viaBlockStart, p.viaBlockEnd),
    sentBy: pair(p.sentByStart, p.sentByEnd),
    branch: p.branchStart < 0 ? undefined : p.text(p.branchStart, p.branchEnd),
    rport: pair(p.rportStart, p.rportEnd),
    received: pair(p.receivedStart, p.receivedEnd),
    from: pair(p.fromStart, p.fromEnd),
    fromTag: pair(p.fromTagStart, p.fromTagEnd),
    to: pair(p.toStart, p.toEnd),
    toTag: pair(p.toTagStart, p.toTagEnd),
    callId: pair(p.callIdStart, p.callIdEnd),
    cseq: p.cseqNumber,
    cseqMethod: p.cseqMethod,
    maxForwards: p.maxForwards,
    contentLength: p.contentLength,
    route: pair(p.routeStart, p.routeEnd),
    routeCount: p.routeCount,
    resourcePriority: pair(p.resourcePriorityStart, p.resourcePriorityEnd),
    resourcePriorityCount: p.resourcePriorityCount,
    require: pair(p.requireStart, p.requireEnd),
    proxyRequire: pair(p.proxyRequireStart, p.proxyRequireEnd),
  };
}

export function messageFacts(m: Message): Facts {
  const { vias, headers, from, to } = m;
  const named = (name: string) => headers.filter((header) => header.name === name);
  const value = (name: string) => {
    const first = named(name)[0];
    return first === undefined ? undefined : [first.valueStart, first.valueEnd];
  };
  const known = (text: string) => methodOf(Buffer.from(text, 'latin1'), 0, text.length);
  const top = vias[0]!;
  const viaLines = named('via');
  const adjacent = viaLines.every((line, i) => i === 0 || viaLines[i - 1]!.lineEnd === line.lineStart);
  const tag = (a: typeof from) => (a.tagStart < 0 ? undefined : [a.tagStart, a.tagEnd]);
  const request = m.kind === 'request';
  return {
    start: m.start,
    end: m.end,
    request,
    method: known(m.method),
    methodRange: request ? [m.start, m.uriStart - 1] : undefined,
    status: m.status,
    uri: request ? [m.uriStart, m.uriEnd] : undefined,
    headersStart: m.headersStart,
    bodyStart: m.bodyStart,
    headerCount: headers.length,
    viaLineStart: viaLines[0]!.lineStart,
    via: [top.start, top.end],
    via2: vias[1] === undefined ? undefined : [vias[1].start, vias[1].end],
    viaBlock: adjacent ? [viaLines[0]!.lineStart, viaLines.at(-1)!.lineEnd] : undefined,
    sentBy: [top.sentByStart, top.sentByEnd],
    branch: top.branch,
    rport: top.rportStart < 0 ? undefined : [top.rportStart, top.rportEnd],
    received: top.receivedStart < 0 ? undefined : [top.receivedStart, top.receivedEnd],
    from: [from.start, from.end],
    fromTag: tag(from),
    to: [to.start, to.end],
    toTag: tag(to),
    callId: [m.callIdStart, m.callIdEnd],
    cseq: m.cseq,
    cseqMethod: known(m.cseqMethod),
    maxForwards: m.maxForwards ?? -1,
    contentLength: m.contentLength ?? -1,
    route: value('route'),
    routeCount: named('route').length,
    resourcePriority: value('resource-priority'),
    resourcePriorityCount: named('resource-priority').length,
    require: value('require'),
    proxyRequire: value('proxy-require'),
  };
}

/** Faults of the parser that peek must see too: with them a message has no transaction, or no end. */
const shared = new Set([
  'Via is missing',
  'From is missing',
  'To is missing',
  'Call-ID is missing',
  'CSeq is missing',
  'From stands twice',
  'To stands twice',
  'Call-ID stands twice',
  'CSeq stands twice',
  'Max-Forwards stands twice',
  'Content-Length stands twice',
  'Content-Length is not a number',
  'Content-Length is more than there is',
  'the method of CSeq is not the method of the request',
  'the headers do not end',
  'too many header lines',
  'not SIP/2.0',
  'not a Status-Line of SIP/2.0',
  'the status code is not 100 to 699',
]);

const peeked = new Peek();

/** What peek and the parser disagree in on `bytes`, as lines of text; empty where they agree. */
export function disagreements(bytes: Uint8Array, result: Message | ParseFault): string[] {
  peek(peeked, bytes, 0, bytes.length, false);
  if (result.kind === 'fault') {
    if (result.detail === 'Max-Forwards is not 0 to 255' && peeked.maxForwards !== -2 && peeked.fault === 'none')
      return ['peek has a Max-Forwards that the parser refuses'];
    return peeked.fault === 'none' && shared.has(result.detail) ? [`peek does not see: ${result.detail}`] : [];
  }
  if (peeked.fault !== 'none') return [`the parser does not see: ${peeked.fault}`];
  const ours = messageFacts(result);
  const theirs = peekFacts(peeked);
  return Object.keys(theirs)
    .filter((key) => JSON.stringify(ours[key]) !== JSON.stringify(theirs[key]))
    .map((key) => `${key}: parser ${JSON.stringify(ours[key])}, peek ${JSON.stringify(theirs[key])}`);
}
