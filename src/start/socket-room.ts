// How much the kernel lets wait on a UDP socket that asks for nothing.
import { readFileSync } from 'node:fs';

/** What Linux is shipped with, bytes. */
const usualBytes = 212_992;

/** Bytes, as /proc/net/udp counts them: with the kernel's own use. */
export function socketRoom(): number {
  try {
    return Number(readFileSync('/proc/sys/net/core/rmem_default', 'latin1')) || usualBytes;
  } catch {
    return usualBytes;
  }
}
