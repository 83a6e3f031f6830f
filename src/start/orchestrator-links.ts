// The links to all orchestrators of a configuration, joined into one set of orders. The client is only loaded where there is one.
import { readFileSync } from 'node:fs';
import type { AuditAction } from '../admin/audit-entry.ts';
import type { OrderedControl } from '../admin/control-json.ts';
import type { AuditLog } from '../audit-log.ts';
import { tokenOf } from '../config/admin-token.ts';
import type { LinkConfig } from '../config/orchestrator-link-schema.ts';
import type { Config } from '../config/schema.ts';
import type { ClientTls } from '../congestion/client-options.ts';
import type { Log } from '../log.ts';
import type { LinkView } from '../metrics/link-view.ts';
import type { LoopView } from '../metrics/loop-view.ts';
import { startEmbedded } from './embedded-orchestrator.ts';
import { HostUse } from './host-use.ts';
import { joinLinkOrders, type LinkOrders, noLinkOrders } from './link-orders.ts';
import { linkReport } from './link-report.ts';
import { OrchestratorLink } from './orchestrator-link.ts';
import { OrderedAudit } from './ordered-audit.ts';

/** How long the end of the process waits for orchestrators to be told of it, ms. */
const farewellMs = 1000;

export interface OrchestratorLinks {
  orders(): LinkOrders;
  ordered(): readonly OrderedControl[];
  /** With every throttle. */
  step(view: LoopView): void;
  views(): readonly LinkView[];
  close(): Promise<void>;
}

export interface LinksParts {
  /** In force now: a reload may change all but the orchestrators. */
  readonly config: () => Config;
  readonly log: Log;
  /** The clock of the samples, ms. */
  readonly now: () => number;
  readonly audit: AuditLog<AuditAction>;
  readonly view: () => LoopView | undefined;
}

export const noLinks: OrchestratorLinks = {
  orders: () => noLinkOrders,
  ordered: () => [],
  step: () => {},
  views: () => [],
  close: async () => {},
};

/** An embedded orchestrator that cannot start is said in the log: the edge goes on without. */
export async function openLinks(parts: LinksParts): Promise<OrchestratorLinks> {
  const { orchestrator } = parts.config();
  switch (orchestrator.kind) {
    case 'none':
      return noLinks;
    case 'links':
      return linksTo(namesOf(orchestrator.links), parts);
    case 'embedded': {
      try {
        const embedded = await startEmbedded(orchestrator, parts.config(), parts.log);
        const links = await linksTo([['embedded', embedded.link]], parts);
        return {
          ...links,
          async close() {
            await links.close();
            await embedded.close();
          },
        };
      } catch (error) {
        parts.log.error('the embedded orchestrator cannot start: the edge goes on without', { err: error });
        return noLinks;
      }
    }
    default:
      return orchestrator satisfies never;
  }
}

/** By host, and by application where that is not enough. */
function namesOf(links: readonly LinkConfig[]): [string, LinkConfig][] {
  const hostOf = ({ url }: LinkConfig): string => new URL(url).host;
  return links.map((link) => {
    const isAlone = links.filter((other) => hostOf(other) === hostOf(link)).length === 1;
    return [isAlone ? hostOf(link) : `${hostOf(link)}/${link.application}`, link];
  });
}

async function linksTo(
  named: readonly (readonly [string, LinkConfig])[],
  { config, log, now, audit, view }: LinksParts,
): Promise<OrchestratorLinks> {
  const { CongestionClient } = await import('../congestion/client.ts');
  const use = new HostUse();
  const links = named.map(([name, link]) => {
    const dropsBefore = new Map<string, number>();
    return new OrchestratorLink({
      name,
      settings: link,
      log,
      now,
      report() {
        const seen = view();
        if (seen === undefined) return {};
        const memoryBytes = process.memoryUsage.rss();
        const { normalFloorPerSecond: floorPerSecond } = config().control;
        return linkReport({ view: seen, rates: use.rates(), memoryBytes, floorPerSecond, dropsBefore });
      },
      used: () => ({ cpuCores: use.rates().cpuCores, memoryBytes: process.memoryUsage.rss() }),
      audit: new OrderedAudit(audit, now),
      connect: (options) =>
        new CongestionClient({
          ...options,
          url: link.url,
          application: link.application,
          token: tokenOf(link),
          tls: tlsOf(link),
          unref: true,
        }),
    });
  });
  return {
    orders: () => joinLinkOrders(links.map((link) => link.orders())),
    ordered: () => links.flatMap((link) => link.ordered()),
    step(seen) {
      use.note(seen.sample);
      const { offeredPerSecond: meanPerSecond } = use.rates();
      const { interfaces, intervalMs } = seen.sample;
      const offered = interfaces.reduce(
        (sum, { arrivals }) => sum + arrivals.emergency + arrivals.priority + arrivals.newCall,
        0,
      );
      const sample = {
        offeredPerSecond: (offered * 1000) / intervalMs,
        meanPerSecond,
        usablePerSecond: usableOf(seen, config().admission.newCallsPerSecond),
        mode: seen.throttle.mode,
      };
      for (const link of links) link.step(sample);
    },
    views: () => links.map((link) => link.view()),
    async close() {
      const farewell = new Promise<void>((resolve) => setTimeout(resolve, farewellMs).unref());
      await Promise.race([Promise.all(links.map((link) => link.close())), farewell]);
    },
  };
}

function tlsOf({ key, certificate, ca }: LinkConfig): ClientTls | undefined {
  if (key === undefined && ca === undefined) return undefined;
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
  return { key: read(key), certificate: read(certificate), authority: read(ca) };
}

/** What the switches in service can take, and the operator allows; Infinity where that is not known, or none is there. */
export function usableOf({ sample, control }: Pick<LoopView, 'sample' | 'control'>, newCallsPerSecond: number): number {
  const open = sample.switches.filter(({ isUp, weight }) => isUp && weight > 0);
  if (open.length === 0) return newCallsPerSecond;
  const capacity = open.reduce(
    (sum, { name }) => sum + (control.switchControls.get(name)?.throttle.callsPerSecond ?? Number.POSITIVE_INFINITY),
    0,
  );
  return Math.min(newCallsPerSecond, capacity);
}
