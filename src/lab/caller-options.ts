// What the caller generator is told, and what it reports.

/** From `atMs` after the start on, so many new calls per second. */
export interface RateStep {
  readonly atMs: number;
  readonly callsPerSecond: number;
}

export interface CallerOptions {
  /** `udp:HOST:PORT`, IPv4: the proxy that every request goes to. */
  readonly target: string;
  /** A constant rate, or steps in order of time. */
  readonly rate: number | readonly RateStep[];
  /** How long calls are begun, ms. */
  readonly durationMs: number;
  /** Source addresses 127.x.y.z, 1 to 3,375,000, taken in turn. Default 1,000. */
  readonly sources?: number;
  /** The first of them, 0 to 3,374,999: callers with other source addresses side by side. Default 0: 127.100.100.100. */
  readonly firstSource?: number;
  /** Calls in a row from one source before the next one's turn; cheaper to send (burst-socket.ts). Default 16. */
  readonly callsInRow?: number;
  /** UDP sockets, each a source port. Default 4. */
  readonly ports?: number;
  /** Whether an INVITE without any answer is sent again as RFC 3261 §17.1.1.2 says. Default false. */
  readonly retransmit?: boolean;
  /** Whether refusals get their ACK. Default true. */
  readonly ackRefusals?: boolean;
  /** From the ACK of a 2xx to BYE, ms. Default 0. */
  readonly holdMs?: number;
  /** Calls without a final answer after that are lost, ms. Default 32,000 with `retransmit`, else 8,000. */
  readonly giveUpMs?: number;
  /** Value of a Resource-Priority header for the share `priorityRatio` (0 to 1, default 1) of calls. */
  readonly resourcePriority?: string;
  readonly priorityRatio?: number;
  /** Request-URI of all calls; else ten-digit numbers: `hotRatio` of calls to `hotNumber`, the rest spread. */
  readonly requestUri?: string;
  readonly hotNumber?: string;
  readonly hotRatio?: number;
  /** Six characters [0-9a-z] that tell this run's Call-IDs from others'. Default: random. */
  readonly run?: string;
}

/** Of one kind of calls. */
export interface CallCounts {
  /** INVITEs sent, retransmissions not counted. */
  offered: number;
  retransmissions: number;
  /** Calls by their first final status. */
  byStatus: Record<string, number>;
  /** Answered with 2xx. */
  answered: number;
  /** Answered, acknowledged, held and ended with a 2xx to BYE. */
  completed: number;
  /** BYEs refused or never answered. */
  byeFailures: number;
  /** No final answer in time. */
  lost: number;
}

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface CallerReport {
  readonly ordinary: CallCounts;
  readonly priority: CallCounts;
  /** INVITE to first final answer, refusals only. */
  readonly refusalLatency: Latency;
  /** INVITE to 2xx. */
  readonly setUpTime: Latency;
  /** Answers 300 to 699 per second, over the time between the last `clearWindow` and the end of sending. */
  readonly refusalsPerSecond: number;
  readonly offeredPerSecond: number;
  /** Calls that the generator was too slow to begin, and datagrams that the kernel did not take. */
  readonly notOffered: number;
  readonly sendFailures: number;
}

export const noCounts = (): CallCounts => ({
  offered: 0,
  retransmissions: 0,
  byStatus: {},
  answered: 0,
  completed: 0,
  byeFailures: 0,
  lost: 0,
});
