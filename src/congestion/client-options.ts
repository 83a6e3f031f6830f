// What an application gives its client of the orchestrator, and what the client tells it.
import type * as z from 'zod';
import type { notificationSchema, registrationSchema, reportSchema } from './application-messages.ts';
import type { Orders } from './orders.ts';
import type { PullWay } from './pull-state.ts';

export interface ClientOptions {
  /** Of one orchestrator, `http://` or `https://`; of several, each is tried after the other has failed. */
  readonly url: string | readonly string[];
  /** The name that the token or the certificate belongs to. */
  readonly application: string;
  readonly token?: string | undefined;
  /** For `https`: PEM text. With `key` and `certificate` the application proves itself by them. */
  readonly tls?: ClientTls | undefined;
  /** Read at each registration if it is a function. Default: essential, priority 5. */
  readonly registration?: RegistrationInput | (() => RegistrationInput) | undefined;
  /** Called for each report. Default: an empty one, which only renews the lease. */
  readonly state?: (() => ReportInput) | undefined;
  /** Each new set of orders, and `undefined` once when they expire. Deadlines in them count from this call. */
  readonly onOrders?: ((orders: Orders | undefined) => void) | undefined;
  /** For the log: each kind of failure once until it is over. */
  readonly onChange?: ((change: ClientChange) => void) | undefined;
  /** 100 to 60,000; default: 1000. */
  readonly reportMs?: number | undefined;
  /** How long the orchestrator may take to answer, 100 to 60,000; default: 2000. */
  readonly timeoutMs?: number | undefined;
  /** For how long the orchestrator counts on us without a word, 1 to 3600; default: five reports, at least 5. */
  readonly validitySeconds?: number | undefined;
  /** Whether orders are fetched as they change (server-sent events, else long poll); default: true. */
  readonly pull?: boolean | undefined;
  /** Have the orchestrator send orders here as well. */
  readonly callback?: CallbackOptions | undefined;
  /** Whether the process may end while the client runs; default: false. */
  readonly unref?: boolean | undefined;
}

export interface ClientTls {
  readonly key?: string | Uint8Array | undefined;
  readonly certificate?: string | Uint8Array | undefined;
  /** That the orchestrator's certificate is checked against. Default: those of Node. */
  readonly authority?: string | Uint8Array | undefined;
}

export interface CallbackOptions {
  /** Port 0 lets the kernel choose. Default host: 127.0.0.1. */
  readonly listen: { readonly host?: string | undefined; readonly port: number };
  /** As the orchestrator reaches it. Default: `http://` with the address that is bound. */
  readonly url?: string | undefined;
  /** What the orchestrator proves itself by: 16 to 256 characters of a bearer token. Default: a random one. */
  readonly token?: string | undefined;
}

type Lease = 'session' | 'instance' | 'sequence' | 'validitySeconds';
export type RegistrationInput = Omit<z.input<typeof registrationSchema>, Lease | 'callback'>;
export type ReportInput = Omit<z.input<typeof reportSchema>, Lease>;
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type NotificationInput = Without<z.input<typeof notificationSchema>, Lease>;

export const failureKinds = [
  'timeout', // no answer in time
  'unreachable', // no connection, or it broke
  'refused', // 401, 403: the token or certificate is not known
  'busy', // 429, 503
  'status', // another status that is no success
  'invalid', // what came is not of the congestion API
  'session', // another orchestrator process or another instance of ours: registered again
  'application', // what the application gave is not valid, or a callback of it threw
  'listener', // the callback listener cannot listen
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** Why orders were not taken. */
export const ignoredReasons = [
  'sequence', // a duplicate, or late
  'session', // of a session that is not ours
  'application', // for another
  'invalid',
] as const;
export type IgnoredReason = (typeof ignoredReasons)[number];

export type ClientChange =
  | { readonly what: 'registered'; readonly orchestrator: string; readonly session: string }
  | { readonly what: 'failed'; readonly kind: FailureKind; readonly detail: string }
  | { readonly what: 'recovered'; readonly failures: number }
  /** The last orders are no longer valid: the application is on its own. */
  | { readonly what: 'expired' }
  | { readonly what: 'pull'; readonly way: PullWay };

export interface ClientStats {
  readonly isConnected: boolean;
  readonly session: string | undefined;
  /** Since the orchestrator last answered as it should, ms; undefined: never. */
  readonly lastSuccessAgeMs: number | undefined;
  /** How orders come besides the answers to reports. */
  readonly pull: PullWay;
  readonly registrations: number;
  readonly reports: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  readonly ordersTaken: number;
  readonly ordersIgnored: Readonly<Record<IgnoredReason, number>>;
}
