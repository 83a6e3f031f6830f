// Random traffic for the properties of the pipeline: requests of all kinds, answers of switches, time that goes by.
import fc from 'fast-check';
import { World } from './harness.ts';
import { Message, request, response, sameTransaction } from './message.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

/** One thing that happens. `pick` chooses among what there is: a call, a message to answer. */
export type Step =
  | { readonly kind: 'invite'; readonly how: 'plain' | 'emergency' | 'priority' | 'forged-tag' | 'untrusted' | 'bad' }
  | { readonly kind: 'other'; readonly method: string }
  | { readonly kind: 'again' | 'cancel' | 'ack' | 'bye' | 're-invite'; readonly pick: number }
  | { readonly kind: 'answer'; readonly pick: number; readonly status: number }
  | { readonly kind: 'pass'; readonly ms: number };

const pick = fc.nat(1_000_000);

const how = fc.constantFrom('plain', 'plain', 'plain', 'emergency', 'priority', 'forged-tag', 'untrusted', 'bad');
const status = fc.constantFrom(100, 180, 183, 200, 200, 302, 404, 407, 486, 487, 500, 503, 503, 603);
const method = fc.constantFrom('REGISTER', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'BYE', 'INFO', 'PRACK', 'NOTIFY');

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('invite' as const), how }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('other' as const), method }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('again', 'cancel', 'ack', 'bye', 're-invite'), pick }),
    },
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer' as const), pick, status }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 100, 500, 4100, 33_000) }),
    },
  ),
  { minLength: 1, maxLength: 120 },
) as fc.Arbitrary<Step[]>;

/** Small limits, so that all of them are met. */
export const tight: EdgeOptions = {
  switches: [{ ...switchAt(1), capacityPerSecond: 20 }, switchAt(2)],
  admission: {
    newCallsPerSecond: 10,
    burst: 5,
    priorityReserveRatio: 0.2,
    priorityCapPerSecond: 1000,
    registrationsPerSecond: 2,
    registrationBurst: 2,
    nonEssentialPerSecond: 2,
    nonEssentialBurst: 2,
  },
};

export interface Played {
  readonly world: World;
  /** Requests sent to the edge. */
  readonly requests: number;
  /** What the caller got, in order. */
  readonly toCaller: readonly Message[];
}

const uris = { emergency: 'sip:911@example.test', priority: 'sip:7106274387@example.test' } as const;

/** Plays the steps; the harness itself checks that each message is decided once. */
export function play(list: readonly Step[], options: EdgeOptions = tight): Played {
  const world = new World(options);
  const alice = world.flow('south', '198.51.100.7');
  const invites: string[] = [];
  const answers = new Map<string, Message>();
  const toAnswer: { flow: ReturnType<World['flow']>; message: Message }[] = [];
  const toCaller: Message[] = [];
  let requests = 0;
  const send = (text: string) => {
    requests++;
    world.receive(alice, text);
  };
  for (const step of list) {
    switch (step.kind) {
      case 'invite': {
        const uri = step.how === 'emergency' || step.how === 'priority' ? { uri: uris[step.how] } : {};
        const text = request({
          ...uri,
          ...(step.how === 'forged-tag' ? { toTag: 'forged' } : {}),
          ...(step.how === 'untrusted' ? { headers: ['Resource-Priority: ets.0'] } : {}),
          ...(step.how === 'bad' ? { contact: '<sip:@:>' } : {}),
        });
        invites.push(text);
        send(text);
        break;
      }
      case 'other':
        send(
          request({
            method: step.method,
            uri: 'sip:carol@example.test',
            toTag: step.method === 'BYE' ? 'x' : undefined,
          }),
        );
        break;
      case 'pass':
        world.pass(step.ms);
        break;
      case 'answer': {
        const one = toAnswer[step.pick % Math.max(1, toAnswer.length)];
        if (one !== undefined) world.receive(one.flow, response(one.message, step.status));
        break;
      }
      default: {
        const invite = invites[step.pick % Math.max(1, invites.length)];
        if (invite === undefined) break;
        const sent = new Message(invite);
        const answer = answers.get(sent.one('Call-ID')!);
        if (step.kind === 'again') send(invite);
        else if (step.kind === 'cancel') send(sameTransaction(invite, 'CANCEL'));
        else if (step.kind === 'ack') send(sameTransaction(invite, 'ACK', answer));
        else send(inDialog(step.kind === 'bye' ? 'BYE' : 'INVITE', sent, answer));
      }
    }
    for (const { flow, message } of world.transports.sent.splice(0)) {
      if (flow === alice) toCaller.push(message);
      if (flow === alice && message.status >= 200) answers.set(message.one('Call-ID')!, message);
      else if (flow !== alice && message.method !== 'ACK') toAnswer.push({ flow, message });
    }
  }
  return { world, requests, toCaller };
}

/** By the route set of the answer, where there is one. */
function inDialog(method: string, sent: Message, answer: Message | undefined): string {
  return request({
    method,
    uri: 'sip:callee@10.0.1.1:5060',
    routes: answer?.all('Record-Route').toReversed() ?? [],
    fromTag: /tag=(.*)$/.exec(sent.one('From')!)![1]!,
    toTag: answer?.toTag ?? 'none',
    callId: sent.one('Call-ID')!,
    cseq: 2,
  });
}
