// A call on its way: the INVITE as sent and as a switch got it, and the steps that nearly every test takes from there.
import type { FakeFlow } from './fake-transports.ts';
import type { World } from './harness.ts';
import { Message, type RequestParts, type ResponseParts, request, response, sameTransaction } from './message.ts';

export class PlacedCall {
  readonly world: World;
  readonly caller: FakeFlow;
  readonly invite: string;
  /** The switch that has it now, and the INVITE as it got it. */
  switch!: FakeFlow;
  sent!: Message;
  readonly provisional: Message;

  /** Sends an INVITE; 100 goes back and the INVITE to a switch, at once. */
  constructor(world: World, caller: FakeFlow, given: Partial<RequestParts> = {}) {
    this.world = world;
    this.caller = caller;
    const sentBy = `${caller.remoteAddress}:${caller.remotePort}`;
    this.invite = request({ sentBy, transport: caller.listener.transport.toUpperCase(), ...given });
    world.receive(caller, this.invite);
    this.provisional = world.only(caller);
    if (this.provisional.status !== 100) throw new Error(`not 100: ${this.provisional.text}`);
    this.toSwitch();
  }

  /** Takes the INVITE that has just gone to a switch. */
  toSwitch(): void {
    const { flow, message } = this.world.takeSwitch();
    if (message.method !== 'INVITE') throw new Error(`not an INVITE: ${message.text}`);
    this.switch = flow;
    this.sent = message;
  }

  /** The switch answers; what goes to the caller is returned. */
  answer(status: number, given: Partial<ResponseParts> = {}): Message[] {
    this.world.receive(this.switch, response(this.sent, status, given));
    return this.world.take(this.caller);
  }

  cancel(): Message[] {
    this.world.receive(this.caller, sameTransaction(this.invite, 'CANCEL'));
    return this.world.take(this.caller);
  }

  /** The ACK of a refusal. */
  ack(answer: Message): void {
    this.world.receive(this.caller, sameTransaction(this.invite, 'ACK', answer));
  }

  /** Rings and is answered; returns the 2xx as the caller got it. */
  connect(): Message {
    this.answer(180);
    return this.answer(200, { contact: `<sip:callee@${this.switch.remoteAddress}:5060>` })[0]!;
  }

  /** A request inside the dialog from the caller, by the route set of the 2xx (RFC 3261 §12.2.1.1). */
  fromCaller(method: string, ok: Message, given: Partial<RequestParts> = {}): string {
    const sent = new Message(this.invite);
    return request({
      method,
      uri: /<([^>]+)>/.exec(ok.one('Contact')!)![1]!,
      sentBy: `${this.caller.remoteAddress}:${this.caller.remotePort}`,
      transport: this.caller.listener.transport.toUpperCase(),
      routes: ok.all('Record-Route').toReversed(),
      fromTag: /tag=(.*)$/.exec(sent.one('From')!)![1]!,
      toTag: ok.toTag,
      callId: sent.one('Call-ID')!,
      cseq: method === 'ACK' ? 1 : 2,
      ...given,
    });
  }

  /** A request inside the dialog from the switch. */
  fromSwitch(method: string, given: Partial<RequestParts> = {}): string {
    return request({
      method,
      uri: /<([^>]+)>/.exec(this.sent.one('Contact')!)![1]!,
      sentBy: `${this.switch.remoteAddress}:5060`,
      routes: this.sent.all('Record-Route'),
      from: 'sip:15551230000@example.test',
      fromTag: 'callee',
      to: 'sip:alice@example.test',
      toTag: /tag=(.*)$/.exec(this.sent.one('From')!)![1]!,
      callId: this.sent.one('Call-ID')!,
      contact: undefined,
      ...given,
    });
  }
}
