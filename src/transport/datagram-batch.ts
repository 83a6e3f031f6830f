// The vectors that recvmmsg(2) and sendmmsg(2) read and fill: mmsghdr, iovec, sockaddr and the payload bytes, laid out
// once. Linux on 64-bit little-endian machines: mmsghdr 64 bytes, iovec 16, sockaddr_in 16, sockaddr_in6 28.
import type { Libc } from './libc.ts';
import { AF_INET, AF_INET6, SOL_UDP, UDP_GRO } from './libc.ts';
import type { UdpFlow, UdpFlowTable } from './udp-flow.ts';
import { maxDatagramBytes } from './udp-flow.ts';

/** Messages of one system call. */
export const batchSize = 64;

export const headerWords = 16; // mmsghdr in 32-bit words
const nameWords = 8; // room for a sockaddr_in6
const vectorWords = 4; // iovec
const lengthWord = 14; // msg_len
const controlLengthWord = 10; // msg_controllen
/** Room for a struct cmsghdr and an int or a 16-bit number behind it. */
export const controlWords = 6;
/**
 * A slot takes any datagram. The odd rest keeps the heads of the slots apart in the processor's caches; pages that no
 * datagram touches are never backed with memory.
 */
const slotBytes = 65_536 + 1_088;

/** The three arrays that a kernel call reads, in one block. */
export class Vectors {
  readonly words = new Uint32Array(batchSize * (headerWords + nameWords + vectorWords));
  readonly shorts = new Uint16Array(this.words.buffer);
  readonly address: bigint;
  private readonly nameOffset = batchSize * headerWords;
  private readonly vectorOffset = batchSize * (headerWords + nameWords);

  constructor(libc: Libc, family: 4 | 6) {
    this.address = libc.addressOf(new Uint8Array(this.words.buffer));
    const base = Number(this.address);
    for (let k = 0; k < batchSize; k++) {
      const at = k * headerWords;
      this.pointer(at, base + this.name(k) * 4);
      this.words[at + 2] = family === 4 ? 16 : 28; // msg_namelen
      this.pointer(at + 4, base + (this.vectorOffset + k * vectorWords) * 4);
      this.words[at + 6] = 1; // msg_iovlen
      this.shorts[this.name(k) * 2] = family === 4 ? AF_INET : AF_INET6;
    }
  }

  /** Where the sockaddr of message k begins, in words. */
  name(k: number): number {
    return this.nameOffset + k * nameWords;
  }

  /** msg_control of message k: `controlWords` words at `address`, of which none is in use yet. */
  control(k: number, address: number): void {
    this.pointer(k * headerWords + 8, address);
  }

  controlLength(k: number, bytes: number): void {
    this.words[k * headerWords + controlLengthWord] = bytes;
  }

  /** The payload of message k: `bytes` bytes at `offset` from an address whose halves are given. */
  payload(k: number, low: number, high: number, offset: number, bytes: number): void {
    const at = this.vectorOffset + k * vectorWords;
    const sum = low + offset;
    const carry = sum >= 0x1_0000_0000 ? 1 : 0;
    this.words[at] = sum - carry * 0x1_0000_0000;
    this.words[at + 1] = high + carry;
    this.words[at + 2] = bytes;
  }

  /** Addresses of a process are below 2^47, so that a double holds them exactly. */
  private pointer(at: number, address: number): void {
    this.words[at] = address % 0x1_0000_0000;
    this.words[at + 1] = address / 0x1_0000_0000;
  }
}

/** Room for one recvmmsg. One serves all sockets of a family: what it holds is handled before the next call. */
export class ReceiveBatch {
  readonly address: bigint;
  readonly bytes: Buffer = Buffer.allocUnsafeSlow(batchSize * slotBytes);
  private readonly vectors: Vectors;
  private readonly controls = new Uint32Array(batchSize * controlWords);
  private readonly family: 4 | 6;

  constructor(libc: Libc, family: 4 | 6) {
    this.family = family;
    this.vectors = new Vectors(libc, family);
    const controlBase = Number(libc.addressOf(new Uint8Array(this.controls.buffer)));
    for (let k = 0; k < batchSize; k++) this.vectors.control(k, controlBase + k * controlWords * 4);
    this.address = this.vectors.address;
    const base = Number(libc.addressOf(this.bytes));
    const high = Math.floor(base / 0x1_0000_0000);
    for (let k = 0; k < batchSize; k++) this.vectors.payload(k, base % 0x1_0000_0000, high, k * slotBytes, slotBytes);
  }

  /** Before each recvmmsg: the kernel overwrites the lengths that say how much room there is. */
  prepare(): void {
    for (let k = 0; k < batchSize; k++) this.vectors.controlLength(k, controlWords * 4);
  }

  start(k: number): number {
    return k * slotBytes;
  }

  /** The size of the datagrams that the kernel joined in slot k (UDP_GRO, udp(7)); 0 for a datagram alone. */
  segment(k: number): number {
    const at = k * controlWords;
    const isJoined = this.vectors.words[k * headerWords + controlLengthWord]! >= 20;
    if (!isJoined || this.controls[at + 2] !== SOL_UDP || this.controls[at + 3] !== UDP_GRO) return 0;
    return this.controls[at + 4]!;
  }

  length(k: number): number {
    return this.vectors.words[k * headerWords + lengthWord]!;
  }

  flow(k: number, table: UdpFlowTable): UdpFlow {
    const words = this.vectors.words;
    const name = this.vectors.name(k);
    const port = swap16(this.vectors.shorts[name * 2 + 1]!);
    if (this.family === 4) return table.v4(swap32(words[name + 1]!), port);
    return table.v6(
      swap32(words[name + 2]!),
      swap32(words[name + 3]!),
      swap32(words[name + 4]!),
      swap32(words[name + 5]!),
      words[name + 6]!,
      port,
    );
  }
}

/** Whether a range can be a datagram at all. */
export function fitsDatagram(start: number, end: number): boolean {
  return end > start && end - start <= maxDatagramBytes;
}

export function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

export function swap32(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
