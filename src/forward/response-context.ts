// The words of the response rule: what it knows of a call (the response context of RFC 3261 §16.7), what happens to it, and
// what is to be done. Branches are numbered from 0 as they start; one is active at a time.

/** Why the edge answers with a 503 of its own, by its interface's pushback. */
export type SearchRefusal = 'switch-capacity' | 'no-switch';

export interface Branch {
  /** `open`: no outcome yet. `refused`: 503. `answered`: any other final response. */
  readonly outcome: 'open' | 'answered' | 'refused' | 'unreachable' | 'timed-out';
  /** A provisional response came, 100 included: from then on it can be cancelled (RFC 3261 §9.1). */
  readonly provisional: boolean;
  /** `wanted`: waits for a provisional response. `done`: the branch was given up, cancelled, and answered 487. */
  readonly cancel: 'none' | 'wanted' | 'sent' | 'done';
  /** Its client transaction is gone. */
  readonly ended: boolean;
}

/** `best`: status of the response kept by `keep`, or 0. */
export type ResponseContext =
  /** `ringing`: a 101 to 199 went upstream: from then on no other switch is tried. */
  | {
      readonly phase: 'searching';
      readonly ringing: boolean;
      readonly best: number;
      readonly branches: readonly Branch[];
    }
  /** No new branch: cancelled by upstream or by Timer C, or a 6xx is kept; the active branch has yet to end. */
  | {
      readonly phase: 'closing';
      readonly cancelled: boolean;
      readonly best: number;
      readonly branches: readonly Branch[];
    }
  /** A final response went upstream; only a 2xx may follow. */
  | { readonly phase: 'answered'; readonly branches: readonly Branch[] }
  /** That, and every client transaction is gone. */
  | { readonly phase: 'stopped' };

export type ResponseEvent =
  /** The action `try-next` was done: the next branch is sent. */
  | { readonly kind: 'started' }
  /** The action `try-next` could not be done: no switch is left. */
  | { readonly kind: 'no-next' }
  | { readonly kind: 'response'; readonly branch: number; readonly status: number }
  /** No response in the time allowed: Timer B, or a shorter wait of the edge's own. */
  | { readonly kind: 'timeout'; readonly branch: number }
  | { readonly kind: 'transport-error'; readonly branch: number }
  | { readonly kind: 'timer-c'; readonly branch: number }
  /** 64*T1 passed since this branch's CANCEL was sent. */
  | { readonly kind: 'cancel-expired'; readonly branch: number }
  /** The client transaction reached its end; comes once for each branch, after anything else of it. */
  | { readonly kind: 'branch-ended'; readonly branch: number }
  /** Upstream's CANCEL; its own 200 has been sent. */
  | { readonly kind: 'cancelled' };

export type ResponseAction =
  /** Send the response of this event upstream. */
  | { readonly kind: 'forward' }
  /** Keep the response of this event instead of any kept before. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'forward-kept' }
  /** Make and send a final response. */
  | { readonly kind: 'answer'; readonly status: 408 | 487 | 500 }
  /** Refuse as admission refuses: 503, with what the interface's pushback adds. */
  | { readonly kind: 'reject'; readonly reason: SearchRefusal }
  /** Select a switch and send to it; then comes `started` or `no-next`. */
  | { readonly kind: 'try-next' }
  /** Send CANCEL on this branch, and `cancel-expired` 64*T1 later. */
  | { readonly kind: 'cancel-branch'; readonly branch: number }
  /** End the client transaction (`tu-abandon`). */
  | { readonly kind: 'drop-branch'; readonly branch: number }
  /** Set or reset Timer C of this branch. */
  | { readonly kind: 'set-timer-c'; readonly branch: number }
  /** The context is done with and may be forgotten. */
  | { readonly kind: 'stop' }
  /** A fault of ours: the event names no branch, or starts one that was not asked for. To be logged; nothing changes. */
  | { readonly kind: 'unreachable'; readonly phase: ResponseContext['phase']; readonly event: ResponseEvent['kind'] };

export interface ResponseStep {
  readonly context: ResponseContext;
  readonly actions: readonly ResponseAction[];
}

/** A context asks for its first switch: do the action `try-next` at once. */
export const newResponseContext: ResponseContext = { phase: 'searching', ringing: false, best: 0, branches: [] };
