// RFC 7339 §5.9: a server that does not answer repeatedly gets nothing more but a probe now and then, with exponential
// back-off, until it has answered one. Silence is the only sign of overload that a dead server can give (RFC 5390 REQ 15).

/** Requests in a row that must have gone unanswered; one may be a lost packet. */
const failuresToStop = 3;
const firstWaitMs = 1000;
const mostWaitMs = 32_000;

export type SelfLimit =
  | { readonly name: 'sending'; readonly failures: number }
  /** `isProbing`: a probe is out. */
  | { readonly name: 'stopped'; readonly waitMs: number; readonly probeAtMs: number; readonly isProbing: boolean };

export type SelfLimitEvent =
  /** A response, whatever it says. */
  | { readonly kind: 'answered' }
  /** A time-out of the transaction layer or a fatal transport error. */
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'probe-sent' };

export const sendingFreely: SelfLimit = { name: 'sending', failures: 0 };

/** `random`: 0 to below 1; spreads the probes of several clients by a quarter up and down. */
export function stepSelfLimit(state: SelfLimit, event: SelfLimitEvent, nowMs: number, random: number): SelfLimit {
  switch (event.kind) {
    // RFC 7339 §5.9: after one normal response requests are sent again
    case 'answered':
      return sendingFreely;
    case 'probe-sent':
      return state.name === 'stopped' ? { ...state, isProbing: true } : state;
    case 'unanswered':
      if (state.name === 'sending') {
        const failures = state.failures + 1;
        return failures < failuresToStop ? { name: 'sending', failures } : stopped(firstWaitMs, nowMs, random);
      }
      // the requests that were out when it was stopped time out one by one: only a probe tells anything new
      return state.isProbing ? stopped(Math.min(state.waitMs * 2, mostWaitMs), nowMs, random) : state;
    default:
      return event satisfies never;
  }
}

function stopped(waitMs: number, nowMs: number, random: number): SelfLimit {
  return { name: 'stopped', waitMs, probeAtMs: nowMs + waitMs * (0.75 + random / 2), isProbing: false };
}

/** What may be sent now: anything, one request as a probe (then tell `probe-sent`), or nothing. */
export function maySend(state: SelfLimit, nowMs: number): 'anything' | 'probe' | 'nothing' {
  if (state.name === 'sending') return 'anything';
  return !state.isProbing && nowMs >= state.probeAtMs ? 'probe' : 'nothing';
}
