// What a proxy checks before it sends a request on (RFC 3261 §16.3), cheapest first and without a full parse.
import type { Reason } from '../admission/reasons.ts';
import type { PlanRefusal } from '../classify/plan.ts';
import type { Marks } from '../forward/marks.ts';
import { equalsIgnoreCase, latin1 } from '../sip/bytes.ts';
import { headerLines } from '../sip/header-lines.ts';
import type { ParseFault } from '../sip/message.ts';
import type { Method } from '../sip/method.ts';
import type { Peek, PeekFault } from '../sip/peek.ts';

export interface Refusal {
  readonly status: number;
  readonly phrase: string;
  readonly reason: Reason;
  /** Further header lines, each with its line end. */
  readonly lines: string;
}

const tooManyHops: Refusal = { status: 483, phrase: 'Too Many Hops', reason: 'too-many-hops', lines: '' };
const loopDetected: Refusal = { status: 482, phrase: 'Loop Detected', reason: 'loop', lines: '' };
const badScheme: Refusal = { status: 416, phrase: 'Unsupported URI Scheme', reason: 'unsupported-scheme', lines: '' };
const badMaxForwards: Refusal = { status: 400, phrase: 'Bad Max-Forwards', reason: 'malformed', lines: '' };

/** What a fault of the peek is answered with; undefined where it cannot be answered (RFC 3261 §8.1.3.2 needs the headers). */
export function faultRefusal(fault: PeekFault): Refusal | undefined {
  switch (fault) {
    case 'bad-version':
      return { status: 505, phrase: 'Version Not Supported', reason: 'bad-version', lines: '' };
    case 'bad-start-line':
    case 'bad-cseq':
    case 'duplicate-header':
    case 'bad-content-length':
    case 'truncated':
    case 'bad-via':
    case 'bad-header':
    case 'too-many-headers':
    case 'no-from':
    case 'no-to':
    case 'no-call-id':
    case 'no-cseq':
      return { status: 400, phrase: `Bad Request (${fault})`, reason: 'malformed', lines: '' };
    default:
      return undefined;
  }
}

/** The checks of §16.3, or undefined for a request that passes. `listenerId`: where it came in. */
export function checkRequest(p: Peek, marks: Marks, listenerId: number): Refusal | undefined {
  // step 2: a scheme that we understand
  if (!isKnownScheme(p)) return badScheme;
  // step 3
  if (p.maxForwards === 0) return tooManyHops;
  if (p.maxForwards === -2) return badMaxForwards;
  // step 4, RFC 5393 §4.2
  const mayLoop = p.hasSecondVia || p.bytes[p.branchStart + 7] === 115;
  if (mayLoop && marks.isLoop(p, headerLines(p, 'via', 'v'), listenerId)) return loopDetected;
  // step 5: we support no option that a proxy must understand; in CANCEL and in the ACK of a refusal it means nothing (§8.2.2.3)
  if (p.proxyRequireStart >= 0 && p.method !== 'CANCEL' && p.method !== 'ACK') return unsupported(p);
  return undefined;
}

function isKnownScheme(p: Peek): boolean {
  const { bytes, uriStart, uriEnd } = p;
  const c = bytes[uriStart]! | 0x20;
  if (c === 115) {
    return (
      equalsIgnoreCase(bytes, uriStart, Math.min(uriEnd, uriStart + 4), 'sip:') ||
      equalsIgnoreCase(bytes, uriStart, Math.min(uriEnd, uriStart + 5), 'sips:')
    );
  }
  if (c === 116) return equalsIgnoreCase(bytes, uriStart, Math.min(uriEnd, uriStart + 4), 'tel:');
  return c === 117 && equalsIgnoreCase(bytes, uriStart, Math.min(uriEnd, uriStart + 12), 'urn:service:');
}

function unsupported(p: Peek): Refusal | undefined {
  const tags = headerLines(p, 'proxy-require', '').map((line) => latin1(p.bytes, line.valueStart, line.valueEnd));
  const wanted = tags.join(', ').trim();
  if (wanted === '') return undefined;
  return {
    status: 420,
    phrase: 'Bad Extension',
    reason: 'unsupported-extension',
    lines: `Unsupported: ${wanted.replaceAll(/\s+/g, ' ')}\r\n`,
  };
}

/** What the dial plan refuses. */
export function byPlan(refuse: PlanRefusal): Refusal {
  return { status: refuse.status, phrase: refuse.reason, reason: 'dialplan', lines: '' };
}

/** What the full parse finds wrong. */
export function byParser(fault: ParseFault): Refusal {
  const reason = fault.status === 416 ? 'unsupported-scheme' : fault.status === 505 ? 'bad-version' : 'malformed';
  return { status: fault.status, phrase: fault.phrase, reason, lines: '' };
}

/** Methods that end or confirm what is there already: they pass with nothing but a To tag, or less. */
export function endsLoad(method: Method): boolean {
  return method === 'BYE' || method === 'ACK' || method === 'CANCEL' || method === 'PRACK' || method === 'UPDATE';
}
