// One call by sip.js over WebSocket (RFC 7118), as a browser would place it: another SIP stack than the edge's. Loaded only where
// it is needed.
import {
  type Core,
  Inviter,
  type SessionDescriptionHandler,
  SessionState,
  type URI,
  UserAgent,
  type UserAgentOptions,
} from 'sip.js';
import { defaultTimerBase, type TimerBase, type TimerTable, timerTable } from '../transaction/timers.ts';
import { type CallEnd, type CallPlan, noEnd, type PlaceCall, rejectionOf } from './call.ts';
import { sessionText } from './session-text.ts';
import { WebTransport } from './web-transport.ts';

/** Calls through the server at `url`, each over a connection of its own. `timers`: how long a CANCEL without effect is waited for. */
export function webCaller(url: string, timers: TimerBase = defaultTimerBase): PlaceCall {
  const table = timerTable(timers);
  return async (plan, signal) => {
    let onLost = (_error?: Error): void => {};
    const agent = new UserAgent(agentOptions(url, plan, (error) => onLost(error)));
    try {
      await agent.start();
      if (signal.aborted) return { ...noEnd, how: 'interrupted' };
      return await new Promise<CallEnd>((resolve) => {
        const call = new WebCall(agent, plan, table, signal, resolve);
        onLost = (error) => call.onLost(error?.message ?? 'the connection is closed');
        call.begin();
      });
    } catch (error) {
      return { ...noEnd, how: 'lost', fault: error instanceof Error ? error.message : String(error) };
    } finally {
      await agent.transport.disconnect();
      await agent.stop();
    }
  };
}

function agentOptions(url: string, plan: CallPlan, onDisconnect: (error?: Error) => void): UserAgentOptions {
  return {
    uri: uriOf(plan.from),
    transportConstructor: WebTransport,
    transportOptions: { url },
    sessionDescriptionHandlerFactory: () => noMedia,
    delegate: { onDisconnect },
    userAgentString: 'surgegate-probe',
    gracefulShutdown: false,
    logBuiltinEnabled: false,
    logConfiguration: false,
  };
}

/** Offers a session, and is content with any answer. */
const noMedia: SessionDescriptionHandler = {
  getDescription: async () => ({ body: sessionText('192.0.2.1'), contentType: 'application/sdp' }),
  hasDescription: (contentType) => contentType === 'application/sdp',
  setDescription: async () => {},
  rollbackDescription: async () => {},
  sendDtmf: () => false,
  close: () => {},
};

class WebCall {
  private readonly plan: CallPlan;
  private readonly timers: TimerTable;
  private readonly signal: AbortSignal;
  private readonly resolve: (end: CallEnd) => void;
  private readonly inviter: Inviter;
  private phase: 'setting-up' | 'giving-up' | 'talking' | 'hanging-up' | 'over' = 'setting-up';
  private timer: NodeJS.Timeout | undefined;
  private end: CallEnd = noEnd;
  private startMs = 0;
  private readonly onAbort = (): void => {
    if (this.phase === 'talking') this.hangUp();
    else this.giveUp('interrupted');
  };

  constructor(
    agent: UserAgent,
    plan: CallPlan,
    timers: TimerTable,
    signal: AbortSignal,
    resolve: (end: CallEnd) => void,
  ) {
    this.plan = plan;
    this.timers = timers;
    this.signal = signal;
    this.resolve = resolve;
    const { resourcePriority } = plan;
    const extraHeaders = resourcePriority === undefined ? [] : [`Resource-Priority: ${resourcePriority}`];
    this.inviter = new Inviter(agent, uriOf(plan.to), { extraHeaders });
  }

