// Why a request was refused, in a sentence with the figures that were in force then.
import type { Reason } from '../admission/reasons.ts';
import type { Refused } from '../admission/refusal-ring.ts';
import { rateText } from './text-values.ts';

export function whyText(one: Refused): string {
  return `${sentence(one.reason, one)}${modeText(one)}`;
}

/** Where the running mode took calls away, that too belongs to the answer. */
function modeText({ throttle, reason }: Refused): string {
  if (throttle === undefined || throttle.mode === 'L0' || !forLoad.has(reason)) return '';
  const causes = throttle.causes.length === 0 ? '' : ` because of ${throttle.causes.join(', ')}`;
  const { boundaryPerSecond } = throttle;
  const boundary = Number.isFinite(boundaryPerSecond) ? `; the host allows ${rateText(boundaryPerSecond)}` : '';
  return `; running mode ${throttle.mode}${causes}${boundary}`;
}

const forLoad: ReadonlySet<Reason> = new Set<Reason>([
  ...(['share', 'neighbour-share', 'expired', 'switch-capacity', 'gap', 'mode', 'registration-rate'] as const),
  ...(['penalised', 'pushback-drop'] as const),
]);

function sentence(reason: Reason, one: Refused): string {
  switch (reason) {
    case 'edge-rate':
      return 'admission.newCallsPerSecond of the whole edge was used up';
    case 'interface-rate':
      return `admission.newCallsPerSecond of ${one.interface} was used up`;
    case 'neighbour-rate':
      return `admission.newCallsPerSecond of the neighbour ${nameOf(one)} was used up`;
    case 'share':
      return `the share of ${one.interface} in what the switches can do${figure(one.interfaceSharePerSecond)} was used up, and nothing more could wait`;
    case 'neighbour-share':
      return `the part of ${nameOf(one)} in the share of ${one.interface}${figure(one.neighbourSharePerSecond)} was used up`;
    case 'expired':
      return `it waited for its turn on ${one.interface}${figure(one.interfaceSharePerSecond) || ','} and none came in time`;
    case 'switch-capacity':
      return 'the switches had all the calls that they can do';
    case 'gap':
      return 'the called number, or its first digits, are gapped';
    case 'mode':
      return 'the running mode lets no non-essential requests pass';
    case 'registration-rate':
      return 'the limit of registrations was used up';
    case 'non-essential-rate':
      return 'the limit of non-essential requests was used up';
    case 'priority-cap':
      return 'more priority calls came than admission.priorityCapPerSecond, the cap against forged ones';
    case 'transactions-full':
      return 'limits.transactions: as many calls were in set-up as may be';
    case 'no-switch':
      return 'no switch of its group was up';
    case 'draining':
      return 'the edge was draining';
    case 'malformed':
      return 'the request is malformed';
    case 'bad-version':
      return 'the request is of another version than SIP/2.0';
    case 'too-many-hops':
      return 'its Max-Forwards was used up';
    case 'loop':
      return 'it had been here before: a loop';
    case 'unsupported-extension':
      return 'it requires an extension of proxies that is not there (Proxy-Require)';
    case 'unknown-priority':
      return 'it requires a Resource-Priority that is not known';
    case 'unsupported-scheme':
      return 'the scheme of its Request-URI is not supported';
    case 'dialplan':
      return 'the dial plan refuses the called number';
    case 'flow-failed':
      return 'the connection to its receiver was gone';
    case 'no-route':
      return 'there was no way to its receiver: no listener, or no address';
    case 'penalised':
      return 'its source went on after it was told to stay away, and got no answer for a while (penalty)';
    case 'pushback-drop':
      return `there was no room, and the pushback of ${one.interface} is to drop`;
    case 'unanswerable':
      return 'it is malformed beyond an answer';
    case 'emergency':
    case 'priority':
    case 'in-dialog':
    case 'admitted':
    case 'from-core':
    case 'options':
    case 'cancelled':
    case 'retransmission':
    case 'ack-of-refusal':
    case 'ack-of-transaction':
    case 'keep-alive':
      return 'it was not refused';
    default:
      return reason satisfies never;
  }
}

const nameOf = ({ neighbour }: Refused): string => neighbour || 'all sources without a name';

const figure = (perSecond: number): string => (Number.isFinite(perSecond) ? `, ${rateText(perSecond)},` : '');
