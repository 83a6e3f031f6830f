// Changes to a message as a list of replaced ranges: what is not changed leaves byte for byte as it came (RFC 3261 §16.6: a
// proxy copies, and must not reorder or drop what it does not know).
import type { Writer } from './writer.ts';

/** In place of bytes[start, end): `text`, or what another writer has written. */
interface Edit {
  start: number;
  end: number;
  by: string | Writer;
}

/** One may serve for many messages: `clear` keeps the room. */
export class Edits {
  /** The first `count` are in force, the others are room for more. */
  private readonly list: Edit[] = [];
  private count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Replaces bytes[start, end) by `text` (Latin-1); an empty range inserts. Ranges must not overlap. */
  replace(start: number, end: number, text: string): void {
    this.place(start, end, text);
  }

  /** The same by what is in `by`, until `write`. */
  replaceByWritten(start: number, end: number, by: Writer): void {
    this.place(start, end, by);
  }

  /** Writes bytes[start, end) with the changes. */
  write(w: Writer, bytes: Uint8Array, start: number, end: number): void {
    const { list, count } = this;
    let at = start;
    for (let i = 0; i < count; i++) {
      const edit = list[i]!;
      if (edit.start < at) continue;
      w.range(bytes, at, edit.start);
      if (typeof edit.by === 'string') w.text(edit.by);
      else w.written(edit.by);
      at = edit.end;
    }
    w.range(bytes, at, end);
  }

  private place(start: number, end: number, by: string | Writer): void {
    const { list } = this;
    let edit = list[this.count];
    if (edit === undefined) {
      edit = { start, end, by };
      list.push(edit);
    }
    edit.start = start;
    edit.end = end;
    edit.by = by;
    let i = this.count++;
    // at one place, what is inserted comes before what is replaced
    for (; i > 0; i--) {
      const before = list[i - 1]!;
      if (before.start <= start && !(end === start && startsReplaced(before, start))) break;
      list[i] = before;
    }
    list[i] = edit;
  }
}

function startsReplaced(edit: Edit, at: number): boolean {
  return edit.start === at && edit.end > at;
}
