// OPTIONS to the edge itself (RFC 3261 §11): how neighbours ask whether we are alive. Answered truthfully and at once, in no
// queue and against no limit: a peer that gets no answer takes us out of its routes, emergency calls included.
import type { Neighbour } from '../admission/side.ts';
import type { Peek } from '../sip/peek.ts';
import { parseUri } from '../sip/uri.ts';
import type { EdgeParts } from './parts.ts';

const allow =
  'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, SUBSCRIBE, MESSAGE, PUBLISH, REGISTER\r\nAccept: application/sdp\r\n';

/** The answer to an OPTIONS that is for us: no user, and our address; or no hop left (§16.3 step 3). Else undefined. */
export function optionsAnswer(
  p: Peek,
  parts: EdgeParts,
  from: Neighbour,
): { status: number; phrase: string; lines: string } | undefined {
  const uri = parseUri(p.bytes, p.uriStart, p.uriEnd);
  const isOurs =
    uri !== undefined && uri.user === undefined && parts.policy.routing.places.listenerOf(uri) !== undefined;
  if (!isOurs && p.maxForwards !== 0) return undefined;
  // a switch asks about us, a neighbour about what stands behind us
  const canServe = from.side.name === 'core' || (parts.switches.isAnyUp() && !parts.isDraining);
  return canServe
    ? { status: 200, phrase: 'OK', lines: allow }
    : { status: 503, phrase: 'Service Unavailable', lines: '' };
}
