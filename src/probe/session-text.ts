// The session description of the synthetic caller (RFC 8866): G.711, to the discard port and inactive, so that nobody sends media.
import { isIPv6 } from 'node:net';

/** `address`: numeric, without brackets. */
export function sessionText(address: string): string {
  const at = `${isIPv6(address) ? 'IP6' : 'IP4'} ${address}`;
  return [
    ...['v=0', `o=surgegate 1 1 IN ${at}`, 's=-', `c=IN ${at}`, 't=0 0'],
    ...['m=audio 9 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=inactive', ''],
  ].join('\r\n');
}
