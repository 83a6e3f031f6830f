// One table of the kernel's sockets, read at once or by and by. A table of UDP is short on most hosts and is read at once:
// handing that to a thread would cost more. For those of TCP the kernel walks all its buckets of connections, 3 ms of its time
// even where there are none, so they are read in a thread, and only down to the first row that is no listening socket: the
// kernel lists those first.
import { closeSync, openSync, read, readSync } from 'node:fs';
import { listenState, type ProcNetRow, readRows } from './proc-net.ts';

export type ProcTableName = 'udp' | 'udp6' | 'tcp' | 'tcp6';

/** Several pages: the kernel gives at most one of them, in whole lines, with each read. */
const bufferBytes = 65_536;
/** A longer table, more than some 120 sockets, is read in a thread: beyond a page the kernel begins anew with each read. */
const mostBytesAtOnce = 16_384;
/** In a thread a table is read for at most this share of the time. */
const threadShare = 0.005;

export class ProcTable {
  private readonly bytes = Buffer.alloc(bufferBytes);
  private readonly visit: (bytes: Buffer, row: ProcNetRow) => void;
  private readonly protocol: 'udp' | 'tcp';
  private readonly fd: number;
  private inThread: boolean;
  private isReading = false;
  private dueMs = 0;
  private startedMs = 0;
  /** How long the last reading in a thread took. */
  private tookMs = 0;
  private isClosed = false;
  /** Readings that came to their end. */
  readings = 0;

  /** `visit` gets every row (of TCP: every listening socket). Throws the system's error where there is no such table. */
  constructor(directory: string, name: ProcTableName, visit: (bytes: Buffer, row: ProcNetRow) => void) {
    this.fd = openSync(`${directory}/${name}`, 'r');
    this.visit = visit;
    this.protocol = name.startsWith('tcp') ? 'tcp' : 'udp';
    this.inThread = this.protocol === 'tcp';
  }

  /** Reads the table, or begins to. Calls `onError` with the system's error where that fails. */
  refresh(onError: (error: Error) => void): void {
    const nowMs = performance.now();
    if (this.isReading || this.isClosed || nowMs < this.dueMs) return;
    this.startedMs = nowMs;
    if (this.inThread) this.readLater(0, 0, onError);
    else this.readNow(onError);
  }

  close(): void {
    if (!this.isClosed && !this.isReading) closeSync(this.fd);
    this.isClosed = true;
  }

  private readNow(onError: (error: Error) => void): void {
    try {
      for (let position = 0, kept = 0; ; ) {
        const count = readSync(this.fd, this.bytes, kept, bufferBytes - kept, position);
        if (count === 0) break;
        position += count;
        kept = this.take(kept + count);
        if (position > mostBytesAtOnce) {
          this.inThread = true;
          return this.readLater(position, kept, onError);
        }
      }
    } catch (error) {
      return onError(error as Error);
    }
    this.readings++;
  }

  private readLater(position: number, kept: number, onError: (error: Error) => void): void {
    this.isReading = true;
    read(this.fd, this.bytes, kept, bufferBytes - kept, position, (error, count) => {
      this.isReading = false;
      if (this.isClosed) return closeSync(this.fd);
      if (error !== null) return onError(error);
      const rest = count === 0 ? -1 : this.take(kept + count);
      if (rest >= 0) return this.readLater(position + count, rest, onError);
      this.readings++;
      this.plan();
    });
  }

  /** When to read in a thread again. Of two readings the shorter counts: the other may have waited for its thread. */
  private plan(): void {
    const nowMs = performance.now();
    const tookMs = nowMs - this.startedMs;
    this.dueMs = nowMs + Math.min(tookMs, this.tookMs) / threadShare;
    this.tookMs = tookMs;
  }

  /** Visits the rows of bytes[0, end). Returns how many bytes of a line's beginning are left; -1: all that matters was seen. */
  private take(end: number): number {
    let isOver = false;
    const rest = readRows(this.protocol, this.bytes, end, (row) => {
      if (this.protocol === 'tcp' && row.state !== listenState) isOver = true;
      else this.visit(this.bytes, row);
    });
    if (isOver) return -1;
    // A line that fills the buffer is none.
    if (rest === 0 && end === bufferBytes) return 0;
    this.bytes.copyWithin(0, rest, end);
    return end - rest;
  }
}
