// The framing between a drachtio-server and its applications: `<decimal byte length>#<payload>`, back to back on one stream.
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Place, printSip, type SipText } from './sip-text.ts';

/** The server's buffer for each application: a longer message never completes, and nothing tells (measured). */
const longestBytes = 12_228;
const lengthDigits = 5;

/** One char is one byte. */
export const frameOf = (payload: string): Buffer => Buffer.from(`${payload.length}#${payload}`, 'latin1');

/** What is fed with the bytes of one application; false from then on once they are no frames. */
export function frameReader(onPayload: (payload: string) => void): (bytes: Buffer) => boolean {
  let kept = '';
  let isStuck = false;
  return (bytes) => {
    if (isStuck) return true;
    kept += bytes.toString('latin1');
    for (;;) {
      const mark = kept.indexOf('#');
      const digits = mark < 0 ? kept : kept.slice(0, mark);
      if (!/^\d*$/.test(digits) || digits.length > lengthDigits || mark === 0) return false;
      if (mark < 0) return true;
      const length = Number(digits);
      if (length > longestBytes) {
        isStuck = true;
        kept = '';
        return true;
      }
      if (kept.length < mark + 1 + length) return true;
      const payload = kept.slice(mark + 1, mark + 1 + length);
      kept = kept.slice(mark + 1 + length);
      onPayload(payload);
    }
  };
}

/** An application as it is connected. */
export interface App {
  readonly socket: Socket;
  readonly routes: Set<string>;
  /** Its end was not noticed: it stays in the round robin and nothing reaches it. */
  isPhantom: boolean;
  /** Frames that wait while the server holds them back. */
  readonly held: Buffer[];
}

export interface Payload {
  readonly id: string;
  readonly type: string;
  /** What follows the type, between bars. */
  readonly fields: readonly string[];
  /** After the first line end. */
  readonly message: string;
}

export function parsePayload(payload: string): Payload {
  const end = payload.indexOf('\r\n');
  const [id = '', type = '', ...fields] = (end < 0 ? payload : payload.slice(0, end)).split('|');
  return { id, type, fields, message: end < 0 ? '' : payload.slice(end + 2) };
}

/** UTC time of day to the microsecond. */
const timeOfDay = (): string => `${new Date().toISOString().slice(11, 23)}000`;

/** Answers what an application has sent: `OK|…` or `NOK|…`. */
export const response = (to: Payload, text: string): string => `${randomUUID()}|response|${to.id}|${text}`;

const meta = (source: string, length: number, at: Place): string =>
  `${source}|${length}|${at.protocol}|${at.host}|${at.port}|${timeOfDay()}`;

/** As a message came from the network. */
export interface Received {
  readonly message: SipText;
  readonly from: Place;
  /** On the wire. */
  readonly length: number;
  /** Where it came in, told for requests outside a dialog only. */
  readonly on?: Place | undefined;
}

export function handedOver({ message, from, length, on }: Received, txnId: string, dialogId: string): string {
  const bytes = printSip(message);
  const received = on === undefined ? '' : `${on.host}|${on.port}|`;
  return `${randomUUID()}|sip|${meta('network', length, from)}|${txnId}|${dialogId}|${received}\r\n${bytes}`;
}

/** What was sent of an application's own: a response to `to`, with its dialog; a request from `to`, with none. */
export function echo(order: Payload, sent: SipText, at: Place, txnId: string, dialogId?: string): string {
  const bytes = printSip(sent);
  const dialog = dialogId === undefined ? '' : `|${dialogId}|`;
  return response(order, `OK|${meta('application', bytes.length, at)}|${txnId}${dialog}|Msg sent:|\r\n${bytes}`);
}

/** A final response to a proxied request. */
export function proxied(order: Payload, final: SipText, from: Place): string {
  const bytes = printSip(final);
  return response(order, `OK|${meta('network', bytes.length, from)}|||continue\r\n${bytes}`);
}
