// What the congestion API asks, answered from the state of the orchestrator at hand.
import type { AuditLog } from '../audit-log.ts';
import type { AuditEntry } from '../congestion/north-messages.ts';
import type { Desk, Refusal } from './desk.ts';
import type { NorthDesk } from './north/north-desk.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { Peers } from './peers.ts';
import { type Applications, notRegistered, type Receipt } from './registry/applications.ts';
import { modeReportAt } from './registry/orders-content.ts';

export interface DeskParts {
  readonly name: string;
  readonly orchestrator: Orchestrator;
  readonly applications: Applications;
  readonly north: NorthDesk;
  readonly audit: Pick<AuditLog<AuditEntry['action']>, 'entries'>;
  readonly peers: Peers;
  /** Monotonic, ms. */
  readonly now: () => number;
}

export function createDesk(parts: DeskParts): Desk {
  const { orchestrator, applications, north, peers, now } = parts;
  const mode = () => modeReportAt(parts.name, orchestrator.hostMode, now());
  const ordersOr = (application: string, receipt: Receipt | Refusal) =>
    'refused' in receipt ? receipt : orchestrator.ordersOf(application);
  /** What was placed or lifted by hand is told at once. */
  const told = <T extends Refusal | boolean | undefined>(result: T): T => {
    if (result === undefined || result === true) orchestrator.publish();
    return result;
  };

  return {
    register(application, body) {
      const receipt = applications.register(application, body, now());
      if (!('refused' in receipt) && receipt.turn !== 'out-of-turn') orchestrator.settle();
      return ordersOr(application, receipt);
    },
    report: (application, body) => ordersOr(application, applications.report(application, body, now())),
    request(application, body) {
      const receipt = applications.request(application, body);
      if ('refused' in receipt) return receipt;
      const answer =
        receipt.turn === 'out-of-turn'
          ? ({ outcome: 'refused', granted: {}, reason: 'out-of-turn' } as const)
          : orchestrator.ask(application, body.wanted);
      const { outcome, granted, reason } = answer;
      return { outcome, granted, reason, orders: orchestrator.ordersOf(application) };
    },
    notify: (application, body) => ordersOr(application, applications.notify(application, body, now())),
    orders(application) {
      if (applications.find(application, now())?.instance !== undefined) return orchestrator.ordersOf(application);
      return notRegistered(application);
    },
    leave(application) {
      const was = applications.leave(application);
      if (was) orchestrator.left(application);
      return was;
    },

    mode,
    peerReport(peer, body) {
      peers.take(peer, body, now());
      return mode();
    },
    transitions: () => orchestrator.past,

    override(order, by) {
      north.override(order, by, now());
      orchestrator.step();
      return mode();
    },
    liftOverride(by) {
      const was = north.liftOverride(by, now());
      if (was) orchestrator.step();
      return was;
    },
    gap: (digits, gap, by) => told(north.gap(digits, gap, by, now())),
    liftGap: (digits, by) => told(north.liftGap(digits, by, now())),
    drain: (application, order, by) => told(north.drain(application, order, by, now())),
    liftDrain: (application, by) => told(north.liftDrain(application, by, now())),
    audit: () => parts.audit.entries(),

    onOrders: (application, listener) => orchestrator.onOrders(application, listener),
    onTransition: (listener) => orchestrator.onTransition(listener),
  };
}
