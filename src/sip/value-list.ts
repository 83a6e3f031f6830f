// Values of header lines that are lists of plain words: option tags (RFC 3261 §20.32) and r-values (RFC 4412 §3.1).
import { COMMA, skipSpace, trimSpaceEnd } from './bytes.ts';
import { skipClass, TOKEN, text } from './grammar.ts';
import type { ResourceValue } from './message.ts';

/**
 * Adds the tokens of a comma list to `into`, as written; an empty place in the list is passed over. Returns false
 * where something else than a token stands in it; the tokens before it have been added then.
 */
export function readTokens(bytes: Uint8Array, start: number, end: number, into: string[]): boolean {
  let at = start;
  while (at < end) {
    at = skipSpace(bytes, at, end);
    const stop = skipClass(bytes, at, end, TOKEN);
    if (stop > at) into.push(text(bytes, at, stop));
    at = skipSpace(bytes, stop, end);
    if (at < end && bytes[at] !== COMMA) return false;
    at++;
  }
  return true;
}

/** Adds the r-values of a Resource-Priority value to `into`; what is none is passed over (RFC 4412 §4.6.2). */
export function readResourceValues(bytes: Uint8Array, start: number, end: number, into: ResourceValue[]): void {
  let at = start;
  while (at < end) {
    let stop = at;
    while (stop < end && bytes[stop] !== COMMA) stop++;
    const from = skipSpace(bytes, at, stop);
    const to = trimSpaceEnd(bytes, from, stop);
    // namespace and r-priority are token-nodot, with one dot between them
    if (to > from && skipClass(bytes, from, to, TOKEN) === to) {
      const value = text(bytes, from, to).toLowerCase();
      const dot = value.indexOf('.');
      if (dot > 0 && dot < value.length - 1 && value.indexOf('.', dot + 1) < 0)
        into.push({ namespace: value.slice(0, dot), priority: value.slice(dot + 1) });
    }
    at = stop + 1;
  }
}
