// Refusals: answers made from the peeked bytes, without state (RFC 3261 §8.2.7), in the way that the interface pushes back
// (DESIGN.md §3). The To tag is the transaction's keyed hash, so the ACK is known without memory.
import { type Reason, reasons } from '../admission/reasons.ts';
import { retryAfterSeconds } from '../admission/retry-after.ts';
import type { Neighbour } from '../admission/side.ts';
import { isPrivileged, type RequestClass } from '../classify/class.ts';
import { isSpace } from '../sip/bytes.ts';
import type { Peek } from '../sip/peek.ts';
import { statusLine, writeResponse } from '../sip/respond.ts';
import { Chunk } from '../sip/writer.ts';
import type { Flow } from '../transport/flow.ts';
import { ocOfRequest } from './overload-control.ts';
import { count, countRefusal, type EdgeParts } from './parts.ts';

const unavailable = statusLine(503, 'Service Unavailable');
export const emptyTail = new Chunk('Content-Length: 0\r\n\r\n');
const refusalTails: (Chunk | undefined)[] = new Array(reasons.length * 256).fill(undefined);
/** Seconds: what the memory of decisions can hold. */
const longestRetryAfter = 255;
const reasonIndex = new Map<Reason, number>(reasons.map((reason, index) => [reason, index]));

/** RFC 3326, RFC 6432: an operator can tell our refusals from a switch's. Q.850 cause 42: switching equipment congestion. */
function reasonLine(reason: Reason): string {
  return `Reason: Q.850;cause=42;text="Surgegate ${reason}"\r\n`;
}

/** The end of a 503: a few hundred of them, each made once. `seconds` 0 to 255. */
function tailOf(reason: number, seconds: number): Chunk {
  const index = reason * 256 + seconds;
  const known = refusalTails[index];
  if (known !== undefined) return known;
  const retryAfter = seconds === 0 ? '' : `Retry-After: ${seconds}\r\n`;
  const tail = new Chunk(`${retryAfter}${reasonLine(reasons[reason]!)}Content-Length: 0\r\n\r\n`);
  refusalTails[index] = tail;
  return tail;
}

/**
 * Where the responses to a request go: RFC 3581 §4 with `rport`, to the port it came from; without it to the port of sent-by
 * (RFC 3261 §18.2.2). On a connection always back on it.
 */
export function replyFlow(parts: EdgeParts, flow: Flow, p: Peek): Flow {
  if (flow.reliable || p.rportStart >= 0) return flow;
  const port = sentByPort(p);
  return port === flow.remotePort
    ? flow
    : parts.policy.routing.transports.flowTo(flow.listener, flow.remoteAddress, port);
}

function sentByPort(p: Peek): number {
  let port = 0;
  let factor = 1;
  for (let i = p.sentByEnd - 1; i >= p.sentByStart; i--) {
    const c = p.bytes[i]!;
    if (c === 58) return factor > 1 && port <= 65_535 && port > 0 ? port : 5060;
    // "host: 5060": white space is allowed around the colon (§25.1)
    if (isSpace(c)) continue;
    if (c < 48 || c > 57 || factor > 100_000) return 5060;
    port += (c - 48) * factor;
    factor *= 10;
  }
  return 5060;
}

/** Whole seconds of Retry-After for a refusal on this neighbour's interface; 0 where its pushback has none. */
export function pushbackSeconds(parts: EdgeParts, from: Neighbour): number {
  if (from.pushback !== 'retry-after') return 0;
  const { side } = from;
  const graded = retryAfterSeconds(side.retryAfter, side.refusedShare.ratio, (parts.marks.high & 0xff) / 256);
  // those sent away before come back in a wave: not into it
  const seconds = Math.min(longestRetryAfter, graded + parts.retryAfterSeconds);
  parts.counters.retryAfterSeconds.observe(seconds);
  from.tally.noteRetryAfter(seconds);
  return seconds;
}

/**
 * Refuses a request for want of room: by pushback, remembered for its retransmissions. Call `marks.transaction` first. A call
 * that is privileged, or comes while we drain, gets a plain 503: Retry-After would keep the sender from trying the next call,
 * or the edge that takes our place (RFC 3261 §21.5.4).
 */
