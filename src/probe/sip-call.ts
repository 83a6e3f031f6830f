// One call by a user agent of our own over UDP, TCP or TLS: INVITE, ACK, hold, BYE; CANCEL where it rings too long (RFC 3261 §9.1,
// §13.2, §15). The INVITE transaction is the one of the edge. All goes to one address, as to an outbound proxy.
import { randomBytes } from 'node:crypto';
import type { SocketAddress } from '../config/addresses.ts';
import type { Message } from '../sip/message.ts';
import {
  type InviteClientEvent,
  type InviteClientRules,
  type InviteClientState,
  type InviteClientStep,
  type InviteClientTimer,
  inviteClientRules,
  stepInviteClient,
} from '../transaction/invite-client.ts';
import { defaultTimerBase, type TimerBase, type TimerTable, timerTable } from '../transaction/timers.ts';
import { type CallEnd, type CallPlan, noEnd, type PlaceCall, rejectionOf } from './call.ts';
import { answerText, type CallRequests, callRequests, type DialogTexts, headerText } from './call-requests.ts';
import { type Channel, openChannel } from './channel.ts';
import { ClientRequest } from './client-request.ts';
import { messageReader } from './message-reader.ts';

/** Calls to `to`, each over a channel of its own: what befalls one does not touch the next. */
export function sipCaller(to: SocketAddress, timers: TimerBase = defaultTimerBase): PlaceCall {
  const table = timerTable(timers);
  return async (plan, signal) => {
    let read: (bytes: Buffer) => void = () => {};
    let fail: (reason: string) => void = () => {};
    try {
      const events = { onBytes: (bytes: Buffer) => read(bytes), onFailure: (reason: string) => fail(reason) };
      const channel = await openChannel(to, events);
      if (signal.aborted) {
        channel.close();
        return { ...noEnd, how: 'interrupted' };
      }
      return await new Promise<CallEnd>((resolve) => {
        const call = new SipCall(channel, plan, table, signal, resolve);
        fail = (reason) => call.onFailure(reason);
        read = messageReader(channel.isReliable, (message) => call.onMessage(message), fail);
        call.begin();
      });
    } catch (error) {
      return { ...noEnd, how: 'lost', fault: error instanceof Error ? error.message : String(error) };
    }
  };
}

class SipCall {
  private readonly channel: Channel;
  private readonly plan: CallPlan;
  private readonly timers: TimerTable;
  private readonly signal: AbortSignal;
  private readonly resolve: (end: CallEnd) => void;
  private readonly requests: CallRequests;
  private readonly rules: InviteClientRules;
  private transaction: InviteClientState;
  private readonly transactionTimers = new Map<InviteClientTimer, NodeJS.Timeout>();
  private phase: 'setting-up' | 'giving-up' | 'talking' | 'hanging-up' | 'over' = 'setting-up';
  /** The one timer of the phase: rings too long, CANCEL without effect, hold. */
  private timer: NodeJS.Timeout | undefined;
  private end: CallEnd = noEnd;
  private startMs = 0;
  private lastFailure = '';
  private dialog: DialogTexts | undefined;
  private cancelling: ClientRequest | undefined;
  private closing: ClientRequest | undefined;
  private readonly onAbort = (): void => {
    if (this.phase === 'talking') this.hangUp();
    else this.giveUp('interrupted');
  };

  constructor(
    channel: Channel,
    plan: CallPlan,
    timers: TimerTable,
    signal: AbortSignal,
    resolve: (end: CallEnd) => void,
  ) {
    this.channel = channel;
    this.plan = plan;
    this.timers = timers;
    this.signal = signal;
    this.resolve = resolve;
    this.requests = callRequests(plan, channel, randomBytes(8).toString('hex'));
    this.rules = inviteClientRules(timers, channel.isReliable);
    this.transaction = this.rules.start.state;
  }

  begin(): void {
    this.startMs = performance.now();
    this.take(this.rules.start);
    this.timer = setTimeout(() => this.giveUp('silent'), this.plan.timeoutMs);
    this.signal.addEventListener('abort', this.onAbort);
  }

  onMessage(message: Message): void {
    if (message.callId !== this.requests.callId) return;
    if (message.kind === 'request') return this.onRequest(message);
    const branch = message.vias[0]!.branch;
    if (message.cseqMethod === 'INVITE' && branch === this.requests.invite.branch) {
      const { status } = message;
      this.event(status < 200 ? 'provisional' : status < 300 ? '2xx' : '300-699', message);
    } else if (message.cseqMethod === 'CANCEL') this.cancelling?.onStatus(message.status);
    else if (branch === this.dialog?.bye.branch) this.closing?.onStatus(message.status);
  }

  onFailure(reason: string): void {
    if (this.phase === 'setting-up' || this.phase === 'giving-up') {
      this.lastFailure = reason;
      this.event('transport-error');
    } else if (this.channel.isReliable && this.phase !== 'over') {
      this.fault(reason);
      this.finish();
    }
    // over UDP what is lost is sent again: an edge that starts anew knows the calls of before
  }

