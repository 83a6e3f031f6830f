// The one session description that the lab offers and answers with (RFC 8866): G.711 to the discard port, no media.

/** An SDP body for `host`, numeric and without brackets; `id` tells sessions apart. */
export function discardSdp(host: string, id: number): string {
  const family = host.includes(':') ? 'IP6' : 'IP4';
  return (
    `v=0\r\no=- ${id} ${id} IN ${family} ${host}\r\ns=-\r\nc=IN ${family} ${host}\r\nt=0 0\r\n` +
    'm=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n'
  );
}
