// What the parts of the test switch share: the way back to a peer, the treatment of calls, and what is counted.

/** One way back to whoever sent a request. */
export interface Peer {
  /** Numeric, without brackets. */
  readonly address: string;
  readonly port: number;
  readonly reliable: boolean;
  /** Our own side as a Contact has it: `127.0.0.1:5080`, over TCP with `;transport=tcp`. */
  readonly contactHost: string;
  readonly localAddress: string;
  send(bytes: Buffer): void;
}

/** What happens to a call. `slow` answers after `slowMs`, `noanswer` rings until it is cancelled. */
export type CallTreatment = 'answer' | 'busy' | 'noanswer' | 'slow' | 'reject503';

export interface SwitchStats {
  /** New INVITEs outside a dialog, retransmissions not counted. */
  invites: number;
  inviteRetransmissions: number;
  answered: number;
  /** Answered calls whose ACK came. */
  confirmed: number;
  /** Answered calls that ended by BYE. */
  ended: number;
  cancelled: number;
  /** Refused by treatment (`busy`, `reject503`, no answer) and by overload. */
  refused: number;
  overloaded: number;
  /** Never read, because the queue was far too long. */
  lost: number;
  /** Answered calls whose ACK never came. */
  ackTimeouts: number;
  otherRequests: number;
  malformed: number;
}

export interface SwitchTiming {
  /** From the INVITE's turn in the work queue to its 180, ms. */
  readonly ringMs: number;
  /** From 180 to 200, ms, for ordinary users and for `slow`. */
  readonly answerMs: number;
  readonly slowMs: number;
}

export const noStats = (): SwitchStats => ({
  invites: 0,
  inviteRetransmissions: 0,
  answered: 0,
  confirmed: 0,
  ended: 0,
  cancelled: 0,
  refused: 0,
  overloaded: 0,
  lost: 0,
  ackTimeouts: 0,
  otherRequests: 0,
  malformed: 0,
});
