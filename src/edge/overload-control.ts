// SIP overload control at the edge (RFC 7339, RFC 7415): as a server, what the responses to neighbours that take part say of our
// load; as a client, what the responses of the switches say of theirs. What the values are is decided in control/oc-server.ts.
import type { Neighbour } from '../admission/side.ts';
import { nextTicks, sequenceText } from '../control/oc-sequence.ts';
import { ocOffer, readOc } from '../sip/oc.ts';
import { ocAnswerText } from '../sip/oc-edits.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import type { Call } from './call.ts';
import type { EdgeParts } from './parts.ts';

/** RFC 7339 §5.1: notes whether the request at hand comes from a client that takes part. */
export function noteOffer(parts: EdgeParts, flow: Flow, p: Peek, from: Neighbour): void {
  parts.takesPart = false;
  if (from.pushback !== 'oc') return;
  const offer = ocOffer(p.bytes, p.viaStart, p.viaEnd);
  if (offer === 'none') return;
  parts.takesPart = true;
  from.tally.noteOc(offer === 'loss,rate', flow.addressHash);
  // RFC 7339 §5.1: the first response already, before the Control Function has heard of it
  if (from.ocText === '') from.ocText = notOverloaded(offer === 'loss' ? 'loss' : 'rate');
}

/** RFC 7339 §5.1, §5.7: a server that is not overloaded. */
function notOverloaded(algorithm: 'loss' | 'rate'): string {
  return ocAnswerText({ algorithm, value: 0, validityMs: 0, sequence: sequenceText(nextTicks(0, Date.now())) });
}

/** What the response to the request at hand says in its sender's Via; '' where that takes no part. */
export function ocOfRequest(parts: EdgeParts, from: Neighbour): string {
  return parts.takesPart ? said(parts, from) : '';
}

/** The same for a response to the INVITE of a call. RFC 7339 §5.11: values are those of now, so a 100 is never the last word. */
export function ocOf(parts: EdgeParts, call: Call): string {
  return call.takesPart ? said(parts, call.from) : '';
}

/** The same for a response to a request of which nothing is kept: by who its receiver is. */
export function ocOfFlow(parts: EdgeParts, flow: Flow): string {
  const to = flow.note as Neighbour | undefined;
  return to === undefined || to.pushback !== 'oc' ? '' : said(parts, to);
}

function said(parts: EdgeParts, to: Neighbour): string {
  if (to.ocText === '') return '';
  parts.counters.ocSent++;
  // what a neighbour refuses because we told it to is refused too
  return parts.isShadow ? notOverloaded('loss') : to.ocText;
}

/** RFC 7339 §5.4: what a switch that was offered overload control says in our Via. */
export function noteAnswer(parts: EdgeParts, flow: Flow, p: Peek): void {
  if (!parts.switches.offersOc || flow.listener.interfaceName !== 'core') return;
  const one = parts.switches.at(flow.remoteAddress, flow.remotePort);
  if (one === undefined || one.ocOffer === '') return;
  const report = readOc(p.bytes, p.viaStart, p.viaEnd);
  if (report?.value === undefined && report?.validityMs === undefined) return;
  parts.counters.ocReceived++;
  one.noteOc(report, parts.now());
}
