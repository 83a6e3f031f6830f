// Parameters of header values, read without a parse (RFC 3261 §7.3.1, §20).

const isSpace = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 10;

function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** The value of a parameter (lower-case `name`: `tag`, `branch`, `expires`) of a header value, or '' where absent or empty. */
export function parameter(value: string, name: string): string {
  // A quoted display name may hold anything, so parameters are looked for behind the last '>' only.
  for (let at = value.indexOf(';', Math.max(0, value.lastIndexOf('>'))); at >= 0; at = value.indexOf(';', at + 1)) {
    const start = skipSpace(value, at + 1);
    if (value.slice(start, start + name.length).toLowerCase() !== name) continue;
    const equals = skipSpace(value, start + name.length);
    if (value.charAt(equals) !== '=') continue;
    const first = skipSpace(value, equals + 1);
    let end = first;
    while (end < value.length && !';, \t\r\n>'.includes(value.charAt(end))) end++;
    return value.slice(first, end);
  }
  return '';
}

/** What an answer must know of the top Via (RFC 3261 §20.42, RFC 3581). */
export interface TopVia {
  /** The whole line, name included. */
  readonly line: string;
  readonly branch: string;
  readonly host: string;
  /** 0 where sent-by has none. */
  readonly port: number;
  readonly rport: boolean;
}

const sentBy = /^[^:]+:\s*SIP\s*\/\s*2\.0\s*\/\s*\w+\s+(\[[^\]]*\]|[^\s:;,]+)\s*(?::\s*(\d+))?/i;

/** A line as far as a comma that is not quoted, as that of `oc-algo="loss,rate"` is (RFC 7339 §4.2). */
export function firstValue(line: string): string {
  return /^(?:[^",]|"[^"]*"?)*/.exec(line)?.[0] ?? '';
}

/** Takes a Via line apart; only its first value counts. A broken one has an empty host. */
export function topVia(line: string): TopVia {
  const match = sentBy.exec(line);
  const first = firstValue(line);
  return {
    line,
    branch: parameter(first, 'branch'),
    host: match?.[1] ?? '',
    port: Number(match?.[2] ?? 0),
    rport: /;\s*rport\b/i.test(first),
  };
}
