// Requests whose decision is still to come: copies in a ring of a fixed size, found again by the hashes of their Call-ID when the
// edge first sends something for them. What is not asked for is overwritten.
import type { Flow } from '../transport/flow.ts';

const slots = 8_192;

export class WaitingRequests {
  /** Of what `take` has found: `bytes[start, end)`. */
  start = 0;
  end = 0;
  flow: Flow | undefined = undefined;
  unixMicroseconds = 0;
  readonly bytes: Buffer;
  /** Bytes written since the beginning; a place in the ring is this modulo its size. */
  private written = 0;
  private readonly prints = new Uint32Array(slots);
  private readonly positions = new Float64Array(slots).fill(-1);
  private readonly lengths = new Uint32Array(slots);
  private readonly times = new Float64Array(slots);
  private readonly flows: (Flow | undefined)[] = new Array<Flow | undefined>(slots).fill(undefined);

  constructor(ringBytes = 2 ** 21) {
    this.bytes = Buffer.allocUnsafeSlow(ringBytes);
  }

  /** The Call-ID is the one of two hashes. What stands in its slot gives way. */
  put(
    sample: number,
    print: number,
    flow: Flow,
    bytes: Uint8Array,
    start: number,
    end: number,
    unixMicroseconds: number,
  ): void {
    const size = end - start;
    const ring = this.bytes.length;
    if (size > ring) return;
    const rest = ring - (this.written % ring);
    if (rest < size) this.written += rest;
    const slot = sample % slots;
    this.prints[slot] = print;
    this.positions[slot] = this.written;
    this.lengths[slot] = size;
    this.times[slot] = unixMicroseconds;
    this.flows[slot] = flow;
    this.bytes.set(bytes.subarray(start, end), this.written % ring);
    this.written += size;
  }

  /** Finds a request and forgets it; false where it is not there any more. */
  take(sample: number, print: number): boolean {
    const slot = sample % slots;
    const position = this.positions[slot]!;
    if (this.prints[slot] !== print || position < 0) return false;
    this.positions[slot] = -1;
    this.flow = this.flows[slot];
    this.flows[slot] = undefined;
    if (position < this.written - this.bytes.length) return false;
    this.start = position % this.bytes.length;
    this.end = this.start + this.lengths[slot]!;
    this.unixMicroseconds = this.times[slot]!;
    return true;
  }
}
