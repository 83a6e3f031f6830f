// `surgegate probe-oc`: finds out whether a neighbour's parser survives the overload control that we would offer in our Via (RFC 7339
// §4.1, §4.2): a parameter without a value, and a comma between quotes, which some take for the end of the Via.
import { formatSocketAddress, parseTarget, type SocketAddress } from '../../config/addresses.ts';
import type { OcOffer } from '../../sip/oc.ts';
import { compare, compareVias, type Finding } from './compare.ts';
import { type ExchangeTiming, exchange, type Outcome } from './exchange.ts';

export interface OcRow {
  readonly offer: OcOffer;
  readonly outcome: Outcome;
  readonly finding: Finding;
}

export interface OcReport {
  readonly address: string;
  /** Without an offer, with `loss`, with `loss,rate`. */
  readonly rows: readonly OcRow[];
  /** Whether it still answered at the end; undefined: not asked, since it had survived everything. */
  readonly isAliveAfter: boolean | undefined;
  /** For `switches[].oc`. */
  readonly recommended: OcOffer;
}

const transports = 'udp:HOST:PORT or tcp:HOST:PORT';

/** Rejects with one line where `text` is no address or nobody answers there. */
export async function probeOc(text: string, timing: ExchangeTiming): Promise<OcReport> {
  const to = targetOf(text);
  const plain = await exchange(to, 'none', timing);
  const address = formatSocketAddress(to);
  if (plain.kind === 'silent') throw new Error(`${address} does not answer OPTIONS: ${plain.reason}`);
  const rows: OcRow[] = [{ offer: 'none', outcome: plain, finding: compareVias(plain) }];
  for (const offer of ['loss', 'loss,rate'] as const) {
    const outcome = await exchange(to, offer, timing);
    rows.push({ offer, outcome, finding: compare(plain, outcome) });
  }
  const [, loss, rate] = rows.map(({ finding }) => finding.survives);
  const isAliveAfter = loss && rate ? undefined : (await exchange(to, 'none', timing)).kind === 'answered';
  const survived = loss ? (rate ? 'loss,rate' : 'loss') : 'none';
  return { address, rows, isAliveAfter, recommended: isAliveAfter === false ? 'none' : survived };
}

function targetOf(text: string): SocketAddress {
  const to = parseTarget(/^(udp|tcp|tls):/.test(text) ? text : `udp:${text}`);
  if (to === undefined) throw new Error(`${text} is not HOST:PORT, ${transports}`);
  if (to.transport !== 'udp' && to.transport !== 'tcp') throw new Error(`${text} is not ${transports}`);
  return to;
}
