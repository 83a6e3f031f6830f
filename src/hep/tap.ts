// What the sockets show their messages to: a mirror while there is one. A reload changes it under way; a bug in it ends the
// mirroring and no call.
import type { Flow } from '../transport/flow.ts';
import type { MessageTap } from '../transport/message-tap.ts';
import type { Mirror } from './mirror.ts';

export class HepTap implements MessageTap {
  isOn = false;
  private mirror: Mirror | undefined;
  private readonly onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.onFault = onFault;
  }

  use(mirror: Mirror | undefined): void {
    this.mirror = mirror;
    this.isOn = mirror !== undefined;
  }

  received(flow: Flow, bytes: Buffer, start: number, end: number): void {
    try {
      this.mirror?.received(flow, bytes, start, end);
    } catch (error) {
      this.fail(error);
    }
  }

  handled(): void {
    try {
      this.mirror?.handled();
    } catch (error) {
      this.fail(error);
    }
  }

  sent(flow: Flow, bytes: Uint8Array, start: number, end: number): void {
    try {
      this.mirror?.sent(flow, bytes, start, end);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.use(undefined);
    this.onFault(error);
  }
}
