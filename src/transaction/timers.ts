// The RFC's timer values, all in milliseconds, derived from T1, T2 and T4 (RFC 3261 Table 4, RFC 6026 §8.11).

export interface TimerBase {
  /** RFC 3261 §17.1.1.1: estimate of the round-trip time. Default 500; smaller only inside a closed network. */
  readonly t1Ms: number;
  /** RFC 3261 §17.1.2.2: longest retransmission interval. Default 4,000; at least T1. */
  readonly t2Ms: number;
  /** RFC 3261 §17.1.2.2: longest time that a message stays in the network. Default 5,000. */
  readonly t4Ms: number;
}

export const defaultTimerBase: TimerBase = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

/** Each letter is the RFC's. D, I, J and K are those of unreliable transports: on reliable ones they are zero. */
export interface TimerTable extends TimerBase {
  /** INVITE retransmission, first interval; doubles, without a limit (§17.1.1.2); unreliable transports only. */
  readonly aMs: number;
  /** INVITE client transaction gives up (§17.1.1.2). */
  readonly bMs: number;
  /** Proxy waits for the final response to an INVITE; reset by each 101 to 199 (§16.6 step 11). */
  readonly cMs: number;
  /** INVITE client transaction absorbs retransmitted final responses (§17.1.1.2). */
  readonly dMs: number;
  /** Non-INVITE retransmission, first interval; doubles up to T2 (§17.1.2.2); unreliable transports only. */
  readonly eMs: number;
  /** Non-INVITE client transaction gives up (§17.1.2.2). */
  readonly fMs: number;
  /** Retransmission of a final response to INVITE, first interval; doubles up to T2 (§17.2.1); unreliable only. */
  readonly gMs: number;
  /** INVITE server transaction stops waiting for the ACK (§17.2.1). */
  readonly hMs: number;
  /** INVITE server transaction absorbs retransmitted ACKs (§17.2.1). */
  readonly iMs: number;
  /** Non-INVITE server transaction absorbs retransmitted requests (§17.2.2). */
  readonly jMs: number;
  /** Non-INVITE client transaction absorbs retransmitted responses (§17.1.2.2). */
  readonly kMs: number;
  /** INVITE server transaction absorbs retransmissions of an accepted INVITE (RFC 6026 §8.7). */
  readonly lMs: number;
  /** INVITE client transaction passes up further 2xx (RFC 6026 §8.4). */
  readonly mMs: number;
  /** A cancelled INVITE without a final response is given up after this (RFC 3261 §9.1). */
  readonly cancelMs: number;
}

/** RFC 3261 §16.6 step 11: Timer C MUST be larger than three minutes; it does not depend on T1. */
const timerCMs = 185_000;

/** RFC 3261 §17.1.1.2: Timer D is at least 32 s whatever our T1, because the server's T1 is not known to us. */
const timerDFloorMs = 32_000;

/** The table for one set of base values. Ranges are the configuration's to check: all > 0, T2 at least T1. */
export function timerTable(base: TimerBase): TimerTable {
  const { t1Ms, t2Ms, t4Ms } = base;
  const longMs = 64 * t1Ms;
  return {
    t1Ms,
    t2Ms,
    t4Ms,
    aMs: t1Ms,
    bMs: longMs,
    cMs: timerCMs,
    dMs: Math.max(timerDFloorMs, longMs),
    eMs: t1Ms,
    fMs: longMs,
    gMs: t1Ms,
    hMs: longMs,
    iMs: t4Ms,
    jMs: longMs,
    kMs: t4Ms,
    lMs: longMs,
    mMs: longMs,
    cancelMs: longMs,
  };
}
