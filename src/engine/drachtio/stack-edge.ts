// The same pipeline, fed with the requests that a drachtio-server hands over. What the server does by itself never comes here:
// 100 Trying, ACK, retransmissions, requests within dialogs that it is in.
import type { Carrier } from '../../edge/carrier.ts';
import { Edge } from '../../edge/edge.ts';
import type { EdgeParts } from '../../edge/parts.ts';
import { writeCancel } from '../../forward/rewrite.ts';
import { Peek, peek } from '../../sip/peek.ts';
import { Writer } from '../../sip/writer.ts';
import type { Listener } from '../../transport/flow.ts';
import type { StackRequest } from './link.ts';
import { StackFlow } from './stack-flow.ts';

/** What the server hands to applications at all, but ACK and CANCEL. */
export const stackMethods = ['invite', 'register', 'options', 'subscribe', 'notify', 'publish', 'message', 'info'];

/** What the pipeline needs of a request that somebody else has received. */
export type Handed = Omit<StackRequest, 'proxy' | 'lagMs'>;

const noHealth = { onResponse: () => false };

export class StackEdge {
  private readonly edge: Edge;
  private readonly parts: EdgeParts;
  private readonly listenerOf: (request: Handed) => Listener | undefined;
  private readonly p = new Peek();
  private readonly writer = new Writer(new Uint8Array(70_000));

  /** `listenerOf`: where a request came in; undefined for an address that no interface names. */
  constructor(parts: EdgeParts, carrier: Carrier, listenerOf: (request: Handed) => Listener | undefined) {
    this.parts = parts;
    this.listenerOf = listenerOf;
    this.edge = new Edge(parts, carrier, noHealth);
  }

  readonly onRequest = (request: Handed): void => {
    const listener = this.listenerOf(request);
    if (listener === undefined) {
      const text = 'a request came in at an address that no interface names';
      this.parts.log('error', text, { ...request.receivedOn });
      request.respond(503, 'Service Unavailable', {});
      return;
    }
    const flow = new StackFlow(request, listener);
    const bytes = Buffer.from(request.raw);
    if (request.method === 'INVITE') request.onCancel(() => this.onCancel(flow, bytes));
    this.edge.onMessage(flow, bytes, 0, bytes.length);
  };

  /** The lanes of waiting calls, every 10 ms. */
  scan(): void {
    this.edge.scan();
  }

  /** The server has answered the CANCEL, and the INVITE; to the pipeline it is as if it came (RFC 3261 §9.2). */
  private onCancel(invite: StackFlow, bytes: Buffer): void {
    peek(this.p, bytes, 0, bytes.length, true);
    writeCancel(this.writer, this.p);
    const cancel = Buffer.from(this.writer.bytes.subarray(0, this.writer.at));
    const { sourceAddress, sourcePort } = invite.request;
    const answered = { raw: '', sourceAddress, sourcePort, respond: () => false };
    this.edge.onMessage(new StackFlow(answered, invite.listener), cancel, 0, cancel.length);
  }
}
