// Who ordered what by hand, when, until when and why: JSON lines that are only ever added to, in files that are turned over, and the
// last of them in memory. A disk that fails or hangs keeps nobody from giving orders, and stops no call.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface AuditLogEntry<Action extends string> {
  /** RFC 3339. */
  readonly at: string;
  readonly by: string;
  readonly action: Action;
  readonly subject: string;
  readonly reason: string;
  readonly until?: string;
}

export interface AuditNote<Action extends string> {
  /** The operator's name; of one who ordered it through an orchestrator `NAME@ORCHESTRATOR`; `expiry`, where its time was over. */
  readonly by: string;
  readonly action: Action;
  readonly subject: string;
  readonly reason: string;
  /** How long it holds; undefined for what is lifted. */
  readonly seconds?: number | undefined;
}

export interface AuditLogOptions<Action extends string> {
  /** Holds `audit.jsonl`; made with the first entry. What an earlier process has left there is continued. */
  readonly directory: string;
  /** All that there are: a line of the file with another is no entry. */
  readonly actions: readonly Action[];
  /** Told once when entries cannot be written, and again after they could be in between. */
  readonly warn: (message: string) => void;
  /** Of the wall clock, ms since 1970. */
  readonly unixMs: () => number;
  /** Told of each entry. */
  readonly onEntry?: (entry: AuditLogEntry<Action>) => void;
  /** A file does not become larger than this, unless a single write does, bytes; default: 1 MiB. */
  readonly mostFileBytes?: number;
  /** Older files that are kept; default: 9. */
  readonly olderFiles?: number;
}

const fileName = 'audit.jsonl';
/** Entries in memory, and waiting to be written. */
const mostEntries = 1000;
/** What is read of the end of a file at the start. */
const tailBytes = 262_144;
/** How long the end of the process waits for the last lines, ms. */
const farewellMs = 1000;

export class AuditLog<Action extends string> {
  private readonly options: Required<AuditLogOptions<Action>>;
  private readonly file: string;
  /** The oldest first. */
  private readonly recent: AuditLogEntry<Action>[];
  private waiting: string[] = [];
  private writing: Promise<void> | undefined;
  private isFailing = false;
  /** The file may end with half a line: whoever wrote it was killed, or the disk was full. */
  private endsInMiddle: boolean;

  constructor(options: AuditLogOptions<Action>) {
    this.options = { mostFileBytes: 1_048_576, olderFiles: 9, onEntry: () => {}, ...options };
    this.file = join(options.directory, fileName);
    const older = tailOf(`${this.file}.1`, options.warn);
    const newest = tailOf(this.file, options.warn);
    this.endsInMiddle = newest !== '' && !newest.endsWith('\n');
    this.recent = [older, newest]
      .flatMap((text) => text.split('\n').slice(-mostEntries - 1))
      .flatMap((line) => entryOf(line, options.actions))
      .slice(-mostEntries);
  }

  /** Never waits. What is longer than 128 (by) or 200 characters (subject, reason) is cut. */
  note({ by, action, subject, reason, seconds }: AuditNote<Action>): AuditLogEntry<Action> {
    const unixMs = this.options.unixMs();
    const entry: AuditLogEntry<Action> = {
      at: isoTime(unixMs),
      by: by.slice(0, 128),
      action,
      subject: subject.slice(0, 200),
      reason: reason.slice(0, 200),
      ...(seconds === undefined ? {} : { until: isoTime(unixMs + seconds * 1000) }),
    };
    this.options.onEntry(entry);
    this.recent.push(entry);
    if (this.recent.length > mostEntries) this.recent.shift();
    // A disk that takes nothing must not fill our memory.
    if (this.waiting.length < mostEntries) this.waiting.push(`${JSON.stringify(entry)}\n`);
    this.writing ??= this.write();
    return entry;
  }

  /** The newest first. */
  entries(): readonly AuditLogEntry<Action>[] {
    return this.recent.toReversed();
  }

  /** When all that was noted is written, or could not be; a disk that hangs is not waited for. */
  async close(): Promise<void> {
    const farewell = new Promise<void>((resolve) => setTimeout(resolve, farewellMs).unref());
    await Promise.race([this.writing, farewell]);
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      this.waiting = [];
      try {
        await this.append(lines.join(''));
        this.isFailing = false;
      } catch (error) {
        if (!this.isFailing) this.options.warn(`the audit cannot be kept in ${this.file}: ${(error as Error).message}`);
        this.isFailing = true;
        // Once more with the next entry.
        this.waiting = [...lines, ...this.waiting].slice(0, mostEntries);
        break;
      }
    }
    this.writing = undefined;
  }

  private async append(text: string): Promise<void> {
    await mkdir(this.options.directory, { recursive: true, mode: 0o700 });
    let size = await sizeOf(this.file);
    if (size > 0 && size + Buffer.byteLength(text) > this.options.mostFileBytes) {
      await this.turnOver();
      size = 0;
    }
    // Of half a line the next one must not become a part.
    const start = size > 0 && this.endsInMiddle ? '\n' : '';
    this.endsInMiddle = true;
    await appendFile(this.file, `${start}${text}`, { mode: 0o600, flush: true });
    this.endsInMiddle = false;
  }

  /** audit.jsonl becomes audit.jsonl.1, that one .2, and the last is gone. */
  private async turnOver(): Promise<void> {
    for (let i = this.options.olderFiles; i >= 1; i--) {
      await rename(i === 1 ? this.file : `${this.file}.${i - 1}`, `${this.file}.${i}`).catch(ignoreMissing);
    }
  }
}

const isoTime = (unixMs: number): string => new Date(unixMs).toISOString();

/** The last whole lines of a file, and what stands behind them; empty where there is none or it cannot be read. */
function tailOf(file: string, warn: (message: string) => void): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const from = Math.max(0, size - tailBytes);
    const buffer = Buffer.alloc(size - from);
    const text = buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, from));
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      warn(`${file} cannot be read, its entries are not shown: ${(error as Error).message}`);
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Half a line, or what others have written, is no entry. */
function entryOf<Action extends string>(line: string, actions: readonly Action[]): AuditLogEntry<Action>[] {
  try {
    const read = JSON.parse(line) as Partial<Record<string, unknown>> | null;
    if (read === null) return [];
    const { at, by, action, subject, reason, until } = read;
    const known = actions.find((one) => one === action);
    if (!isMoment(at) || !isText(by) || known === undefined || !isText(subject) || !isText(reason)) return [];
    return [{ at, by, action: known, subject, reason, ...(isMoment(until) ? { until } : {}) }];
  } catch {
    return [];
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isMoment = (value: unknown): value is string => isText(value) && !Number.isNaN(Date.parse(value));

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    ignoreMissing(error);
    return 0;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
