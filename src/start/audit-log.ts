// Who changed what, when and until when: every order of an operator as a line of JSON in the state directory, and the last of them in
// memory. A disk that fails or hangs keeps nobody from giving orders, and stops no call.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { appendFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditAction, AuditEntry } from '../admin/audit-entry.ts';

const fileName = 'audit.jsonl';
/** A file of this size takes the name `audit.jsonl.1`, in place of the one before. */
const mostFileBytes = 10_000_000;
/** Entries in memory, lines that wait to be written, and bytes of the file that are read at the start. */
const mostKept = 500;
const mostWaiting = 1000;
const tailBytes = 262_144;
/** How long the end of the process waits for the last lines, ms. */
const farewellMs = 1000;

export interface AuditNote {
  /** The operator's name; of one who ordered it through an orchestrator `NAME@ORCHESTRATOR`. */
  readonly by: string;
  readonly action: AuditAction;
  readonly subject: string;
  readonly reason: string;
  /** How long it holds; undefined for what is lifted. */
  readonly seconds?: number | undefined;
}

export interface AuditOptions {
  readonly warn: (message: string) => void;
  readonly mostFileBytes?: number;
}

export class AuditLog {
  private readonly directory: string;
  private readonly file: string;
  private readonly warn: (message: string) => void;
  private readonly mostFileBytes: number;
  private kept: AuditEntry[];
  private fileBytes: number;
  private waiting: string[] = [];
  private writing: Promise<void> | undefined;
  private isFailing = false;

  /** Continues the file that an earlier process has left in `directory`. */
  constructor(directory: string, options: AuditOptions) {
    this.directory = directory;
    this.file = join(directory, fileName);
    this.warn = options.warn;
    this.mostFileBytes = options.mostFileBytes ?? mostFileBytes;
    const { text, bytes } = tailOf(this.file);
    this.fileBytes = bytes;
    this.kept = text.split('\n').flatMap(entryOf).slice(-mostKept);
    // of a line that was cut off the next one must not become a part
    if (text !== '' && !text.endsWith('\n')) this.waiting.push('\n');
  }

  note({ by, action, subject, reason, seconds }: AuditNote): AuditEntry {
    const nowMs = Date.now();
    const until = seconds === undefined ? {} : { until: new Date(nowMs + seconds * 1000).toISOString() };
    const entry = { at: new Date(nowMs).toISOString(), by, action, subject, reason, ...until };
    this.kept.push(entry);
    if (this.kept.length > mostKept) this.kept.shift();
    if (this.waiting.length < mostWaiting) this.waiting.push(`${JSON.stringify(entry)}\n`);
    this.writing ??= this.write();
    return entry;
  }

  /** The newest first. */
  entries(): readonly AuditEntry[] {
    return this.kept.toReversed();
  }

  /** When all is written that can be; a disk that hangs is not waited for. */
  async close(): Promise<void> {
    const farewell = new Promise<void>((resolve) => setTimeout(resolve, farewellMs).unref());
    await Promise.race([this.writing, farewell]);
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const text = this.waiting.join('');
      this.waiting = [];
      try {
        await mkdir(this.directory, { recursive: true, mode: 0o700 });
        const bytes = Buffer.byteLength(text);
        if (this.fileBytes > 0 && this.fileBytes + bytes > this.mostFileBytes) {
          await rename(this.file, `${this.file}.1`);
          this.fileBytes = 0;
        }
        await appendFile(this.file, text, { mode: 0o600 });
        this.fileBytes += bytes;
        this.isFailing = false;
      } catch (error) {
        if (!this.isFailing) this.warn(`the audit cannot be kept in ${this.file} (${(error as Error).message})`);
        this.isFailing = true;
      }
    }
    this.writing = undefined;
  }
}

/** The last whole lines of a file, and its size; nothing where it cannot be read. */
function tailOf(file: string): { text: string; bytes: number } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - from);
    const read = readSync(descriptor, buffer, 0, buffer.length, from);
    const text = buffer.toString('utf8', 0, read);
    return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), bytes: size };
  } catch {
    return { text: '', bytes: 0 };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A line that was cut off when a process was killed is no entry. */
function entryOf(line: string): AuditEntry[] {
  try {
    const entry = JSON.parse(line) as AuditEntry | null;
    return typeof entry?.at === 'string' && typeof entry.by === 'string' ? [entry] : [];
  } catch {
    return [];
  }
}
