// One SIP message as a HEP3 packet (HEP3 Network Protocol Specification, rev. 37): a header of six bytes, then chunks, each of
// vendor, type, length and value, all in network byte order.
import type { Address } from '../transport/address.ts';
import { maskSecrets } from './mask.ts';

/** The length field has 16 bits. */
export const longestPacket = 65_535;

// Generic chunk types: those of vendor 0.
const chunk = {
  family: 0x0001,
  protocol: 0x0002,
  sourceV4: 0x0003,
  targetV4: 0x0004,
  sourceV6: 0x0005,
  targetV6: 0x0006,
  sourcePort: 0x0007,
  targetPort: 0x0008,
  seconds: 0x0009,
  microseconds: 0x000a,
  type: 0x000b,
  captureId: 0x000c,
  key: 0x000e,
  payload: 0x000f,
  correlation: 0x0011,
  node: 0x0013,
} as const;
const headerBytes = 6;
const chunkHeadBytes = 6;
const typeSip = 1;
const inet = 2; // AF_INET of Linux
const inet6 = 10; // AF_INET6
const udp = 17; // IANA protocol numbers
const tcp = 6;

/** Who captures. */
export interface Identity {
  /** 0 to 2^32-1. */
  readonly captureId: number;
  readonly password?: string | undefined;
  readonly nodeName?: string | undefined;
}

/** From where to where a message went, and when. */
export interface Passage {
  readonly source: Address;
  readonly sourcePort: number;
  readonly target: Address;
  readonly targetPort: number;
  readonly isUdp: boolean;
  /** Since 1970. */
  readonly unixMicroseconds: number;
}

/** One for all packets: what `write` has written stands in `bytes` until the next. */
export class PacketWriter {
  readonly bytes = Buffer.allocUnsafeSlow(longestPacket);
  /** Type, capture id and key: the same in every packet. */
  private readonly who: Buffer;
  private readonly node: Buffer;
  private readonly masks: boolean;
  private at = 0;

  constructor({ captureId, password, nodeName }: Identity, masks: boolean) {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(captureId);
    const key = password === undefined ? Buffer.alloc(0) : whole(chunk.key, Buffer.from(password));
    this.who = Buffer.concat([whole(chunk.type, Buffer.from([typeSip])), whole(chunk.captureId, id), key]);
    this.node = nodeName === undefined ? Buffer.alloc(0) : whole(chunk.node, Buffer.from(nodeName));
    this.masks = masks;
  }

  /**
   * Writes bytes[start, end) with what is known of it; its Call-ID is bytes[idStart, idEnd), empty for none. Returns the
   * length of the packet, 0 where it would be too long for the protocol.
   */
  write(passage: Passage, bytes: Uint8Array, start: number, end: number, idStart: number, idEnd: number): number {
    const most = 120 + this.who.length + this.node.length + (end - start) + (idEnd - idStart);
    if (most > longestPacket) return 0;
    const { source, target, unixMicroseconds } = passage;
    const seconds = Math.floor(unixMicroseconds / 1_000_000);
    this.at = headerBytes;
    this.number(chunk.family, 1, source.family === 4 ? inet : inet6);
    this.number(chunk.protocol, 1, passage.isUdp ? udp : tcp);
    this.address(source, chunk.sourceV4, chunk.sourceV6);
    this.address(target, chunk.targetV4, chunk.targetV6);
    this.number(chunk.sourcePort, 2, passage.sourcePort);
    this.number(chunk.targetPort, 2, passage.targetPort);
    this.number(chunk.seconds, 4, seconds);
    this.number(chunk.microseconds, 4, Math.floor(unixMicroseconds - seconds * 1_000_000));
    this.copy(this.who, 0, this.who.length);
    this.head(chunk.payload, end - start);
    const payload = this.at;
    this.copy(bytes, start, end);
    if (this.masks) maskSecrets(this.bytes, payload, this.at);
    if (idEnd > idStart) {
      this.head(chunk.correlation, idEnd - idStart);
      this.copy(bytes, idStart, idEnd);
    }
    this.copy(this.node, 0, this.node.length);
    this.bytes.write('HEP3', 0, 'latin1');
    this.bytes.writeUInt16BE(this.at, 4);
    return this.at;
  }

  private head(type: number, length: number): void {
    this.bytes.writeUInt32BE(type, this.at);
    this.bytes.writeUInt16BE(length + chunkHeadBytes, this.at + 4);
    this.at += chunkHeadBytes;
  }

  private number(type: number, length: 1 | 2 | 4, value: number): void {
    this.head(type, length);
    this.at = this.bytes.writeUIntBE(value, this.at, length);
  }

  private address(address: Address, v4: number, v6: number): void {
    if (address.family === 4) return this.number(v4, 4, address.v4 >>> 0);
    this.head(v6, 16);
    for (const word of address.words) this.at = this.bytes.writeUInt32BE(word, this.at);
  }

  private copy(from: Uint8Array, start: number, end: number): void {
    this.bytes.set(from.subarray(start, end), this.at);
    this.at += end - start;
  }
}

function whole(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(chunkHeadBytes);
  head.writeUInt32BE(type);
  head.writeUInt16BE(value.length + chunkHeadBytes, 4);
  return Buffer.concat([head, value]);
}
