// Which caller makes which call: every value of a generated call is a function of its index and the options.
import type { CallValues } from './call-text.ts';

export interface ValueOptions {
  readonly sources: number;
  readonly firstSource: number;
  /** Calls in a row from one source. */
  readonly callsInRow: number;
  readonly hotNumber: number;
  /** 0 to 1. */
  readonly hotRatio: number;
  /** 0 to 1. */
  readonly priorityRatio: number;
}

/** A well mixed 32-bit hash of an index (the finaliser of MurmurHash3). */
function mix(index: number): number {
  let h = index | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Fills `values` for call `index` sent from `port`. */
export function fillValues(values: CallValues, index: number, port: number, options: ValueOptions): void {
  const source = options.firstSource + (((index / options.callsInRow) | 0) % options.sources);
  const high = (source / 150) | 0;
  values.index = index;
  values.port = port;
  values.octet1 = 100 + ((high / 150) | 0);
  values.octet2 = 100 + (high % 150);
  values.octet3 = 100 + (source % 150);
  // A prime modulus: distinct callers for up to 999,999,937 calls.
  values.from = 2_000_000_000 + ((index * 1_000_003) % 999_999_937);
  const hash = mix(index + 1);
  values.called = hash < options.hotRatio * 4294967296 ? options.hotNumber : 2_122_000_000 + (mix(hash) % 8_000_000);
}

/** The source address as a number in network order. */
export function sourceAddress(values: CallValues): number {
  return ((127 << 24) | (values.octet1 << 16) | (values.octet2 << 8) | values.octet3) >>> 0;
}

export function isPriority(index: number, options: ValueOptions): boolean {
  return options.priorityRatio > 0 && mix(index ^ 0x5bd1e995) < options.priorityRatio * 4294967296;
}
