// The clock of the edge: what ends when is told by it, whatever the clock of whoever looks says.

let aheadMs = 0;

/** `at`: RFC 3339, of a status that has just come. */
export function setClock(at: string): void {
  const edgeMs = Date.parse(at);
  if (Number.isFinite(edgeMs)) aheadMs = edgeMs - Date.now();
}

/** Ms since 1970. */
export const edgeNowMs = (): number => Date.now() + aheadMs;

/** `UTC`, `GMT+2`: in which all times of the page are. */
export function zoneName(): string {
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(new Date());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
