// A sip.js user agent as a phone. `makeAgent` runs in Node and, as its own source text, in a page of a browser: it uses nothing but
// its arguments and what a browser has.
import type { Invitation, Inviter, SessionDescriptionHandler, UserAgentOptions } from 'sip.js';
import { WebSocket } from 'ws';
import type { Lab } from './lab-test.ts';
import type { Phone, Reply } from './phone.ts';
import { waitFor } from './wait.ts';

export interface AgentOptions {
  readonly user: string;
  /** Of all addresses of record. */
  readonly domain: string;
  /** `ws://…` or `wss://…` of the edge. */
  readonly server: string;
  /** Default true. */
  readonly register?: boolean;
  /** Header lines of each INVITE. */
  readonly headers?: readonly string[];
  /** What to offer and to answer where there is no RTCPeerConnection; without it the browser's is used. */
  readonly sdp?: string;
}

/** What happens in the page or in Node; all values can be carried from the one to the other. */
export interface Agent {
  /** Connects, and registers. */
  start(): Promise<void>;
  call(user: string): Promise<Reply>;
  hangUp(): Promise<void>;
  state(): Promise<{ up: boolean; answered: readonly string[]; octetsHeard: number }>;
  stop(): Promise<void>;
}

export function makeAgent(sip: typeof import('sip.js'), options: AgentOptions): Agent {
  const { user, domain, server, register = true, headers = [], sdp } = options;
  const addressOf = (name: string) => {
    const uri = sip.UserAgent.makeURI(`sip:${name}@${domain}`);
    if (uri === undefined) throw new Error(`no address: ${name}@${domain}`);
    return uri;
  };
  let session: Inviter | Invitation | undefined;
  const answered: string[] = [];
  const noMedia: SessionDescriptionHandler = {
    getDescription: async () => ({ body: sdp ?? '', contentType: 'application/sdp' }),
    hasDescription: (contentType) => contentType === 'application/sdp',
    setDescription: async () => {},
    rollbackDescription: async () => {},
    sendDtmf: () => false,
    close: () => {},
  };
  // On one machine: neither a STUN server nor a long wait for candidates.
  const media: UserAgentOptions =
    sdp === undefined
      ? {
          sessionDescriptionHandlerFactoryOptions: {
            peerConnectionConfiguration: { iceServers: [] },
            iceGatheringTimeout: 500,
          },
        }
      : { sessionDescriptionHandlerFactory: () => noMedia };
  const agent = new sip.UserAgent({
    uri: addressOf(user),
    transportOptions: { server },
    gracefulShutdown: false,
    logBuiltinEnabled: false,
    ...media,
    delegate: {
      onInvite(invitation) {
        session = invitation;
        invitation.stateChange.addListener((state) => {
          if (state === 'Established') answered.push(invitation.request.getHeader('Resource-Priority') ?? '');
        });
        invitation.accept().catch(() => {});
      },
    },
  });
  return {
    async start() {
      await agent.start();
      if (!register) return;
      const registerer = new sip.Registerer(agent, { expires: 600 });
      await new Promise<void>((resolve, reject) => {
        const onReject = ({ message }: { message: { statusCode?: number | undefined } }): void =>
          reject(new Error(`REGISTER: ${message.statusCode}`));
        registerer.register({ requestDelegate: { onAccept: () => resolve(), onReject } }).catch(reject);
      });
    },
    call(called) {
      const inviter = new sip.Inviter(agent, addressOf(called), { extraHeaders: [...headers] });
      session = inviter;
      return new Promise((resolve, reject) => {
        inviter.stateChange.addListener((state) => {
          if (state === 'Established') resolve({ status: 200 });
          // A refusal is told to the delegate in the same turn, and then this comes too late.
          if (state === 'Terminated') queueMicrotask(() => reject(new Error('ended without a final response')));
        });
        inviter
          .invite({
            requestDelegate: {
              onReject({ message }) {
                const status = message.statusCode ?? 0;
                const retryAfter = message.getHeader('Retry-After');
                resolve(
                  retryAfter === undefined
                    ? { status }
                    : { status, retryAfterSeconds: Number.parseInt(retryAfter, 10) },
                );
              },
            },
          })
          .catch(reject);
      });
    },
    async hangUp() {
      await session?.bye();
    },
    async state() {
      const up = session?.state === 'Established';
      let octetsHeard = 0;
      const handler = session?.sessionDescriptionHandler;
      if (up && handler instanceof sip.Web.SessionDescriptionHandler) {
        const report = await handler.peerConnection?.getStats();
        report?.forEach((one: { type: string; bytesReceived?: number }) => {
          if (one.type === 'inbound-rtp') octetsHeard += one.bytesReceived ?? 0;
        });
      }
      return { up, answered, octetsHeard };
    },
    stop: () => agent.stop(),
  };
}

const limitMs = 15_000;

export interface WebPhone extends Phone {
  /** Resolves once sound of the other end arrives; only with the browser's RTCPeerConnection. */
  hears(): Promise<void>;
}

/** `agent` where it runs, waited for by the clock of the test. */
export function webPhone(user: string, agent: Agent): WebPhone {
  return {
    user,
    call: (called) => agent.call(called),
    async called(nth) {
      const answered = async () => (await agent.state()).answered;
      await waitFor(`call ${nth} to ${user}`, async () => (await answered()).length >= nth, limitMs);
      return (await answered())[nth - 1]!;
    },
    hangUp: () => agent.hangUp(),
    idle: async () => void (await waitFor(`${user} to be idle`, async () => !(await agent.state()).up, limitMs)),
    hears: async () =>
      void (await waitFor(`${user} to hear something`, async () => (await agent.state()).octetsHeard > 0, limitMs)),
  };
}

const stubSdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''];

/** sip.js in Node, without media; registered unless told otherwise. */
export async function startSipJs(lab: Lab, options: AgentOptions): Promise<WebPhone> {
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  const agent = makeAgent(await import('sip.js'), { sdp: stubSdp.join('\r\n'), ...options });
  lab.onEnd(() => agent.stop());
  await agent.start();
  return webPhone(options.user, agent);
}