  begin(): void {
    this.inviter.stateChange.addListener((state) => {
      // hung up by the other end; or cancelled: with its 487, or with a 2xx that sip.js has acknowledged and ended
      if (state === SessionState.Terminated && this.phase !== 'setting-up' && this.phase !== 'hanging-up')
        this.finish();
    });
    this.signal.addEventListener('abort', this.onAbort);
    this.timer = setTimeout(() => this.giveUp('silent'), this.plan.timeoutMs);
    this.startMs = performance.now();
    const requestDelegate = {
      onTrying: ({ message }: Core.IncomingResponse) => this.onResponse(message),
      onProgress: ({ message }: Core.IncomingResponse) => this.onResponse(message),
      onRedirect: ({ message }: Core.IncomingResponse) => this.onResponse(message),
      onReject: ({ message }: Core.IncomingResponse) => this.onResponse(message),
      onAccept: ({ message }: Core.IncomingResponse) => this.onResponse(message),
    };
    this.inviter.invite({ requestDelegate }).catch((error: Error) => this.onLost(error.message));
  }

  /** The connection is gone. */
  onLost(reason: string): void {
    if (this.phase === 'over') return;
    this.end = { ...this.end, how: this.phase === 'setting-up' ? 'lost' : this.end.how, fault: reason };
    this.finish();
  }

  private onResponse(message: Core.IncomingResponseMessage): void {
    if (this.phase !== 'setting-up') return;
    // RFC 3261 §8.1.3.1: what sip.js makes of a time-out or an error of sending, and nobody sent
    if (isMade(message))
      return message.statusCode === 408 ? this.giveUp('silent') : this.onLost('it could not be sent');
    const { statusCode: status = 0, reasonPhrase: phrase = '' } = message;
    const passedMs = performance.now() - this.startMs;
    this.end = { ...this.end, status, phrase, firstResponseMs: this.end.firstResponseMs ?? passedMs };
    if (status < 200) return;
    clearTimeout(this.timer);
    if (status >= 300) {
      const told = rejectionOf(status, message.getHeader('Retry-After'), message.getHeaders('Reason').join(', '));
      this.end = { ...this.end, ...told, how: 'rejected' };
      return this.finish();
    }
    this.end = { ...this.end, how: 'answered', setUpMs: passedMs };
    if (this.inviter.state !== SessionState.Established) {
      // sip.js has ended it by a BYE of its own
      this.end = { ...this.end, fault: 'the answer has no session description that can be used' };
      return this.finish();
    }
    this.phase = 'talking';
    this.timer = setTimeout(() => this.hangUp(), this.plan.holdMs);
  }

  private giveUp(how: 'silent' | 'interrupted'): void {
    if (this.phase !== 'setting-up') return;
    this.end = { ...this.end, how };
    this.phase = 'giving-up';
    clearTimeout(this.timer);
    // RFC 3261 §9.1: sip.js sends no CANCEL before a provisional response, which may be on its way
    const waitMs = this.end.status === 0 ? 2 * this.timers.t1Ms : this.timers.cancelMs;
    this.timer = setTimeout(() => this.finish(), waitMs);
    this.inviter.cancel().catch(() => this.finish());
  }

  private hangUp(): void {
    this.phase = 'hanging-up';
    clearTimeout(this.timer);
    const onEnd = ({ message }: Core.IncomingResponse): void => {
      const { statusCode: status = 0 } = message;
      const fault = isMade(message) ? 'no answer to BYE' : `BYE was answered ${status}`;
      if (status >= 300) this.end = { ...this.end, fault };
      this.finish();
    };
    const requestDelegate = { onAccept: onEnd, onRedirect: onEnd, onReject: onEnd };
    this.inviter.bye({ requestDelegate }).catch((error: Error) => this.onLost(error.message));
  }

  private finish(): void {
    if (this.phase === 'over') return;
    this.phase = 'over';
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.onAbort);
    this.resolve(this.end);
  }
}

/** Whether sip.js made this response itself. */
function isMade(message: Core.IncomingResponseMessage): boolean {
  return message.via === undefined;
}

function uriOf(text: string): URI {
  const uri = UserAgent.makeURI(text);
  if (uri === undefined) throw new Error(`${text} is not a SIP URI`);
  return uri;
}
