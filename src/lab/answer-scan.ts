// Reads of a response what a caller with a hundred thousand calls per second must know: the status, and from our own
// branch in the top Via which call and which request it answers.

export interface ParsedAnswer {
  status: number;
  /** The letter in the branch that names the request: i INVITE, b BYE, a ACK, as a character code. */
  kind: number;
  index: number;
  /** First byte behind the branch. */
  afterBranch: number;
}

const BRANCH = Uint8Array.from(Buffer.from('z9hG4bK-', 'latin1'));

/** Fills `answer`; false when bytes[start, end) is no response to a request of this run. */
export function parseAnswer(bytes: Buffer, start: number, end: number, run: Uint8Array, answer: ParsedAnswer): boolean {
  if (end - start < 60 || bytes[start] !== 83 || bytes[start + 7] !== 32) return false;
  answer.status = (bytes[start + 8]! - 48) * 100 + (bytes[start + 9]! - 48) * 10 + (bytes[start + 10]! - 48);
  if (!(answer.status >= 100 && answer.status < 700)) return false;
  const last = Math.min(end, start + 500) - 24;
  for (let at = start + 30; at < last; at++) {
    if (bytes[at] !== 122 || bytes[at + 1] !== 57 || bytes[at + 2] !== 104) continue;
    for (let i = 3; i < BRANCH.length; i++) if (bytes[at + i] !== BRANCH[i]) return false;
    answer.kind = bytes[at + 8]!;
    for (let i = 0; i < 6; i++) if (bytes[at + 9 + i] !== run[i]) return false;
    let index = 0;
    for (let i = at + 15; i < at + 23; i++) {
      const c = bytes[i]!;
      index = (index << 4) | (c < 58 ? c - 48 : c - 87);
    }
    answer.index = index >>> 0;
    answer.afterBranch = at + 23;
    return true;
  }
  return false;
}

/** Where the To line begins (at its name), or -1; `to` and the compact `t`, in any case. */
export function findToLine(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to - 4; at++) {
    if (bytes[at] !== 10 || (bytes[at + 1]! | 32) !== 116) continue;
    const next = bytes[at + 2]!;
    if (next === 58 || next === 32 || ((next | 32) === 111 && (bytes[at + 3] === 58 || bytes[at + 3] === 32)))
      return at + 1;
  }
  return -1;
}
