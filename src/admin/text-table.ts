// Tables for a terminal. What stands in them may come from anybody: nothing of it may steer the terminal.

/** Columns to the left, two spaces between; `right`: heads of columns to the right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string {
  const all = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const cell = (text: string, i: number): string =>
    right.includes(head[i]!) ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

/** Control characters as `?`: ISO 6429 has them below 32 and from 127 to 159. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}
