// What the HTTP side of the orchestrator is given, and its limits.
import type { Registry } from 'prom-client';
import type { RouteId } from '../../congestion/routes.ts';
import type { Log } from '../../log.ts';
import type { TlsFiles } from '../../transport/transport-options.ts';
import type { Desk } from '../desk.ts';
import type { Credential } from './identity.ts';

export interface ApiOptions {
  readonly desk: Desk;
  readonly credentials: readonly Credential[];
  readonly registry: Registry;
  /** Of the program, for the OpenAPI document. */
  readonly version: string;
  readonly log: Pick<Log, 'limited'>;
  /** Default: HTTP without TLS, for the loopback. */
  readonly tls?: ApiTls | undefined;
  readonly limits?: Partial<ApiLimits> | undefined;
  /** Once per answer, for metrics; `none`: of no route. A stream counts when it ends. */
  readonly onAnswer?: ((route: RouteId | 'none', status: number) => void) | undefined;
  /** Once per attempt to bring orders to a callback, for metrics. */
  readonly onCallback?: ((outcome: CallbackOutcome) => void) | undefined;
}

export type CallbackOutcome = 'delivered' | 'failed';

/** Names of PEM files. */
export interface ApiTls extends Pick<TlsFiles, 'certificate' | 'key'> {
  /** Authorities of client certificates, and of the certificates of callbacks; without it nobody is known by a certificate. */
  readonly clientAuthority?: string | undefined;
}

export interface ApiLimits {
  /** Of one identity, together with `burst`, the most in one second. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Wrong tokens from one source address within `failureSeconds`; then it is told to wait. */
  readonly failuresPerAddress: number;
  readonly failureSeconds: number;
  /** Requests per second and source address to what needs no token. */
  readonly openRequestsPerSecond: number;
  /** For a request to arrive as a whole, and for a TLS handshake. */
  readonly requestMs: number;
  readonly connections: number;
  /** Server-sent events: of one identity, and of all. */
  readonly streamsPerIdentity: number;
  readonly streams: number;
  /** Long polls that wait: of one identity, and of all. */
  readonly waitsPerIdentity: number;
  readonly waits: number;
  /** A comment on each stream as often as that. */
  readonly keepAliveMs: number;
  /** A stream whose reader does not take what was sent for so long is cut. */
  readonly slowReaderMs: number;
  /** What clients of a stream are told to wait before they connect again. */
  readonly retryMs: number;
}

export const defaultLimits: ApiLimits = {
  requestsPerSecond: 50,
  burst: 100,
  failuresPerAddress: 30,
  failureSeconds: 10,
  openRequestsPerSecond: 50,
  requestMs: 10_000,
  connections: 1000,
  streamsPerIdentity: 8,
  streams: 256,
  waitsPerIdentity: 8,
  waits: 256,
  keepAliveMs: 15_000,
  slowReaderMs: 10_000,
  retryMs: 3000,
};

/** The longest body; those of a few numbers are bounded closer. */
export const mostBodyBytes = 65_536;
export const mostHeaderBytes = 8192;
