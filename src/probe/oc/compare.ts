// What a neighbour made of the overload control offered in our Via (RFC 7339 §4): whether it answers as it does without it, and
// gives the Via back as it came (RFC 3261 §8.2.6.2).
import { readOc } from '../../sip/oc.ts';
import type { Answered, Outcome } from './exchange.ts';

export interface Finding {
  /** It can be offered this. */
  readonly survives: boolean;
  /** In words; '' where there is nothing to say. */
  readonly said: string;
}

/** `plain`: its answer to the same without an offer. */
export function compare(plain: Answered, outcome: Outcome): Finding {
  if (outcome.kind === 'silent') return { survives: false, said: outcome.reason };
  if (outcome.status !== plain.status)
    return { survives: false, said: `answers ${outcome.status} instead of ${plain.status}` };
  return compareVias(outcome);
}

/** The Via that came back beside the one sent: `received` and `rport` may be filled in, and ours answered or left out. */
export function compareVias({ sentVia, vias }: Answered): Finding {
  const [via, ...more] = vias;
  if (via === undefined) return { survives: false, said: 'the answer has no Via' };
  if (more.length > 0) return { survives: false, said: `the Via came back as ${vias.length} lines` };
  const sent = partsOf(sentVia);
  const back = partsOf(via);
  if (back === undefined) return { survives: false, said: `the Via came back broken: ${via}` };
  const isOther = (part: string): boolean => !/^(?:rport|received|oc|oc-algo|oc-seq|oc-validity)(?:=|$)/i.test(part);
  if (sent!.filter(isOther).join(';') !== back.filter(isOther).join(';'))
    return { survives: false, said: `the Via came back changed: ${via}` };
  const ofOc = (parts: readonly string[]): string => parts.filter((part) => /^oc(?:-|=|$)/i.test(part)).join(';');
  if (ofOc(back) === ofOc(sent!)) return { survives: true, said: '' };
  if (ofOc(back) === '') return { survives: true, said: 'leaves the offer out of its answer' };
  const said = readOc(Buffer.from(via, 'latin1'), 0, via.length);
  if (said === undefined) return { survives: false, said: `the offer came back broken: ${ofOc(back)}` };
  if (said.value === undefined && said.validityMs === undefined)
    return { survives: false, said: `the offer came back changed: ${ofOc(back)}` };
  return { survives: true, said: `takes part: ${ofOc(back)}` };
}

/** Sent-protocol with sent-by, then each parameter; undefined for quotes that do not close and for more than one via-parm. */
function partsOf(via: string): string[] | undefined {
  const parts = [''];
  let isQuoted = false;
  for (const c of via) {
    if (c === '"') isQuoted = !isQuoted;
    if (c === ',' && !isQuoted) return undefined;
    if (c === ';' && !isQuoted) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return isQuoted ? undefined : parts.map((part) => part.replace(/\s+/g, ' ').replace(/ ?= ?/, '=').trim());
}
