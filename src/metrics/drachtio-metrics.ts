// What is known of the drachtio-server that carries SIP; no series where the edge does so itself.
import { counter, type Families, gauge } from './families.ts';

export interface DrachtioView {
  readonly isUp: boolean;
  /** '' while it is not known. */
  readonly version: string;
  /** Times that a link which was up was lost. */
  readonly losses: number;
  /** Requests that the server handed over and that are neither answered nor done with, and requests of our own. */
  readonly pending: number;
  /** In the last sample of load; undefined where it cannot be told. */
  readonly cpuRatio: number | undefined;
  readonly lagSeconds: number;
  readonly unseenPerSecond: number | undefined;
  /** Of the last self-test; undefined before the first. */
  readonly missedRatio: number | undefined;
}

export function addDrachtioMetrics(families: Families, view: () => DrachtioView | undefined): void {
  const show = (name: string, help: string, read: (one: DrachtioView) => number | undefined) =>
    gauge(families, name, help, [], (say) => {
      const seen = view();
      const value = seen && read(seen);
      if (value !== undefined) say({}, value);
    });
  gauge(
    families,
    'surgegate_drachtio_up',
    '1 while the drachtio-server hands its requests to the edge, 0 while the link to it is down: then it refuses all of them',
    ['version'],
    (say) => {
      const seen = view();
      if (seen !== undefined) say({ version: seen.version }, seen.isUp ? 1 : 0);
    },
  );
  counter(
    families,
    'surgegate_drachtio_losses_total',
    'Times that the link to the drachtio-server was lost',
    [],
    (say) => {
      const seen = view();
      if (seen !== undefined) say({}, seen.losses);
    },
  );
  show(
    'surgegate_drachtio_pending',
    'Requests handed over by the drachtio-server that are not done with: calls that ring, and what waits for an answer',
    (one) => one.pending,
  );
  show(
    'surgegate_drachtio_cpu_ratio',
    'Processor time of the drachtio-server, of one core. It handles SIP on one thread: from about 0.65 on it falls behind, and the edge in it sees fewer calls, not more',
    (one) => one.cpuRatio,
  );
  show(
    'surgegate_drachtio_lag_seconds',
    'The longest that a request took from the drachtio-server to the edge since the last sample; what waits in the kernel is not in it',
    (one) => one.lagSeconds,
  );
  show(
    'surgegate_drachtio_unseen_per_second',
    'Requests that the drachtio-server received and did not hand over: retransmissions, and what it answers or drops itself. Many: it cannot keep up',
    (one) => one.unseenPerSecond,
  );
  show(
    'surgegate_drachtio_missed_ratio',
    'Share of the last self-test that the drachtio-server did not hand to the edge. Above 0: it gives requests to somebody else, or to an application that is gone; restart it',
    (one) => one.missedRatio,
  );
}
