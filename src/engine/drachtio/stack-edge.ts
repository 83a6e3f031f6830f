// The drachtio engine: the same pipeline, fed with the requests that a drachtio-server hands over, and with the server's proxy for a
// carrier. What the server does by itself never comes here: 100 Trying, ACK, retransmissions, requests within dialogs.
import { Edge } from '../../edge/edge.ts';
import type { EdgeParts } from '../../edge/parts.ts';
import { writeCancel } from '../../forward/rewrite.ts';
import { Peek, peek } from '../../sip/peek.ts';
import { Writer } from '../../sip/writer.ts';
import type { StackRequest } from './link.ts';
import { StackCalls, type StackCallsRules } from './stack-calls.ts';
import { StackFlow } from './stack-flow.ts';
import type { StackListeners } from './stack-listeners.ts';

/** What the server hands to applications at all, but ACK and CANCEL. */
export const stackMethods = ['invite', 'register', 'options', 'subscribe', 'notify', 'publish', 'message', 'info'];

const noHealth = { onResponse: () => false };

export class StackEdge {
  readonly edge: Edge;
  readonly calls: StackCalls;
  private readonly parts: EdgeParts;
  private readonly listeners: StackListeners;
  private readonly p = new Peek();
  private readonly writer = new Writer(new Uint8Array(70_000));

  constructor(parts: EdgeParts, listeners: StackListeners, rules: () => StackCallsRules) {
    this.parts = parts;
    this.listeners = listeners;
    this.calls = new StackCalls(parts, rules);
    this.edge = new Edge(parts, this.calls, noHealth);
  }

  readonly onRequest = (request: StackRequest): void => {
    const { host, port } = request.receivedOn;
    const listener = this.listeners.at(request.protocol, host, port);
    if (listener === undefined) {
      this.parts.log('error', 'a request came in at an address that no interface names', { host, port });
      request.respond(503, 'Service Unavailable', {});
      return;
    }
    const flow = new StackFlow(request, listener);
    const bytes = Buffer.from(request.raw);
    const counted = this.listeners.counted[listener.id]!;
    counted.receivedMessages++;
    counted.receivedBytes += bytes.length;
    if (request.method === 'INVITE') request.onCancel(() => this.onCancel(flow, bytes));
    this.edge.onMessage(flow, bytes, 0, bytes.length);
  };

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
