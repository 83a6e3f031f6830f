// Keeps on disk what a restart needs before leases are renewed, so that what the process before had forced can be lifted: whole or not
// at all, at most once per second, and never in anybody's way. A journal that cannot be used is said, and is as none.
import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { believed, type JournalContent, type JournalFile, journalSchema, shifted } from './journal-content.ts';

export interface JournalOptions {
  readonly directory: string;
  /** Once when it cannot be used or written, and again after it could be in between. */
  readonly warn: (message: string) => void;
  /** The clock of the moments in the content, and the wall clock, ms. */
  readonly clocks: () => { readonly nowMs: number; readonly unixMs: number };
  /** Least time between two writes, ms; default: 1000. */
  readonly intervalMs?: number;
}

const fileName = 'journal.json';
/** Larger is not ours: a thousand gaps and a hundred applications are a quarter of it. */
const mostBytes = 4_194_304;

export class Journal {
  /** How often the orchestrator has been started with this journal, this time included: 1 or more. */
  readonly epoch: number;
  /** Of the process before; undefined where there was none, or none that can be used. */
  readonly found: JournalContent | undefined;
  private readonly options: Required<JournalOptions>;
  private readonly file: string;
  private written: string | undefined;
  private noted: JournalContent | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isClosed = false;
  private isFailing = false;

  /** Reads what is there. */
  constructor(options: JournalOptions) {
    this.options = { intervalMs: 1000, ...options };
    this.file = join(options.directory, fileName);
    const read = this.read();
    this.epoch = (read?.epoch ?? 0) + 1;
    const { nowMs, unixMs } = options.clocks();
    this.found = read === undefined ? undefined : believed(shifted(read.content, nowMs - unixMs), nowMs);
  }

  /** What is to be found after a restart from now on. Written soon, if it is not what is there. */
  note(content: JournalContent): void {
    this.noted = content;
    if (this.timer === undefined && this.writing === undefined && !this.isClosed) this.writing = this.write();
  }

  /** When the newest content is written, or could not be. Nothing is written after it. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.writing;
    await this.write();
  }

  private async write(): Promise<void> {
    const content = this.noted;
    this.noted = undefined;
    // Compared by the monotonic clock: a wall clock that is being adjusted changes nothing.
    const text = content === undefined ? this.written : JSON.stringify(content);
    if (content !== undefined && text !== this.written) {
      try {
        await this.replace(content);
        this.written = text;
        this.isFailing = false;
      } catch (error) {
        this.noted ??= content;
        this.warnOnce(`the journal ${this.file} cannot be written: ${(error as Error).message}`);
      }
    }
    this.writing = undefined;
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.noted !== undefined) this.writing = this.write();
    }, this.options.intervalMs);
    this.timer.unref();
  }

  /** Under another name, to the disk, and then in the place of the old one; the folder too, or the new name may be lost. */
  private async replace(content: JournalContent): Promise<void> {
    const { nowMs, unixMs } = this.options.clocks();
    const file: JournalFile = { version: 1, epoch: this.epoch, content: shifted(content, unixMs - nowMs) };
    const own = `${this.file}.${process.pid}`;
    try {
      const handle = await open(own, 'w', 0o600);
      try {
        await handle.writeFile(JSON.stringify(file));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(own, this.file);
    } catch (error) {
      await rm(own, { force: true });
      throw error;
    }
    const folder = await open(this.options.directory, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  private read(): JournalFile | undefined {
    let text: string;
    try {
      mkdirSync(this.options.directory, { recursive: true, mode: 0o700 });
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.ignored((error as Error).message);
      return undefined;
    }
    if (text.length > mostBytes) return this.ignored(`it has ${text.length} bytes`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.ignored('it is not JSON, or not the whole of it');
    }
    const read = journalSchema.safeParse(json);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    return this.ignored(`${issue?.path.join('.')}: ${issue?.message}`);
  }

  private ignored(reason: string): undefined {
    this.options.warn(`the journal ${this.file} is ignored, state is rebuilt as applications renew: ${reason}`);
  }

  private warnOnce(message: string): void {
    if (!this.isFailing) this.options.warn(message);
    this.isFailing = true;
  }
}
