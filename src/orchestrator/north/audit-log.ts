// Who ordered what by hand, when, until when and why: JSON lines that are only ever added to, in files that are turned over, and the
// last of them in memory. Writing never makes anybody wait: an orchestrator may share its process with an edge.
import { mkdirSync, readFileSync } from 'node:fs';
import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditEntry, auditEntrySchema } from '../../congestion/north-messages.ts';

export interface AuditLogOptions {
  readonly directory: string;
  /** Told once when entries cannot be written, and again after they could be in between. */
  readonly warn: (message: string) => void;
  /** Of the wall clock, ms since 1970. */
  readonly unixMs: () => number;
  /** Size at which a file is turned over, bytes; default: 1 MiB. */
  readonly mostBytes?: number;
  /** Older files that are kept; default: 9. */
  readonly olderFiles?: number;
}

export interface AuditedAction {
  /** An operator; or `expiry`, where its time was over. */
  readonly by: string;
  readonly action: AuditEntry['action'];
  readonly subject: string;
  readonly reason: string;
  /** From now on, ms. */
  readonly holdsMs?: number | undefined;
}

const fileName = 'audit.jsonl';
/** Entries in memory, and waiting to be written. */
const mostEntries = 1000;

export class AuditLog {
  private readonly options: Required<AuditLogOptions>;
  private readonly file: string;
  /** The oldest first. */
  private readonly recent: AuditEntry[];
  private waiting: string[] = [];
  private writing: Promise<void> | undefined;
  private isFailing = false;
  /** The file may end with half a line: whoever wrote it was killed, or the disk was full. */
  private endsInMiddle = false;

  constructor(options: AuditLogOptions) {
    this.options = { mostBytes: 1_048_576, olderFiles: 9, ...options };
    this.file = join(options.directory, fileName);
    this.recent = this.readRecent();
  }

  note({ by, action, subject, reason, holdsMs }: AuditedAction): AuditEntry {
    const unixMs = this.options.unixMs();
    const entry: AuditEntry = {
      at: isoTime(unixMs),
      by: by.slice(0, 64),
      action,
      subject: subject.slice(0, 200),
      reason: reason.slice(0, 200),
      ...(holdsMs === undefined ? {} : { until: isoTime(unixMs + holdsMs) }),
    };
    this.recent.push(entry);
    if (this.recent.length > mostEntries) this.recent.shift();
    // A disk that takes nothing must not fill our memory.
    if (this.waiting.length < mostEntries) this.waiting.push(`${JSON.stringify(entry)}\n`);
    this.writing ??= this.write();
    return entry;
  }

  /** The newest first. */
  entries(): readonly AuditEntry[] {
    return [...this.recent].reverse();
  }

  /** When all that was noted is written, or could not be. */
  async close(): Promise<void> {
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      this.waiting = [];
      try {
        await this.turnOver();
        const text = `${this.endsInMiddle ? '\n' : ''}${lines.join('')}`;
        await appendFile(this.file, text, { mode: 0o600, flush: true });
        this.isFailing = false;
        this.endsInMiddle = false;
      } catch (error) {
        this.warnOnce(`entries of the audit are not written to ${this.file}: ${(error as Error).message}`);
        // Once more with the next entry.
        this.endsInMiddle = true;
        this.waiting = [...lines, ...this.waiting].slice(0, mostEntries);
        break;
      }
    }
    this.writing = undefined;
  }

  /** audit.jsonl becomes audit.jsonl.1, that one .2, and the last is gone. */
  private async turnOver(): Promise<void> {
    const { mostBytes, olderFiles } = this.options;
    if ((await sizeOf(this.file)) < mostBytes) return;
    for (let i = olderFiles; i >= 1; i--) {
      await rename(i === 1 ? this.file : `${this.file}.${i - 1}`, `${this.file}.${i}`).catch(ignoreMissing);
    }
  }

  private readRecent(): AuditEntry[] {
    try {
      mkdirSync(this.options.directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      this.warnOnce(`no audit can be kept in ${this.options.directory}: ${(error as Error).message}`);
      return [];
    }
    return [`${this.file}.1`, this.file].flatMap((file) => this.read(file)).slice(-mostEntries);
  }

  private read(file: string): AuditEntry[] {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.options.warn(`${file} cannot be read, its entries are not shown: ${(error as Error).message}`);
      return [];
    }
    this.endsInMiddle = text !== '' && !text.endsWith('\n');
    return text
      .split('\n')
      .slice(-mostEntries - 1)
      .flatMap(entryOf);
  }

  private warnOnce(message: string): void {
    if (!this.isFailing) this.options.warn(message);
    this.isFailing = true;
  }
}

const isoTime = (unixMs: number): string => new Date(unixMs).toISOString();

/** The last line may be half of one: power went while it was written. */
function entryOf(line: string): AuditEntry[] {
  try {
    const read = auditEntrySchema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}

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
