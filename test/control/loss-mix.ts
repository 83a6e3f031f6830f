// A client that a test tells to send less: it keeps to the algorithm of the RFC, which the edge does with its own buckets.
// The client's loss algorithm (RFC 7339 §7.2): which share of each of two categories is refused so that all requests together
// are fewer by the percent asked for, and the mix of the categories, sampled anew every 5 s.

/** RFC 7339 §7.2: "every 5-10 seconds". */
const sampleMs = 5000;

/** Counts since the last sample, and the share of category 1 that it gave. */
export interface TrafficMix {
  readonly category1Ratio: number;
  readonly category1: number;
  readonly category2: number;
  readonly sinceMs: number;
}

/** RFC 7339 §7.2: 80 to 20 is the default before anything was counted. */
export function newTrafficMix(nowMs: number): TrafficMix {
  return { category1Ratio: 0.8, category1: 0, category2: 0, sinceMs: nowMs };
}

/** Adds the requests of each category that came since the last call. */
export function stepTrafficMix(mix: TrafficMix, category1: number, category2: number, nowMs: number): TrafficMix {
  const first = mix.category1 + category1;
  const second = mix.category2 + category2;
  if (nowMs - mix.sinceMs < sampleMs) return { ...mix, category1: first, category2: second };
  const all = first + second;
  return {
    category1Ratio: all > 0 ? first / all : mix.category1Ratio,
    category1: 0,
    category2: 0,
    sinceMs: nowMs,
  };
}

/** Share of each category to refuse, 0 to 1. */
export interface LossRatios {
  readonly category1: number;
  readonly category2: number;
}

/** `percent` 0 to 100 of all requests; `category1Ratio` 0 to 1, the share of them that may be reduced first. */
export function lossRatios(percent: number, category1Ratio: number): LossRatios {
  const loss = percent / 100;
  // RFC 7339 §7.2: all of category 1 before any of category 2
  if (loss <= category1Ratio) return { category1: loss === 0 ? 0 : loss / category1Ratio, category2: 0 };
  return { category1: 1, category2: Math.min(1, (loss - category1Ratio) / (1 - category1Ratio)) };
}
