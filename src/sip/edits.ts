// Changes to a message as a list of replaced ranges: what is not changed leaves byte for byte as it came (RFC 3261 §16.6: a
// proxy copies, and must not reorder or drop what it does not know).
import type { Writer } from './writer.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class Edits {
  private readonly list: Edit[] = [];

  /** Replaces bytes[start, end) by `text` (Latin-1); an empty range inserts. Ranges must not overlap. */
  replace(start: number, end: number, text: string): void {
    let i = this.list.length;
    // at one place, what is inserted comes before what is replaced
    while (i > 0 && (this.list[i - 1]!.start > start || (end === start && startsReplaced(this.list[i - 1]!, start))))
      i--;
    if (i === this.list.length) this.list.push({ start, end, text });
    else this.list.splice(i, 0, { start, end, text });
  }

  /** Writes bytes[start, end) with the changes. */
  write(w: Writer, bytes: Uint8Array, start: number, end: number): void {
    const { list } = this;
    let at = start;
    for (let i = 0; i < list.length; i++) {
      const edit = list[i]!;
      if (edit.start < at) continue;
      w.range(bytes, at, edit.start);
      w.text(edit.text);
      at = edit.end;
    }
    w.range(bytes, at, end);
  }
}

function startsReplaced(edit: Edit, at: number): boolean {
  return edit.start === at && edit.end > at;
}