export function refuse(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  requestClass: RequestClass,
  reason: Reason,
  nowMs: number,
): void {
  const { marks } = parts;
  let seconds = 0;
  if (!isPrivileged(requestClass) && reason !== 'draining') {
    if (requestClass === 'new-call') from.side.refusedShare.count(true);
    if (flow.reliable) parts.pauses.noteRefused(flow, from, nowMs);
    if (parts.penalties.isPenalised(flow.addressHash))
      return countRefusal(parts, flow, p, from, requestClass, 'drop', 'penalised', 0, 0, nowMs);
    if (from.pushback === 'drop') {
      parts.memory.note(marks.keyHigh, marks.low, nowMs, dropIndex, 0);
      return countRefusal(parts, flow, p, from, requestClass, 'drop', 'pushback-drop', 0, 0, nowMs);
    }
    seconds = pushbackSeconds(parts, from);
    if (seconds > 0 && from.name === '') parts.penalties.noteRefused(flow);
  }
  const index = reasonIndex.get(reason)!;
  parts.memory.note(marks.keyHigh, marks.low, nowMs, index, seconds);
  send503(parts, flow, p, from, index, seconds);
  countRefusal(parts, flow, p, from, requestClass, 'reject', reason, 503, seconds, nowMs);
}

/** `refuse`, where the mode allows it: in shadow mode it is counted only, false is returned, and the request goes on. */
export function refuseForLoad(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  requestClass: RequestClass,
  reason: Reason,
  nowMs: number,
): boolean {
  const { isShadow, refusals } = parts;
  if (!isShadow) refuse(parts, flow, p, from, requestClass, reason, nowMs);
  else {
    parts.counters.shadowed.count(from.side.index, p.method, requestClass, 'reject', reason);
    if (refusals.takes(requestClass, nowMs)) refusals.keep(p, flow, from, requestClass, 'forward', reason, 0, 0, nowMs);
  }
  return !isShadow;
}

/**
 * Whether this transaction has been decided before; then a refused one has its answer again, and the caller returns. `admitted`:
 * it went through without state, and goes through again, not counted as load.
 */
export function remembered(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  requestClass: RequestClass,
  nowMs: number,
): 'new' | 'admitted' | 'answered' {
  const { marks, memory } = parts;
  if (!memory.find(marks.keyHigh, marks.low, nowMs)) return 'new';
  if (memory.reason === admittedIndex) return 'admitted';
  if (parts.penalties.isPenalised(flow.addressHash)) {
    count(parts, from, p, requestClass, 'drop', 'penalised');
    return 'answered';
  }
  const isSilent = memory.reason === dropIndex || memory.reason === waitingIndex;
  if (!isSilent) send503(parts, flow, p, from, memory.reason, memory.retryAfterSeconds);
  count(parts, from, p, requestClass, 'absorb', 'retransmission');
  return 'answered';
}

const admittedIndex = reasonIndex.get('admitted')!;
const dropIndex = reasonIndex.get('pushback-drop')!;
const waitingIndex = reasons.length;

/** Remembers that this request went through without state. */
export function rememberAdmitted(parts: EdgeParts, nowMs: number): void {
  parts.memory.note(parts.marks.keyHigh, parts.marks.low, nowMs, admittedIndex, 0);
}

/** Remembers that this INVITE waits for its turn: its retransmissions get no answer until it is decided. */
export function rememberWaiting(parts: EdgeParts, nowMs: number): void {
  parts.memory.note(parts.marks.keyHigh, parts.marks.low, nowMs, waitingIndex, 0);
}

/** Whether the transaction that the memory has just found waits for its turn. */
export function isWaiting(parts: EdgeParts): boolean {
  return parts.memory.reason === waitingIndex;
}

function send503(parts: EdgeParts, flow: Flow, p: Peek, from: Neighbour, reason: number, seconds: number): void {
  const { writer, marks } = parts;
  writeResponse(
    writer,
    p,
    unavailable,
    flow,
    marks.low,
    marks.refusalCheck(marks.low),
    tailOf(reason, seconds),
    ocOfRequest(parts, from),
  );
  replyFlow(parts, flow, p).send(writer.bytes, 0, writer.at);
  parts.counters.responses.count(from.side.index, 'sent', 503);
}

/** Answers with any status, without state and without memory. `lines`: further header lines, each with its line end. */
export function answer(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  status: number,
  phrase: string,
  lines: string,
): void {
  const { writer, marks } = parts;
  marks.transaction(p);
  const tail = lines === '' ? emptyTail : new Chunk(`${lines}Content-Length: 0\r\n\r\n`);
  writeResponse(
    writer,
    p,
    statusLine(status, phrase),
    flow,
    marks.low,
    marks.refusalCheck(marks.low),
    tail,
    ocOfRequest(parts, from),
  );
  replyFlow(parts, flow, p).send(writer.bytes, 0, writer.at);
  parts.counters.responses.count(from.side.index, 'sent', status);
}
