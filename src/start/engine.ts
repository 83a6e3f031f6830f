// What carries SIP, as main.ts needs it: sockets and transactions of our own (engine-embedded.ts), or a drachtio-server
// (engine-drachtio.ts). Either feeds the same pipeline.
import type { Config } from '../config/schema.ts';
import type { HostSample } from '../control/load-sample.ts';
import type { EdgeParts } from '../edge/parts.ts';
import type { Flows } from '../edge/places.ts';
import type { Surroundings } from '../edge/sampler.ts';
import type { Switches } from '../edge/switches.ts';
import type { Log } from '../log.ts';
import type { DrachtioView } from '../metrics/drachtio-metrics.ts';
import type { SocketSample } from '../metrics/socket-metrics.ts';
import type { Hep } from './hep.ts';

/** What there is before the parts of the pipeline are. */
export interface EngineInput {
  readonly config: () => Config;
  readonly switches: Switches;
  readonly log: Log;
  /** The clock of the pipeline. */
  readonly now: () => number;
  /** Mirroring of what the sockets carry. */
  readonly hep: Hep;
}

export interface Engine {
  /** Listeners and flows: what the pipeline routes by. */
  readonly flows: Flows;
  /** Requests come from now on. */
  begin(parts: EdgeParts): Promise<RunningEngine>;
}

export interface RunningEngine {
  /** For the line in the log that says where it listens. */
  readonly described: Readonly<Record<string, unknown>>;
  /** Every 10 ms: waiting calls, transaction timers. */
  turn(nowMs: number): void;
  /** Every 100 ms: health checks. */
  tick(nowMs: number): void;
  /** Open transactions by kind. */
  transactions(): Readonly<Record<string, number>>;
  /** Calls that a shutdown must wait for. */
  readonly unfinished: number;
  /** Something of calls that have ended is still to come, such as an ACK. */
  readonly isLingering: boolean;
  /** What it adds to a sample; `own`: the host as this process sees it. */
  sample(own: HostSample, nowMs: number): Surroundings;
  sockets(): readonly SocketSample[];
  /** Why no traffic can come. Empty: it can. */
  ready(): string[];
  /** Undefined where there is no drachtio-server. */
  drachtio(): DrachtioView | undefined;
  stopAccepting(): void;
  close(): Promise<void>;
}
