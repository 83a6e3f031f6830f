// What is written in one turn of the event loop leaves in one write: the answers to the messages of one read.
import type { Socket } from 'node:net';

export class CorkedWrites {
  private readonly socket: Socket;
  private corked = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Before each write. */
  begin(): void {
    if (this.corked) return;
    this.corked = true;
    this.socket.cork();
    process.nextTick(release, this);
  }

  /** Called by `release` alone. */
  end(): void {
    this.corked = false;
    this.socket.uncork();
  }
}

function release(writes: CorkedWrites): void {
  writes.end();
}
