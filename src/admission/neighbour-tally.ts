// What the data plane notes of one neighbour between two samples of the Monitor.
import type { RequestClass } from '../classify/class.ts';
import type { ClassCounts, NeighbourSample } from '../control/load-sample.ts';
import type { Reason } from './reasons.ts';

/** Longest Retry-After there is, in seconds. */
const longestSeconds = 255;
/** Elements of one neighbour that are told apart between two samples. */
const mostElements = 64;

/**
 * Whether an ordinary new call that ended in this decision asked for a switch: it was sent there, or would have been if there
 * had been room. What the dial plan refuses or what is malformed asked for none, and what is above the sender's own limit would
 * get none; what a gap stops is counted by itself.
 */
function isDemand(reason: Reason): boolean {
  switch (reason) {
    case 'admitted':
    case 'edge-rate':
    case 'share':
    case 'neighbour-share':
    case 'expired':
    case 'switch-capacity':
    case 'no-switch':
    case 'transactions-full':
    case 'penalised':
    case 'pushback-drop':
      return true;
    default:
      return false;
  }
}

export class NeighbourTally {
  private emergency = 0;
  private priority = 0;
  private inDialog = 0;
  private newCall = 0;
  private registration = 0;
  private nonEssential = 0;
  private newCalls = 0;
  private admitted = 0;
  private gapped = 0;
  private retryAfter: number[] = [];
  private ocOffers: 'loss' | 'loss,rate' | undefined;
  /** Hashes of the addresses that offered, a bounded number of them. */
  private readonly ocElements = new Set<number>();

  /** A request that is not a retransmission has been decided. */
  note(requestClass: RequestClass, reason: Reason): void {
    switch (requestClass) {
      case 'new-call':
        return this.noteNewCall(reason);
      case 'in-dialog':
        this.inDialog++;
        return;
      case 'emergency':
        this.emergency++;
        return;
      case 'priority':
        this.priority++;
        return;
      case 'registration':
        this.registration++;
        return;
      case 'non-essential':
        this.nonEssential++;
        return;
      default:
        requestClass satisfies never;
    }
  }

  /** A refusal told the sender to stay away for so many seconds. */
  noteRetryAfter(seconds: number): void {
    const index = Math.min(longestSeconds, seconds);
    this.retryAfter[index] = (this.retryAfter[index] ?? 0) + 1;
  }

  /** A request whose top Via offers overload control (RFC 7339 §4.1). `addressHash`: of its source. */
  noteOc(offersRate: boolean, addressHash: number): void {
    this.ocOffers = offersRate && this.ocOffers !== 'loss' ? 'loss,rate' : 'loss';
    if (this.ocElements.size < mostElements) this.ocElements.add(addressHash);
  }

  private noteNewCall(reason: Reason): void {
    this.newCall++;
    if (reason === 'admitted') this.admitted++;
    if (reason === 'gap') this.gapped++;
    else if (isDemand(reason)) this.newCalls++;
  }

  /** What was noted since the last call. */
  take(name: string, weight: number): { readonly arrivals: ClassCounts; readonly sample: NeighbourSample } {
    const { emergency, priority, inDialog, newCall, registration, nonEssential, newCalls, admitted, gapped } = this;
    const { retryAfter, ocOffers } = this;
    const ocElements = this.ocElements.size;
    const otherRequests = emergency + priority + inDialog + registration + nonEssential;
    this.emergency = 0;
    this.priority = 0;
    this.inDialog = 0;
    this.newCall = 0;
    this.registration = 0;
    this.nonEssential = 0;
    this.newCalls = 0;
    this.admitted = 0;
    this.gapped = 0;
    this.retryAfter = [];
    this.ocOffers = undefined;
    this.ocElements.clear();
    return {
      arrivals: { emergency, priority, inDialog, newCall, registration, nonEssential },
      sample: { name, weight, newCalls, admitted, gapped, otherRequests, ocOffers, ocElements, retryAfter },
    };
  }
}
