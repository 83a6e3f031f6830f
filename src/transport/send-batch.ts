// Datagrams that wait for one sendmmsg(2), packed one behind the other. Datagrams of one size that follow each other to one
// address leave as one, which the kernel cuts up again (UDP_SEGMENT, udp(7), Linux 4.18): the answers to a trunk that
// floods us cost a fraction of what each alone would.
import { Writer } from '../sip/writer.ts';
import { batchSize, controlWords, headerWords, swap16, swap32, Vectors } from './datagram-batch.ts';
import { type Libc, SOL_UDP, UDP_SEGMENT } from './libc.ts';
import type { UdpFlow } from './udp-flow.ts';

const bufferBytes = 2 * 65_536;
/** Larger ones might not fit the path's MTU, and a train of them is refused where one would be fragmented. */
const longestSegment = 1_200;
/** UDP_MAX_SEGMENTS of the kernel, and what fits one IP packet. */
const mostSegments = 64;
const longestTrain = 65_000;
// struct cmsghdr and a 16-bit size
const controlLength = 18;

export class SendBatch {
  /** Entries: each one datagram, or a train of them. */
  count = 0;
  /** Whether trains are made: the kernel knows them, and has refused none. */
  segments: boolean;
  private used = 0;
  private readonly address: bigint;
  private readonly bytes: Buffer = Buffer.allocUnsafeSlow(bufferBytes);
  private readonly writer = new Writer(this.bytes);
  private readonly baseLow: number;
  private readonly baseHigh: number;
  private readonly vectors: Vectors;
  private readonly controls = new Uint32Array(batchSize * controlWords);
  private readonly flows = new Array<UdpFlow | undefined>(batchSize).fill(undefined);
  private readonly offsets = new Uint32Array(batchSize);
  private readonly lengths = new Uint32Array(batchSize);
  private readonly sizes = new Uint32Array(batchSize);
  private readonly trains = new Uint32Array(batchSize);

  constructor(libc: Libc, family: 4 | 6, segments: boolean) {
    this.segments = segments;
    this.vectors = new Vectors(libc, family);
    this.address = this.vectors.address;
    const base = Number(libc.addressOf(this.bytes));
    this.baseLow = base % 0x1_0000_0000;
    this.baseHigh = Math.floor(base / 0x1_0000_0000);
    const controlBase = Number(libc.addressOf(new Uint8Array(this.controls.buffer)));
    for (let k = 0; k < batchSize; k++) {
      const at = k * controlWords;
      this.controls[at] = controlLength;
      this.controls[at + 2] = SOL_UDP;
      this.controls[at + 3] = UDP_SEGMENT;
      this.vectors.control(k, controlBase + at * 4);
    }
  }

  /** Whether a datagram of so many bytes, at most `maxDatagramBytes`, finds room. */
  hasRoom(size: number): boolean {
    return this.count < batchSize && this.used + size <= bufferBytes;
  }

  add(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.writer.at = this.used;
    this.writer.range(bytes, start, end);
    if (!this.joins(flow, size)) this.begin(flow, size);
    this.used += size;
  }

  /** Adds to the last entry, where the datagram goes to the same flow and is as long as the others; a shorter one ends it. */
  private joins(flow: UdpFlow, size: number): boolean {
    const k = this.count - 1;
    if (k < 0 || !this.segments || this.flows[k] !== flow) return false;
    const segment = this.sizes[k]!;
    const train = this.trains[k]!;
    const length = this.lengths[k]!;
    const isFull = train >= mostSegments || length + size > longestTrain || length !== train * segment;
    if (isFull || size > segment || segment > longestSegment) return false;
    if (train === 1) {
      this.controls[k * controlWords + 4] = segment;
      this.vectors.controlLength(k, controlLength);
    }
    this.trains[k] = train + 1;
    this.lengths[k] = length + size;
    this.vectors.payload(k, this.baseLow, this.baseHigh, this.offsets[k]!, length + size);
    return true;
  }

  private begin(flow: UdpFlow, size: number): void {
    const k = this.count++;
    const words = this.vectors.words;
    const name = this.vectors.name(k);
    this.vectors.shorts[name * 2 + 1] = swap16(flow.remotePort);
    if (flow.words === undefined) words[name + 1] = swap32(flow.v4);
    else {
      for (let i = 0; i < 4; i++) words[name + 2 + i] = swap32(flow.words[i]!);
      words[name + 6] = flow.scope;
    }
    this.vectors.payload(k, this.baseLow, this.baseHigh, this.used, size);
    this.vectors.controlLength(k, 0);
    this.flows[k] = flow;
    this.offsets[k] = this.used;
    this.lengths[k] = size;
    this.sizes[k] = size;
    this.trains[k] = 1;
  }

  /** Address of the header of entry k. */
  from(k: number): bigint {
    return k === 0 ? this.address : this.address + BigInt(k * headerWords * 4);
  }

  /** Bytes and datagrams of entry k. */
  length(k: number): number {
    return this.lengths[k]!;
  }

  train(k: number): number {
    return this.trains[k]!;
  }

  /** The datagrams of the entries from k on, copied: to be added again one by one. Empties the batch. */
  takeApart(k: number): { readonly flow: UdpFlow; readonly bytes: Buffer }[] {
    const out: { flow: UdpFlow; bytes: Buffer }[] = [];
    for (let i = k; i < this.count; i++) {
      const end = this.offsets[i]! + this.lengths[i]!;
      for (let at = this.offsets[i]!; at < end; at += this.sizes[i]!) {
        out.push({
          flow: this.flows[i]!,
          bytes: Buffer.from(this.bytes.subarray(at, Math.min(end, at + this.sizes[i]!))),
        });
      }
    }
    this.clear();
    return out;
  }

  clear(): void {
    this.flows.fill(undefined, 0, this.count);
    this.count = 0;
    this.used = 0;
  }
}
