// The lines that the edge puts on top of what it sends on: Via (RFC 3261 §16.6 step 8), Record-Route (step 4; twice where the
// sides differ, RFC 5658), Path for registrations (RFC 3327), Resource-Priority where the dial plan says so.

import type { DialRule } from '../classify/plan.ts';
import { treatUri } from '../dialplan/treat.ts';
import { flowToken } from '../forward/flow-token.ts';
import { writeRequest } from '../forward/rewrite.ts';
import { latin1 } from '../sip/bytes.ts';
import type { Edits } from '../sip/edits.ts';
import type { Peek } from '../sip/peek.ts';
import { namesSource } from '../sip/top-via.ts';
import type { Flow, Listener } from '../transport/flow.ts';
import type { EdgeParts } from './parts.ts';
import { hostPort } from './places.ts';

const viaTransport = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' } as const;
const uriTransport = { udp: '', tcp: ';transport=tcp', tls: ';transport=tls' } as const;

export function viaLine(listener: Listener, branch: string): string {
  return `Via: SIP/2.0/${viaTransport[listener.transport]} ${hostPort(listener)};branch=${branch}\r\n`;
}

function ownUri(listener: Listener, user: string): string {
  return `<sip:${user}@${hostPort(listener)}${uriTransport[listener.transport]};lr>`;
}

/** Whether only this flow leads back to the sender: a connection it opened, or an address behind a NAT (RFC 5626 §1). */
function needsFlow(parts: EdgeParts, arrival: Flow, p: Peek): boolean {
  if (arrival.listener.interfaceName !== parts.policy.accessInterface) return false;
  return arrival.reliable || !namesSource(p, arrival);
}

/** Both Record-Routes; the one that faces the next hop stands first. */
function recordRoutes(parts: EdgeParts, p: Peek, { arrival, next, byToken }: Outgoing): string {
  const mark = `c${parts.marks.dialog(p)}`;
  const back = needsFlow(parts, arrival, p) ? `${mark}.${flowToken(parts.marks, arrival)}` : mark;
  const near = `Record-Route: ${ownUri(arrival.listener, back)}\r\n`;
  if (arrival.listener === next.listener && back === mark) return near;
  // a call to a client behind a flow, a NAT included: what the client's side needs to be reached again is its flow
  const isFlow = byToken || (next.reliable && next.listener.interfaceName === parts.policy.accessInterface);
  const ahead = isFlow ? `${mark}.${flowToken(parts.marks, next)}` : mark;
  return `Record-Route: ${ownUri(next.listener, ahead)}\r\n${near}`;
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
}

/** Writes the request in `p` as it is sent on, into `parts.writer`; returns the branch. */
export function writeOutgoing(parts: EdgeParts, p: Peek, out: Outgoing): string {
  const branch = parts.marks.branch(p, out.arrival.listener.id, out.attempt, out.arrival.id);
  let top = viaLine(out.next.listener, branch);
  if (p.toTagStart < 0) {
    if (p.method === 'INVITE' || p.method === 'SUBSCRIBE' || p.method === 'REFER') top += recordRoutes(parts, p, out);
    else if (p.method === 'REGISTER' && out.arrival.listener.interfaceName !== 'core') {
      top += `Path: ${ownUri(out.next.listener, flowToken(parts.marks, out.arrival))}\r\n`;
    }
  }
  if (out.insertPriority !== '') top += `Resource-Priority: ${out.insertPriority}\r\n`;
  let uri = out.uri;
  if (out.rule !== undefined && (out.rule.treatment !== undefined || out.rule.announce !== '')) {
    uri = treatUri(out.rule, uri ?? latin1(p.bytes, p.uriStart, p.uriEnd));
  }
  writeRequest(parts.writer, p, out.arrival, out.edits, { topLines: top, uri, stripPriority: out.stripPriority });
  return branch;
}
