// HEP3 packets taken apart by hand: what a collector of the tests sees.

export interface ChunkSeen {
  readonly vendor: number;
  readonly type: number;
  readonly value: Buffer;
}

/** Throws where lengths do not add up. */
export function chunksOf(packet: Buffer): ChunkSeen[] {
  if (packet.toString('latin1', 0, 4) !== 'HEP3') throw new Error('no HEP3 packet');
  if (packet.readUInt16BE(4) !== packet.length) throw new Error(`says ${packet.readUInt16BE(4)}, has ${packet.length}`);
  const chunks: ChunkSeen[] = [];
  for (let at = 6; at < packet.length; ) {
    const end = at + packet.readUInt16BE(at + 4);
    if (end < at + 6 || end > packet.length) throw new Error(`a chunk ends at ${end} of ${packet.length}`);
    chunks.push({
      vendor: packet.readUInt16BE(at),
      type: packet.readUInt16BE(at + 2),
      value: packet.subarray(at + 6, end),
    });
    at = end;
  }
  return chunks;
}

/** What most tests ask of a packet. */
export function partsOf(packet: Buffer) {
  const found = new Map(chunksOf(packet).map(({ type, value }) => [type, value]));
  const number = (type: number) => found.get(type)!.readUIntBE(0, found.get(type)!.length);
  const host = (v4: number, v6: number) =>
    found.has(v4) ? [...found.get(v4)!].join('.') : found.get(v6)!.toString('hex');
  const payload = found.get(0x0f)!.toString('latin1');
  const [, first = ''] = /^(?:SIP\/2\.0 )?(\S+)/.exec(payload) ?? [];
  return {
    /** The method, or the status code. */
    what: first,
    callId: found.get(0x11)?.toString('latin1') ?? '',
    source: `${host(3, 5)}:${number(7)}`,
    target: `${host(4, 6)}:${number(8)}`,
    protocol: number(2),
    unixMicroseconds: number(9) * 1_000_000 + number(10),
    captureId: number(0x0c),
    node: found.get(0x13)?.toString('latin1'),
    payload,
  };
}

export type Parts = ReturnType<typeof partsOf>;

/** Packets by their Call-ID, in their order. */
export function byCall(packets: readonly Buffer[]): Map<string, Parts[]> {
  const calls = new Map<string, Parts[]>();
  for (const parts of packets.map(partsOf)) calls.set(parts.callId, [...(calls.get(parts.callId) ?? []), parts]);
  return calls;
}
