// baresip as a softphone without a sound card: one account, controlled through its module ctrl_tcp (netstrings of JSON), with
// a trace of all its SIP messages.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Lab } from './lab-test.ts';
import type { Phone, Reply } from './phone.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

export interface BaresipOptions {
  user: string;
  /** `host:port` that it registers at and that its calls go through. */
  server: string;
  transport: 'udp' | 'tcp';
  /** Default true. */
  register?: boolean;
}

export interface TracedMessage {
  /** `host:port`. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

export interface Baresip extends Phone {
  /** Every SIP message so far that was sent or received and whose start line matches, in order. */
  messages(startLine: RegExp): TracedMessage[];
}

/** What ctrl_tcp sends: the answer to a command, or an event. */
interface Told {
  readonly response?: true;
  readonly ok?: boolean;
  readonly data?: string;
  readonly token?: string;
  readonly type?: string;
  readonly direction?: 'incoming' | 'outgoing';
  /** Of CALL_CLOSED: why. */
  readonly param?: string;
}

const limitMs = 15_000;
const modulePath = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'].find((folder) =>
  existsSync(join(folder, 'ctrl_tcp.so')),
);
const modules = [
  `module_path ${modulePath}`,
  ...['module g711.so', 'module aubridge.so', 'module_tmp account.so', 'module_app menu.so', 'module_app ctrl_tcp.so'],
  // Sound that goes nowhere.
  ...['audio_player aubridge,nil', 'audio_source aubridge,nil', 'audio_alert aubridge,nil'],
];

/** Starts it and waits until it can be controlled and, unless told otherwise, is registered. */
export async function startBaresip(lab: Lab, options: BaresipOptions): Promise<Baresip> {
  const { user, server, transport, register = true } = options;
  const name = lab.uniqueName(`baresip-${user}`);
  const folder = join(lab.dir, name);
  mkdirSync(folder);
  const controlPort = await freePort();
  const network = ['net_interface 127.0.0.1', 'sip_listen 127.0.0.1:0', `ctrl_tcp_listen 127.0.0.1:${controlPort}`];
  writeFileSync(join(folder, 'config'), `${[...network, ...modules].join('\n')}\n`);
  const parameters = `regint=${register ? 600 : 0};answermode=auto`;
  writeFileSync(join(folder, 'accounts'), `<sip:${user}@${server};transport=${transport}>;${parameters}\n`);
  writeFileSync(join(folder, 'contacts'), '');
  // stdbuf: what it traces is to be read as it happens.
  const child = lab.start(name, 'stdbuf', ['-oL', 'baresip', '-4', '-s', '-f', folder]);

  const socket = await waitFor(`${name} to be controllable`, async () => {
    if (!child.running()) throw new Error(child.log());
    return connected(controlPort);
  });
  lab.onEnd(() => void socket.destroy());
  const answers = new Map<string, Told>();
  const events: Told[] = [];
  let unread: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    const { texts, rest } = netstrings(Buffer.concat([unread, bytes]));
    unread = rest;
    for (const text of texts) {
      const told = JSON.parse(text) as Told;
      if (told.response) answers.set(told.token ?? '', told);
      else events.push(told);
    }
  });
  let commands = 0;
  const command = async (what: string, params = ''): Promise<string> => {
    const token = String(++commands);
    const text = JSON.stringify({ command: what, params, token });
    socket.write(`${Buffer.byteLength(text)}:${text},`);
    const answer = await waitFor(`${name} to answer ${what}`, () => answers.get(token));
    if (answer.ok !== true) throw new Error(`${name}: ${what} ${params}: ${answer.data}`);
    return answer.data ?? '';
  };
  const messages = (startLine: RegExp): TracedMessage[] =>
    traced(child.log()).filter(({ text }) => startLine.test(text));
  if (register) await waitFor(`${name} to be registered`, async () => /OK/.test(await command('reginfo')), limitMs);

  return {
    user,
    messages,
    async call(called) {
      const before = events.length;
      await command('dial', `sip:${called}@${server}`);
      const end = await waitFor(
        `the call of ${name} to be answered or refused`,
        () => events.slice(before).find(({ type }) => type === 'CALL_ESTABLISHED' || type === 'CALL_CLOSED'),
        limitMs,
      );
      if (end.type === 'CALL_ESTABLISHED') return { status: 200 };
      const status = /^\d{3}/.exec(end.param ?? '')?.[0];
      if (status === undefined) throw new Error(`${name}: no final response: ${end.param}`);
      const final = new RegExp(`^SIP/2\\.0 ${status}`);
      return replyOf((await waitFor(`the ${status} in the trace`, () => messages(final).at(-1))).text);
    },
    async called(nth) {
      const established = ({ type, direction }: Told): boolean =>
        type === 'CALL_ESTABLISHED' && direction === 'incoming';
      await waitFor(`call ${nth} to ${name}`, () => events.filter(established).length >= nth, limitMs);
      // By Call-ID: over UDP an INVITE may have come more than once.
      const invites = (): Map<string | undefined, string> =>
        new Map(
          messages(/^INVITE /)
            .filter(({ from }) => from === server)
            .map(({ text }) => [headerOf(text, 'Call-ID'), text]),
        );
      const invite = await waitFor(`INVITE ${nth} in the trace`, () => [...invites().values()][nth - 1]);
      return headerOf(invite, 'Resource-Priority') ?? '';
    },
    hangUp: async () => void (await command('hangup')),
    idle: async () =>
      void (await waitFor(`${name} to be idle`, async () => /calls \(0\)/.test(await command('listcalls')), limitMs)),
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** Whole netstrings (`3:abc,`) at the front of `bytes`, and what is left. */
function netstrings(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const texts: string[] = [];
  let rest = bytes;
  for (;;) {
    const colon = rest.indexOf(':');
    const length = Number(rest.toString('latin1', 0, Math.max(colon, 0)));
    if (colon < 1 || rest.length < colon + length + 2) return { texts, rest };
    texts.push(rest.toString('utf8', colon + 1, colon + 1 + length));
    rest = rest.subarray(colon + length + 2);
  }
}

/** The messages in what it printed: each in a colour of its own, after a line that says from where to where. */
function traced(log: string): TracedMessage[] {
  const [colour, plain] = ['\u001b[36;1m#\n', '\u001b[;m'];
  return log
    .split(colour)
    .slice(1)
    .flatMap((one) => {
      const [, from, to, text] = /^\w+ (\S+) -> (\S+)\n(.*)$/s.exec(one.split(plain)[0]!) ?? [];
      return from === undefined || to === undefined || text === undefined ? [] : [{ from, to, text }];
    });
}

const headerOf = (message: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?) *\r$`, 'im').exec(message)?.[1];

function replyOf(response: string): Reply {
  const status = Number(response.slice(8, 11));
  const retryAfter = headerOf(response, 'Retry-After');
  return retryAfter === undefined ? { status } : { status, retryAfterSeconds: Number.parseInt(retryAfter, 10) };
}
