// One call of the synthetic caller: what is to be called, and how it ended. The same for our own user agent and for sip.js.

export const callClasses = ['ordinary', 'priority'] as const;
export type CallClass = (typeof callClasses)[number];

export interface CallPlan {
  readonly class: CallClass;
  /** `sip:NUMBER@DOMAIN`: Request-URI and To. */
  readonly to: string;
  /** `sip:NAME@DOMAIN`. */
  readonly from: string;
  /** Value of the header (RFC 4412); undefined: the call has none. */
  readonly resourcePriority: string | undefined;
  /** From the 2xx to our BYE, ms. */
  readonly holdMs: number;
  /** From the INVITE to our CANCEL, ms. */
  readonly timeoutMs: number;
}

export interface CallEnd {
  /**
   * `answered`: 2xx. `rejected`: any other final response. `silent`: none in time, and cancelled where it rang. `lost`: it could
   * not be sent, or the connection was lost in set-up. `interrupted`: the signal came in set-up.
   */
  readonly how: 'answered' | 'rejected' | 'silent' | 'lost' | 'interrupted';
  /** Of the last response to the INVITE before that; 0 and '' where none came. */
  readonly status: number;
  readonly phrase: string;
  /** From the INVITE to its first response of any kind, ms. */
  readonly firstResponseMs?: number | undefined;
  /** From the INVITE to its 2xx, ms. */
  readonly setUpMs?: number | undefined;
  /** As the rejection told (RFC 3261 §20.33). */
  readonly retryAfterSeconds?: number | undefined;
  /** The Reason header of the rejection (RFC 3326); '' where there is none. */
  readonly reason: string;
  /** What else went wrong, in words; '' where nothing did. */
  readonly fault: string;
}

/** Of a call of which nothing has been heard. */
export const noEnd: CallEnd = { how: 'silent', status: 0, phrase: '', reason: '', fault: '' };

/** Resolves when the call is over, never rejects. The signal ends it: CANCEL in set-up, BYE at once where it is answered. */
export type PlaceCall = (plan: CallPlan, signal: AbortSignal) => Promise<CallEnd>;

/** What a rejection says to the caller, by its headers. */
export function rejectionOf(
  status: number,
  retryAfter: string | undefined,
  reason: string | undefined,
): Pick<CallEnd, 'retryAfterSeconds' | 'reason'> {
  // RFC 3261 §20.33: a comment and parameters may follow; it means something in these alone (§21.4.18 and others)
  const seconds = /^\d{1,9}/.exec(retryAfter ?? '')?.[0];
  return {
    retryAfterSeconds: seconds === undefined || status < 300 ? undefined : Number(seconds),
    reason: reason ?? '',
  };
}
