// The lines that the edge puts on top of what it sends on: Via (RFC 3261 §16.6 step 8), Record-Route (step 4; twice where the
// sides differ, RFC 5658), Path for registrations (RFC 3327), Resource-Priority where the dial plan says so.

import type { DialRule } from '../classify/plan.ts';
import { treatUri } from '../dialplan/treat.ts';
import { flowToken } from '../forward/flow-token.ts';
import { writeRequestLine, writeRest } from '../forward/rewrite.ts';
import { latin1 } from '../sip/bytes.ts';
import type { Edits } from '../sip/edits.ts';
import { headerLines } from '../sip/header-lines.ts';
import type { Peek } from '../sip/peek.ts';
import { namesSource } from '../sip/top-via.ts';
import { Chunk } from '../sip/writer.ts';
import type { Flow } from '../transport/flow.ts';
import { isWebSocket } from '../transport/flow.ts';
import type { EdgeParts } from './parts.ts';

/** Whether only this flow leads back to the sender: a connection it opened, or an address behind a NAT (RFC 5626 §1). */
function needsFlow(parts: EdgeParts, arrival: Flow, p: Peek): boolean {
  if (isWebSocket(arrival.listener.transport)) return true;
  if (arrival.listener.interfaceName !== parts.policy.accessInterface) return false;
  return arrival.reliable || !namesSource(p, arrival);
}

const recordRouteHead = new Chunk('Record-Route: <sip:c');
const pathHead = new Chunk('Path: <sip:');
const lineEnd = new Chunk('\r\n');

/** Both Record-Routes; the one that faces the next hop stands first. */
function writeRecordRoutes(parts: EdgeParts, p: Peek, { arrival, next, byToken }: Outgoing): void {
  const { marks, policy } = parts;
  const mark = marks.dialog(p);
  const needsBack = needsFlow(parts, arrival, p);
  if (arrival.listener !== next.listener || needsBack) {
    // a call to a client behind a flow, a NAT included: what the client's side needs to be reached again is its flow
    const isFlow = byToken || (next.reliable && next.listener.interfaceName === policy.accessInterface);
    writeRecordRoute(parts, mark, next, isFlow);
  }
  writeRecordRoute(parts, mark, arrival, needsBack);
}

function writeRecordRoute({ writer, marks, policy }: EdgeParts, mark: number, flow: Flow, withToken: boolean): void {
  writer.chunk(recordRouteHead);
  writer.hex(mark);
  if (withToken) writer.text(`.${flowToken(marks, flow)}`);
  writer.chunk(policy.routing.places.lines[flow.listener.id]!.routeTail);
}

export interface Outgoing {
  readonly arrival: Flow;
  readonly next: Flow;
  /** Of `next`: see `NextHop`. */
  readonly byToken: boolean;
  readonly edits: Edits;
  /** From strict routing; undefined: the Request-URI stays, but for `rule`. */
  readonly uri: string | undefined;
  readonly rule: DialRule | undefined;
  readonly attempt: number;
  readonly stripPriority: boolean;
  readonly insertPriority: string;
  /** The sender offered overload control to us (RFC 7339 §5.6); what we offer to the next element, for our own Via. */
  readonly stripOc: boolean;
  readonly ocOffer: string;
  /** In place of what it has of a trace; '': that stays. */
  readonly traceLines?: string;
}

/** Writes the request in `p` as it is sent on, into `parts.writer`; returns the key of its branch. */
export function writeOutgoing(parts: EdgeParts, p: Peek, out: Outgoing): number {
  const { writer, marks, policy } = parts;
  const { arrival } = out;
  const { lines } = policy.routing.places;
  let { uri } = out;
  if (out.rule !== undefined && (out.rule.treatment !== undefined || out.rule.announce !== '')) {
    uri = treatUri(out.rule, uri ?? latin1(p.bytes, p.uriStart, p.uriEnd));
  }
  writeRequestLine(writer, p, uri);
  writer.chunk(lines[out.next.listener.id]!.viaHead);
  const branchKey = marks.writeBranch(writer, p, arrival.listener.id, out.attempt, arrival.id);
  if (out.ocOffer !== '') writer.text(out.ocOffer);
  writer.chunk(lineEnd);
  if (p.toTagStart < 0) {
    if (p.method === 'INVITE' || p.method === 'SUBSCRIBE' || p.method === 'REFER') writeRecordRoutes(parts, p, out);
    else if (p.method === 'REGISTER' && arrival.listener.interfaceName !== 'core') {
      writer.chunk(pathHead);
      writer.text(flowToken(marks, arrival));
      writer.chunk(lines[out.next.listener.id]!.routeTail);
    }
  }
  if (out.insertPriority !== '') writer.text(`Resource-Priority: ${out.insertPriority}\r\n`);
  if (out.traceLines !== undefined && out.traceLines !== '') {
    writer.text(out.traceLines);
    for (const name of ['traceparent', 'tracestate'])
      for (const line of headerLines(p, name, '')) out.edits.replace(line.start, line.end, '');
  }
  writeRest(writer, p, arrival, out.edits, out.stripPriority, out.stripOc);
  return branchKey;
}