  private event(event: InviteClientEvent, message?: Message): void {
    if (this.transaction.name !== 'terminated')
      this.take(stepInviteClient(this.rules, this.transaction, event), message);
  }

  private take({ state, actions }: InviteClientStep, message?: Message): void {
    this.transaction = state;
    for (const action of actions) {
      switch (action.kind) {
        case 'send-request':
          this.channel.send(this.requests.invite.text);
          break;
        case 'send-ack':
          this.channel.send(this.requests.ackOfRejection(message!));
          break;
        case 'set-timer':
          this.setTimer(action.timer, action.delayMs);
          break;
        case 'clear-timer':
          clearTimeout(this.transactionTimers.get(action.timer));
          break;
        case 'tell-tu':
          if (action.what === 'response') this.onResponse(message!);
          else this.onNoResponse(action.what);
          break;
        case 'terminate':
          if (this.phase === 'over') this.channel.close();
          break;
        case 'unreachable':
          break;
        default:
          action satisfies never;
      }
    }
  }

  private setTimer(timer: InviteClientTimer, delayMs: number): void {
    const event = `timer-${timer}` as const;
    this.transactionTimers.set(timer, setTimeout(() => this.event(event), delayMs).unref());
  }

  private onNoResponse(what: 'timeout' | 'transport-error'): void {
    if (this.phase === 'setting-up')
      this.end = {
        ...this.end,
        ...(what === 'timeout' ? { how: 'silent' } : { how: 'lost', fault: this.lastFailure }),
      };
    this.finish();
  }

  private onResponse(message: Message): void {
    const { status } = message;
    if (this.phase === 'setting-up') {
      const passedMs = performance.now() - this.startMs;
      const firstResponseMs = this.end.firstResponseMs ?? passedMs;
      this.end = { ...this.end, status, phrase: message.reason, firstResponseMs };
      if (status >= 300) {
        const told = rejectionOf(status, headerText(message, 'retry-after'), headerText(message, 'reason'));
        this.end = { ...this.end, ...told, how: 'rejected' };
      } else if (status >= 200) this.end = { ...this.end, how: 'answered', setUpMs: passedMs };
    }
    if (status >= 300) this.finish();
    else if (status >= 200) this.onAnswer(message);
    else if (this.phase === 'giving-up') this.cancel();
  }

  private onAnswer(message: Message): void {
    const dialog = this.requests.dialog(message);
    this.channel.send(dialog.ack);
    if (this.dialog?.tag === dialog.tag) return;
    // RFC 3261 §13.2.2.4: somebody else picked up too; said once, whoever misses it is told by his own timers
    if (this.dialog !== undefined || this.phase === 'over') return this.channel.send(dialog.bye.text);
    this.dialog = dialog;
    clearTimeout(this.timer);
    // it was answered while we cancelled
    if (this.phase === 'giving-up') return this.hangUp();
    this.phase = 'talking';
    this.timer = setTimeout(() => this.hangUp(), this.plan.holdMs);
  }

  private giveUp(how: 'silent' | 'interrupted'): void {
    if (this.phase !== 'setting-up') return;
    this.end = { ...this.end, how };
    this.phase = 'giving-up';
    clearTimeout(this.timer);
    // RFC 3261 §9.1: no CANCEL before a provisional response, which may be on its way
    if (this.transaction.name === 'proceeding') this.cancel();
    else this.timer = setTimeout(() => this.abandon(), 2 * this.timers.t1Ms);
  }

  private abandon(): void {
    this.event('tu-abandon');
    this.finish();
  }

  private cancel(): void {
    if (this.cancelling !== undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abandon(), this.timers.cancelMs);
    this.cancelling = new ClientRequest(this.channel, this.requests.cancel, this.timers, () => {});
  }

  private hangUp(): void {
    this.phase = 'hanging-up';
    clearTimeout(this.timer);
    this.cancelling?.stop();
    this.closing = new ClientRequest(this.channel, this.dialog!.bye.text, this.timers, (status) => {
      if (status < 200 || status >= 300) this.fault(status === 0 ? 'no answer to BYE' : `BYE was answered ${status}`);
      this.finish();
    });
  }

  private onRequest(message: Message): void {
    if (message.method === 'ACK') return;
    if (message.method !== 'BYE') return this.channel.send(answerText(message, '501 Not Implemented'));
    this.channel.send(answerText(message, '200 OK'));
    if (this.phase === 'talking') this.finish();
  }

  private fault(fault: string): void {
    if (this.end.fault === '') this.end = { ...this.end, fault };
  }

  private finish(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    clearTimeout(this.timer);
    this.cancelling?.stop();
    this.closing?.stop();
    this.signal.removeEventListener('abort', this.onAbort);
    // RFC 3261 §17.1.1.2: Timer D waits for the refusal to come again, for as long as the process lives
    if (this.transaction.name === 'completed') this.channel.unref();
    else this.channel.close();
    for (const [timer, handle] of this.transactionTimers) if (timer !== 'd') clearTimeout(handle);
    this.resolve(this.end);
  }
}
