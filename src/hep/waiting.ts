// Requests whose decision is still to come: copies in a ring of a fixed size, found again by the hashes of their Call-ID when the
// edge first sends something for them. What is not asked for is overwritten.
import type { Flow } from '../transport/flow.ts';

/** A message: bytes[start, end), of a flow, received at `atMs` of `performance.now()`. Without a flow there is none. */
export interface Held {
  flow: Flow | undefined;
  bytes: Uint8Array;
  start: number;
  end: number;
  atMs: number;
}

const slots = 8_192;
/** Places that a request may stand in, one after the other: with a thousand waiting, hardly one finds all of them taken. */
const ways = 8;

export class WaitingRequests {
  private readonly ring: Buffer;
  /** Bytes written since the beginning; a place in the ring is this modulo its size. */
  private written = 0;
  private readonly prints = new Uint32Array(slots);
  private readonly positions = new Float64Array(slots).fill(-1);
  private readonly lengths = new Uint32Array(slots);
  private readonly times = new Float64Array(slots);
  private readonly flows: (Flow | undefined)[] = new Array<Flow | undefined>(slots).fill(undefined);
  private readonly found: Held;

  constructor(ringBytes = 2 ** 21) {
    this.ring = Buffer.allocUnsafeSlow(ringBytes);
    this.found = { flow: undefined, bytes: this.ring, start: 0, end: 0, atMs: 0 };
  }

  /** Keeps a copy, under the two hashes of its Call-ID. Where all its places are taken, the oldest gives way. */
  put(sample: number, print: number, { flow, bytes, start, end, atMs }: Held): void {
    const size = end - start;
    const ringBytes = this.ring.length;
    if (size > ringBytes) return;
    const rest = ringBytes - (this.written % ringBytes);
    if (rest < size) this.written += rest;
    const slot = this.place(sample, print);
    this.prints[slot] = print;
    this.positions[slot] = this.written;
    this.lengths[slot] = size;
    this.times[slot] = atMs;
    this.flows[slot] = flow;
    this.ring.set(bytes.subarray(start, end), this.written % ringBytes);
    this.written += size;
  }

  /** Forgets what came before: a flow that is gone should not be held on to. */
  expire(beforeMs: number): void {
    for (let slot = 0; slot < slots; slot++) {
      if (this.flows[slot] === undefined || this.times[slot]! >= beforeMs) continue;
      this.flows[slot] = undefined;
      this.positions[slot] = -1;
    }
  }

  /** Finds a request and forgets it; undefined where it is not there any more. Good until the next `put` or `take`. */
  take(sample: number, print: number): Held | undefined {
    const slot = this.find(sample, print);
    if (slot < 0) return undefined;
    const position = this.positions[slot]!;
    const { found } = this;
    found.flow = this.flows[slot];
    this.positions[slot] = -1;
    this.flows[slot] = undefined;
    if (position < this.written - this.ring.length) return undefined;
    found.start = position % this.ring.length;
    found.end = found.start + this.lengths[slot]!;
    found.atMs = this.times[slot]!;
    return found;
  }

  private find(sample: number, print: number): number {
    for (let i = 0; i < ways; i++) {
      const slot = (sample + i) % slots;
      if (this.prints[slot] === print && this.positions[slot]! >= 0) return slot;
    }
    return -1;
  }

  /** Where it stands already, else a free place, else that of the oldest: positions only grow, and -1 is free. */
  private place(sample: number, print: number): number {
    const known = this.find(sample, print);
    if (known >= 0) return known;
    let oldest = sample % slots;
    for (let i = 1; i < ways; i++) {
      const slot = (sample + i) % slots;
      if (this.positions[slot]! < this.positions[oldest]!) oldest = slot;
    }
    return oldest;
  }
}
