// Two hashes of a Call-ID, without a key: whoever captures with the same ratio keeps the same calls, on every edge and after a
// restart.

const prime1 = 0x85ebca6b;
const prime2 = 0xc2b2ae35;

export class CallHash {
  /** 32 bits each, unsigned. The first decides whether a call is sampled. */
  sample = 0;
  print = 0;

  of(bytes: Uint8Array, start: number, end: number): void {
    let a = 0x811c9dc5;
    let b = end - start;
    for (let i = start; i < end; i++) {
      const c = bytes[i]!;
      a = Math.imul(a ^ c, 0x01000193); // FNV-1a
      b = Math.imul(b + c, 0x9e3779b1) ^ (b >>> 15);
    }
    this.sample = mix(a) >>> 0;
    this.print = mix(b) >>> 0;
  }
}

/** The finalizer of MurmurHash3: FNV-1a alone leaves the high bits of short texts alike. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), prime1);
  h = Math.imul(h ^ (h >>> 13), prime2);
  return h ^ (h >>> 16);
}
