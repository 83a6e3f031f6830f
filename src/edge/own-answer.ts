// How a call begins, and the answers to its INVITE that are not a switch's: 100 Trying (RFC 3261 §16.2), and the final ones of
// the proxy itself (§16.7 step 6, §16.8).
import { calledNumber } from '../admission/gaps.ts';
import type { Neighbour } from '../admission/side.ts';
import type { Classification } from '../classify/classify.ts';
import { ruleOf } from '../classify/plan.ts';
import { callKey } from '../forward/select-switch.ts';
import { latin1 } from '../sip/bytes.ts';
import type { Peek } from '../sip/peek.ts';
import { statusLine, writeResponse } from '../sip/respond.ts';
import { Chunk } from '../sip/writer.ts';
import type { Flow } from '../transport/flow.ts';
import { Call, keep } from './call.ts';
import { ocOf } from './overload-control.ts';
import type { EdgeParts } from './parts.ts';
import { emptyTail, replyFlow } from './refuse.ts';
import { traceOf } from './tracing.ts';

const trying = statusLine(100, 'Trying');
const phrases: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  487: 'Request Terminated',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
};

/** The call of the admitted INVITE in `p`, whose transaction hash `marks` holds. */
export function newCall(
  parts: EdgeParts,
  p: Peek,
  arrival: Flow,
  from: Neighbour,
  classification: Classification,
  isPrivileged: boolean,
): Call {
  return new Call({
    key: parts.marks.serverKey(),
    callKey: callKey(p.bytes, p.callIdStart, p.callIdEnd),
    from,
    arrival,
    replyFlow: replyFlow(parts, arrival, p),
    class: classification.class,
    isPrivileged,
    rule: from.side.name === 'core' ? undefined : ruleOf(parts.policy.plan, classification.route),
    stripPriority: classification.stripResourcePriority,
    insertPriority: classification.insertResourcePriority,
    beganMs: parts.now(),
    takesPart: parts.takesPart,
    trace: traceOf(parts, p, arrival, from, classification.class, isPrivileged),
    called: classification.class === 'new-call' ? calledNumber(p.bytes, p.uriStart, p.uriEnd) : 0,
    request: keep(p.bytes, p.start, p.end),
  });
}

/** Writes 100 Trying into `parts.writer`: without a To tag of its own, with the request's Timestamp (RFC 3261 §8.2.6.1). */
export function writeTrying(parts: EdgeParts, p: Peek, call: Call): void {
  const { arrival } = call;
  const stamp = p.timestampStart < 0 ? '' : `Timestamp: ${latin1(p.bytes, p.timestampStart, p.timestampEnd)}\r\n`;
  const tail = stamp === '' ? emptyTail : new Chunk(`${stamp}Content-Length: 0\r\n\r\n`);
  writeResponse(parts.writer, p, trying, arrival, 0, 0, tail, ocOf(parts, call));
}

/** Writes a final response to the INVITE in `p`, which is that of `call`. `retryAfter`: seconds, 0 for none. */
export function writeOwnAnswer(parts: EdgeParts, p: Peek, call: Call, status: number, retryAfter: number): void {
  parts.marks.transaction(p);
  const { high, low } = parts.marks;
  const tail = retryAfter === 0 ? emptyTail : new Chunk(`Retry-After: ${retryAfter}\r\nContent-Length: 0\r\n\r\n`);
  writeResponse(
    parts.writer,
    p,
    statusLine(status, phrases[status]!),
    call.arrival,
    high,
    low,
    tail,
    ocOf(parts, call),
  );
}
