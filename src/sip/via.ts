// One via-parm (RFC 3261 §20.42, §25.1; rport and received of RFC 3581): who sent the message, and how to answer.
import { COLON, equalsIgnoreCase, SLASH, skipSpace } from './bytes.ts';
import { skipClass, TOKEN, text } from './grammar.ts';
import { isIpv4, isIpv6, portNumber, skipHost } from './host.ts';
import { newParam, nextParam } from './param.ts';

/** Offsets point into the bytes it was parsed from; -1 where absent. Strings stay good when the bytes are reused. */
export interface Via {
  /** The via-parm is bytes[start, end), without white space around it and without a comma. */
  readonly start: number;
  readonly end: number;
  /** In upper case: UDP, TCP, TLS, SCTP, WS, WSS or an extension. */
  readonly transport: string;
  /** As written, an IPv6 address in its brackets. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number | undefined;
  readonly sentByStart: number;
  readonly sentByEnd: number;
  readonly branch: string | undefined;
  /** A numeric address without brackets, or a host where the sender wrote one. */
  readonly received: string | undefined;
  /** RFC 3581 §3: undefined where absent, null where it asks (no value), else 0 to 65535. */
  readonly rport: number | null | undefined;
  /** Offsets of the parameter from its name to the end of its value. */
  readonly rportStart: number;
  readonly rportEnd: number;
  readonly receivedStart: number;
  readonly receivedEnd: number;
  readonly maddr: string | undefined;
  /** 0 to 255. */
  readonly ttl: number | undefined;
  /** The first `;`, or `end` where there are no parameters. */
  readonly paramsStart: number;
}

/** The via-parm that is the whole of bytes[start, end), white space around it allowed; undefined where it is none. */
export function parseVia(bytes: Uint8Array, start: number, end: number): Via | undefined {
  const via = readVia(bytes, start, end);
  return via !== undefined && skipSpace(bytes, via.end, end) === end ? via : undefined;
}

/** The via-parm at the head of bytes[start, end), as far as a comma or `end`; undefined where it is none. */
export function readVia(bytes: Uint8Array, start: number, end: number): Via | undefined {
  const from = skipSpace(bytes, start, end);
  const nameEnd = skipClass(bytes, from, end, TOKEN);
  // RFC 3261 §25.1 sent-protocol: name, version and transport, with white space allowed around each slash.
  if (!equalsIgnoreCase(bytes, from, nameEnd, 'sip')) return undefined;
  const versionStart = afterSlash(bytes, nameEnd, end);
  if (versionStart < 0) return undefined;
  const versionEnd = skipClass(bytes, versionStart, end, TOKEN);
  if (!equalsIgnoreCase(bytes, versionStart, versionEnd, '2.0')) return undefined;
  const transportStart = afterSlash(bytes, versionEnd, end);
  if (transportStart < 0) return undefined;
  const transportEnd = skipClass(bytes, transportStart, end, TOKEN);
  const hostStart = skipSpace(bytes, transportEnd, end);
  if (transportEnd === transportStart || hostStart === transportEnd) return undefined;
  const hostEnd = skipHost(bytes, hostStart, end);
  if (hostEnd < 0) return undefined;
  let sentByEnd = hostEnd;
  let at = skipSpace(bytes, hostEnd, end);
  let port: number | undefined;
  if (at < end && bytes[at] === COLON) {
    const portStart = skipSpace(bytes, at + 1, end);
    sentByEnd = portStart;
    while (sentByEnd < end && bytes[sentByEnd]! >= 48 && bytes[sentByEnd]! <= 57) sentByEnd++;
    port = portNumber(bytes, portStart, sentByEnd);
    if (port < 0) return undefined;
    at = skipSpace(bytes, sentByEnd, end);
  }
  const paramsStart = at < end && bytes[at] === 59 ? at : -1;
  let viaEnd = sentByEnd;
  let branch: string | undefined;
  let received: string | undefined;
  let rport: number | null | undefined;
  let maddr: string | undefined;
  let ttl: number | undefined;
  let rportStart = -1;
  let rportEnd = -1;
  let receivedStart = -1;
  let receivedEnd = -1;
  const param = newParam();
  // RFC 3261 §7.3.1: a parameter name must not stand twice in one value; for those that steer answers it is a fault.
  while (at < end && bytes[at] !== 44) {
    at = nextParam(bytes, at, end, param);
    if (at < 0) return undefined;
    const { nameStart, nameEnd, valueStart, valueEnd } = param;
    viaEnd = param.quoted ? valueEnd + 1 : Math.max(nameEnd, valueEnd);
    switch (nameEnd - nameStart) {
      case 6:
        if (equalsIgnoreCase(bytes, nameStart, nameEnd, 'branch')) {
          if (branch !== undefined || !param.token) return undefined;
          branch = text(bytes, valueStart, valueEnd);
        }
        break;
      case 5:
        if (equalsIgnoreCase(bytes, nameStart, nameEnd, 'rport')) {
          if (rport !== undefined) return undefined;
          rport = valueStart < 0 ? null : portNumber(bytes, valueStart, valueEnd);
          if (rport !== null && rport < 0) return undefined;
          rportStart = nameStart;
          rportEnd = viaEnd;
        } else if (equalsIgnoreCase(bytes, nameStart, nameEnd, 'maddr')) {
          if (maddr !== undefined || valueStart < 0 || !isHost(bytes, valueStart, valueEnd)) return undefined;
          maddr = text(bytes, valueStart, valueEnd);
        }
        break;
      case 8:
        if (equalsIgnoreCase(bytes, nameStart, nameEnd, 'received')) {
          if (received !== undefined || valueStart < 0 || !isHost(bytes, valueStart, valueEnd)) return undefined;
          // RFC 5118 §4.5: the value has no brackets by the grammar, and is accepted with them.
          const bracket = bytes[valueStart] === 91 ? 1 : 0;
          received = text(bytes, valueStart + bracket, valueEnd - bracket);
          receivedStart = nameStart;
          receivedEnd = viaEnd;
        }
        break;
      case 3:
        if (equalsIgnoreCase(bytes, nameStart, nameEnd, 'ttl')) {
          const n = valueStart < 0 ? -1 : portNumber(bytes, valueStart, valueEnd);
          if (ttl !== undefined || n < 0 || n > 255) return undefined;
          ttl = n;
        }
        break;
    }
  }
  return {
    start: from,
    end: viaEnd,
    transport: transportText(bytes, transportStart, transportEnd),
    host: text(bytes, hostStart, hostEnd),
    port,
    sentByStart: hostStart,
    sentByEnd,
    branch,
    received,
    rport,
    rportStart,
    rportEnd,
    receivedStart,
    receivedEnd,
    maddr,
    ttl,
    paramsStart: paramsStart < 0 ? viaEnd : paramsStart,
  };
}

function transportText(bytes: Uint8Array, start: number, end: number): string {
  if (equalsIgnoreCase(bytes, start, end, 'udp')) return 'UDP';
  if (equalsIgnoreCase(bytes, start, end, 'tcp')) return 'TCP';
  return text(bytes, start, end).toUpperCase();
}

function afterSlash(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpace(bytes, start, end);
  return at < end && bytes[at] === SLASH ? skipSpace(bytes, at + 1, end) : -1;
}

function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  return isIpv4(bytes, start, end) || isIpv6(bytes, start, end) || skipHost(bytes, start, end) === end;
}
