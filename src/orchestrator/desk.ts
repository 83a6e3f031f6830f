// What the HTTP side of the orchestrator may ask of the rest of it. Nothing here waits: answers come from the state at hand, and
// changes are told to whoever listens.
import type { Notification, Registration, Report, ResourceRequest } from '../congestion/application-messages.ts';
import type {
  AuditEntry,
  DrainControl,
  GapControl,
  ModeOverride,
  PeerReport,
  Transition,
} from '../congestion/north-messages.ts';
import type { ModeReport, Orders, RequestAnswer } from '../congestion/orders.ts';
import type { ProblemType } from '../congestion/problem.ts';

/** Why a message cannot be taken: an HTTP status and what the problem document says. */
export interface Refusal {
  readonly refused: 400 | 403 | 404 | 409 | 429;
  readonly type: ProblemType;
  readonly detail: string;
}

export interface Desk {
  register(application: string, body: Registration): Orders | Refusal;
  report(application: string, body: Report): Orders | Refusal;
  request(application: string, body: ResourceRequest): RequestAnswer | Refusal;
  notify(application: string, body: Notification): Orders | Refusal;
  orders(application: string): Orders | Refusal;
  /** Whether it was registered. */
  leave(application: string): boolean;

  mode(): ModeReport;
  peerReport(peer: string, body: PeerReport): ModeReport;
  transitions(): readonly Transition[];

  /** `by`: the operator's name. */
  override(order: ModeOverride, by: string): ModeReport;
  liftOverride(by: string): boolean;
  gap(digits: string, gap: GapControl, by: string): Refusal | undefined;
  liftGap(digits: string, by: string): boolean;
  drain(application: string, order: DrainControl, by: string): Refusal | undefined;
  liftDrain(application: string, by: string): boolean;
  audit(): readonly AuditEntry[];

  /** Calls back with each new set of orders of the application, until the returned function is called. */
  onOrders(application: string, listener: (orders: Orders) => void): () => void;
  onTransition(listener: (transition: Transition) => void): () => void;
}
