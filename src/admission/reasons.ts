// The closed unions of what is decided of a request and why: metric labels, log fields, REST values and test names.

export const decisions = [
  'forward', // sent on
  'answer', // answered by the edge itself, not a refusal (OPTIONS, CANCEL of a transaction of ours)
  'absorb', // needs no answer: retransmission, ACK of an answer of ours, keep-alive
  'reject', // answered with a failure
  'drop', // not answered
] as const;
export type Decision = (typeof decisions)[number];

export const reasons = [
  // forward
  'emergency',
  'priority',
  'in-dialog',
  'admitted',
  'from-core', // sent by a switch: outward traffic is not throttled
  // answer
  'options',
  'cancelled', // also rejected with 487: an INVITE cancelled while it waited for a turn
  // absorb
  'retransmission',
  'ack-of-refusal',
  'ack-of-transaction',
  'keep-alive',
  // reject: load
  'edge-rate',
  'interface-rate',
  'neighbour-rate',
  'share', // its interface's share of what the switches can do
  'neighbour-share',
  'expired', // waited for a turn, and too long
  'switch-capacity',
  'gap', // call gapping or code blocking on the called number (ITU-T E.412)
  'mode', // non-essential, refused in the running mode
  'registration-rate',
  'non-essential-rate',
  'priority-cap', // the anti-forgery cap
  'transactions-full',
  'no-switch', // every switch of the group is down
  'draining',
  // reject: the request itself
  'malformed',
  'bad-version',
  'too-many-hops',
  'loop',
  'unsupported-extension', // Proxy-Require
  'unknown-priority', // Require: resource-priority with values unknown
  'unsupported-scheme',
  'dialplan', // vacant code, announcement, code refused by the plan
  'flow-failed', // a flow token whose connection is gone
  'no-route', // cannot be sent: no listener, no address
  // drop
  'penalised',
  'pushback-drop',
  'unanswerable', // malformed beyond an answer, or a response or ACK that is not ours
] as const;
export type Reason = (typeof reasons)[number];
