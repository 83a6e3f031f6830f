// Which switch of a group gets a call: weighted rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998; the weights
// by the logarithmic method of Schindelhauer and Schomaker, SPAA 2005). The same key finds the same switch with no memory:
// after a restart too.

export interface SwitchCandidate {
  /** `switchHash(name)`: what makes this switch's scores its own. */
  readonly hash: number;
  /** Share of the keys relative to the others, > 0; a switch of weight 0 is never selected. */
  readonly weight: number;
}

/**
 * The index of the switch for a call, or -1. Candidates are offered to `usable` in this key's order of preference, each at
 * most once, and the first that it accepts is the answer; so `usable` may take a capacity token when it accepts. It is to
 * refuse what has been tried, is down or is draining.
 *
 * score = -weight / ln(u), where u in (0, 1) is the hash of key and switch: the highest score wins, which a switch does
 * with the probability of its weight among the usable ones. Without one, only its own keys move, each to its next choice.
 *
 * `key`: 32 bits, `callKey` of the Call-ID. For a stateless CANCEL or ACK `usable` must not look at capacity: a call that
 * went to its second choice for want of a token cannot be found again without memory.
 */
export function selectSwitch<T extends SwitchCandidate>(
  group: readonly T[],
  key: number,
  usable: (candidate: T, index: number) => boolean,
): number {
  let limit = Number.POSITIVE_INFINITY;
  let limitIndex = -1;
  for (;;) {
    let best = -1;
    let bestScore = 0;
    for (let i = 0; i < group.length; i++) {
      const score = switchScore(group[i]!, key);
      // Equal scores are told apart by the index, so that none is passed over.
      const behindLimit = score < limit || (score === limit && i > limitIndex);
      if (behindLimit && score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    if (best < 0) return -1;
    if (usable(group[best]!, best)) return best;
    limit = bestScore;
    limitIndex = best;
  }
}

/** 0 for a weight of 0 or less. */
export function switchScore(candidate: SwitchCandidate, key: number): number {
  if (!(candidate.weight > 0)) return 0;
  const hash = mix(Math.imul(mix(key ^ candidate.hash), 0x9e3779b1) + candidate.hash);
  return -candidate.weight / Math.log((hash + 0.5) / 2 ** 32);
}

/** The 32-bit hash of a switch's name. */
export function switchHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/**
 * The 32-bit key of a call: the hash of its Call-ID, bytes[start, end). A challenged INVITE comes again with the same
 * Call-ID (RFC 3261 §22.2), ACK and CANCEL carry it too. `seed`: the same for the life of an installation; a secret one
 * keeps callers from choosing their switch.
 */
export function callKey(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let hash = 0x811c9dc5 ^ mix(seed);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return mix(hash);
}

/** The finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
