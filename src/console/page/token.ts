// The operator's token, for as long as this tab is open. It comes in the fragment of the address, which no server sees, or is typed in.

const key = 'surgegate.token';

/** Moves `#token=…` out of the address bar and into this tab. */
export function takeTokenOfAddress(): void {
  const match = /^#(?:.*&)?token=([^&]+)/.exec(location.hash);
  if (match?.[1] === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    setToken(decodeURIComponent(match[1]));
  } catch {
    setToken(match[1]);
  }
}

export function token(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined;
}

/** Undefined: the page may only read. */
export function setToken(value: string | undefined): void {
  if (value === undefined) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, value);
}
