// Flows where another stack has the sockets: the one that a request came by, on which its answer goes back whatever its transport,
// and ways to elsewhere, which only tell where they lead.
import type { Flow, Listener } from '../../transport/flow.ts';
import { readAnswer } from './answer-text.ts';
import type { StackRequest } from './link.ts';

export type Answerable = Pick<StackRequest, 'raw' | 'sourceAddress' | 'sourcePort' | 'respond'>;

export class StackFlow<R extends Answerable = Answerable> implements Flow {
  readonly id = 0;
  readonly listener: Listener;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of per-source tables, which another stack's requests are not in: they would only be dropped for them. */
  readonly addressHash = 0;
  /** It is repeated until it arrives, and where it goes is the stack's business. */
  readonly reliable = true;
  note: unknown = undefined;
  readonly request: R;
  private isAnswered = false;

  constructor(request: R, listener: Listener) {
    this.request = request;
    this.listener = listener;
    this.remoteAddress = request.sourceAddress;
    this.remotePort = request.sourcePort;
  }

  /** After its final answer nothing can be sent. */
  get closed(): boolean {
    return this.isAnswered;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const { status, phrase, fields } = readAnswer(bytes, start, end);
    if (status >= 200) this.isAnswered = true;
    return this.request.respond(status, phrase, fields);
  }
}

/** Where a request that the pipeline sends on goes: it is handed to the stack with this address (`carrier.begin`, `relay`). */
class Way implements Flow {
  readonly id = 0;
  readonly addressHash = 0;
  readonly reliable: boolean;
  readonly closed = false;
  note: unknown = undefined;
  readonly listener: Listener;
  readonly remoteAddress: string;
  readonly remotePort: number;

  constructor(listener: Listener, address: string, port: number) {
    this.listener = listener;
    this.remoteAddress = address;
    this.remotePort = port;
    this.reliable = listener.transport !== 'udp';
  }

  send(): boolean {
    return false;
  }
}

export const wayTo = (listener: Listener, address: string, port: number): Flow => new Way(listener, address, port);
