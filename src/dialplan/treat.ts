// What an admitted call's Request-URI becomes: digit manipulation by the rule that matched. Pure; for admitted calls
// only, never on the refusal path. RFC 3261 §16.5: a proxy may set the target of a domain that it is responsible for.
import type { DialRule, DigitTreatment } from '../classify/plan.ts';

/**
 * The Request-URI after `rule`, given the one received; the same text where the rule changes nothing or the URI has no
 * number. Scheme, host, user parameters (`;npdi`, `;phone-context`), password, URI parameters and headers stay.
 */
export function treatUri(rule: DialRule, uri: string): string {
  if (rule.announce !== '') return rule.announce;
  if (rule.treatment === undefined) return uri;
  const scheme = /^(sips?|tel):/i.exec(uri)?.[0];
  if (scheme === undefined) return uri;
  const rest = uri.slice(scheme.length);
  const isTel = scheme.length === 4 && scheme[0]!.toLowerCase() === 't';
  const userEnd = isTel ? rest.length : rest.indexOf('@');
  if (userEnd < 0) return uri;
  const user = rest.slice(0, userEnd);
  const numberEnd = /[;:]/.exec(user)?.index ?? user.length;
  const number = treatNumber(rule.treatment, digitsOf(user.slice(0, numberEnd)));
  return scheme + escaped(number) + rest.slice(numberEnd);
}

/** The number after the treatment. `number` holds 0-9, *, #, +; a strip counts each of them, the + too. */
export function treatNumber(treatment: DigitTreatment, number: string): string {
  if (treatment.replace !== undefined) return treatment.replace;
  return treatment.prefix + number.slice(treatment.strip);
}

/** RFC 3966 §5.1.1: visual separators carry no meaning. */
function digitsOf(user: string): string {
  const plain = user.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain.replace(/[-.()]/g, '');
}

/** RFC 3261 §25.1: `#` cannot stand unescaped in a user part; `*` and `+` can. */
function escaped(number: string): string {
  return number.replaceAll('#', '%23');
}
