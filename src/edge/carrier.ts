// What carries on what the pipeline has admitted: transactions and sockets of our own (calls.ts), or another SIP stack
// (engine/drachtio/). The pipeline decides, the carrier does; so classes, limits, modes and reasons are the same with either.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { RequestClass } from '../classify/class.ts';
import type { Classification } from '../classify/classify.ts';
import type { OwnBranch } from '../forward/marks.ts';
import type { Peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import type { Way } from './next-hop.ts';
import type { Switch } from './switches.ts';

/** An admitted INVITE that is not done with. */
export interface CarriedCall {
  readonly class: RequestClass;
}

/** `C`: the calls that `find` gives, and that come back to it. */
export interface Carrier<C extends CarriedCall = CarriedCall> {
  /** By the key of its transaction (`Marks.serverKey`); asked for every INVITE of a flood. */
  find(key: number): C | undefined;
  /** The INVITE again. */
  onRetransmission(call: C): void;
  /** An ACK with the INVITE's branch: true where it was that of a refusal, false where it is for the switch. */
  onAck(call: C): boolean;
  /** The caller's CANCEL; its own 200 has been sent. */
  onCancel(call: C): void;
  /** Whether a response with this branch of ours belongs to a call here; then it has been dealt with. */
  onResponse(own: OwnBranch, p: Peek): boolean;
  /** Whether one more call finds room. */
  hasRoom(isPrivileged: boolean): boolean;
  /** Begins a call with the admitted INVITE in `p`; `hop`: its way, by `first` where it leads to a switch. */
  begin(
    p: Peek,
    hop: Way,
    arrival: Flow,
    from: Neighbour,
    classification: Classification,
    isPrivileged: boolean,
    first: Switch | undefined,
  ): void;
  /**
   * Sends on what is no new call, and counts it under `reason`. `waitFor`: a name that has to be looked up first; then nothing
   * was counted.
   */
  relay(
    p: Peek,
    flow: Flow,
    from: Neighbour,
    classification: Classification,
    reason: Reason,
  ): { readonly waitFor: string } | undefined;
}
