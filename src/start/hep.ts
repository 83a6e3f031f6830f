// Mirroring to a HOMER collector, where it is configured; a reload switches it on, off or elsewhere under way.
import { readFileSync } from 'node:fs';
import { hepPassword } from '../config/hep-files.ts';
import type { HepConfig } from '../config/hep-schema.ts';
import type { Config } from '../config/schema.ts';
import { type Collector, openCollector } from '../hep/collector.ts';
import { newHepCounts } from '../hep/hep-counts.ts';
import { type ClassSource, Mirror } from '../hep/mirror.ts';
import { HepTap } from '../hep/tap.ts';
import type { Log } from '../log.ts';
import type { HepView } from '../metrics/hep-metrics.ts';
import { bracketed } from '../transport/address.ts';
import type { MessageTap } from '../transport/message-tap.ts';

const tickMs = 1000;

export interface Hep {
  readonly tap: MessageTap;
  /** The pipeline whose messages the tap is shown. */
  source: ClassSource;
  /** Undefined where nothing is mirrored. */
  view(): HepView | undefined;
  /** Throws where the file with the password or the authorities cannot be read; then all stays as it is. */
  follow(config: Config): void;
  close(): Promise<void>;
}

/** Mirrors from the first `follow` on. */
export function createHep(log: Log): Hep {
  const counts = newHepCounts();
  const tap = new HepTap((error) => {
    log.error('a fault of ours ended the mirroring to HOMER; calls go on', { err: error });
    inForce = '';
    void stop();
  });
  /** The rules and the password, which its file may have changed. */
  let inForce = '';
  let open:
    | { readonly where: string; readonly collector: Collector; readonly mirror: Mirror; readonly timer: NodeJS.Timeout }
    | undefined;

  const stop = async () => {
    const before = open;
    open = undefined;
    tap.use(undefined);
    clearInterval(before?.timer);
    await before?.collector.close();
  };
  const start = (rules: HepConfig, address: NonNullable<HepConfig['address']>, password: string | undefined) => {
    const where = `${address.transport}:${bracketed(address.host)}:${address.port}`;
    const collector = openCollector({
      ...address,
      queueBytes: rules.queueBytes,
      ca: rules.ca === undefined ? undefined : readFileSync(rules.ca, 'utf8'),
      counts,
      onChange: (isUp, reason) =>
        isUp
          ? log.info('the HOMER collector is reached', { collector: where })
          : log.warn('the HOMER collector cannot be reached; what is mirrored is dropped', {
              collector: where,
              reason,
            }),
    });
    const mirror = new Mirror({ ...rules, password }, collector, counts, () => hep.source);
    const timer = setInterval(() => {
      collector.tick();
      mirror.tick();
    }, tickMs);
    timer.unref();
    open = { where, collector, mirror, timer };
    tap.use(mirror);
    log.info('signalling is mirrored to HOMER', { collector: where, ratio: rules.ratio });
  };
  const hep: Hep = {
    tap,
    source: { classAtHand: 'new-call' },
    view: () =>
      open === undefined
        ? undefined
        : { ...counts, collector: open.where, isUp: open.collector.isUp, queuedBytes: open.collector.queuedBytes },
    follow({ engine, capture }) {
      const rules = capture.hep;
      const password = hepPassword(rules);
      const next = JSON.stringify([rules, password]);
      if (next === inForce) return;
      inForce = next;
      if (open !== undefined) log.info('signalling is no longer mirrored as it was');
      void stop();
      if (rules.address === undefined) return;
      if (engine === 'drachtio')
        log.warn(
          '`capture.hep` has no effect with a drachtio-server: it mirrors by itself, by <capture-server> in its file',
        );
      else start(rules, rules.address, password);
    },
    close: stop,
  };
  return hep;
}
