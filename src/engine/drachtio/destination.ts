// Where the server's proxy is to send a request. It takes the place of a Request-URI that names the server itself, and is the next hop
// of any other; so it carries the number that was called, at the address of who is to get it.
import type { TransportName } from '../../transport/flow.ts';

export interface Place {
  readonly transport: TransportName;
  /** Numeric, without brackets. */
  readonly address: string;
  readonly port: number;
}

/** What says how to reach the old host says nothing of the new one. */
const ofTheHost = /^(transport|maddr|ttl|lr|method)(=|$)/i;

/** `uri`: the Request-URI, after the treatment of the dial plan. What has no user of its own, as urn:service:sos, is only sent there. */
export function destinationOf(uri: string, { transport, address, port }: Place): string {
  const host = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  // without it the server takes any transport that it has, TCP too
  const way = `;transport=${transport === 'wss' ? 'ws' : transport}`;
  const parts = /^sips?:(?:([^@?]*)@)?[^;?]*(;[^?]*)?/i.exec(uri);
  if (parts === null) return `sip:${host}${way}`;
  const [, user, params = ''] = parts;
  const kept = params.split(';').filter((param) => param !== '' && !ofTheHost.test(param));
  const own = kept.map((param) => `;${param}`).join('');
  return `sip:${user === undefined ? '' : `${user}@`}${host}${own}${way}`;
}
