// Sees whether all that a drachtio-server hands over arrives here: calls of our own are sent to its SIP port, several in a row, and
// must come back over the link. A server hands requests to its applications in turn, also to one that is long gone (a phantom: the
// caller gets 100 Trying, and then nothing) or to one that never knew the secret.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { StackAddress } from './link.ts';
import { readAnswer, type TestRequest, testRequest, testUser } from './self-test-requests.ts';

/** At once. With one phantom beside us, and other calls between them, all come here once in 256 runs. */
const callsPerRun = 8;
/** T1 of RFC 3261, for those of which nothing is heard. */
const repeatMs = [500, 1500];
/** A run ends when all have come, at the latest after so long. */
const runMs = 4_000;
const lingerMs = 1_000;

export interface SelfTestResult {
  readonly sent: number;
  readonly arrived: number;
  /** The server has taken them and not handed them to us. What is left, if anything, it has not heard. */
  readonly taken: number;
  /** The final answers that came to those taken, each once. */
  readonly answers: readonly number[];
}

export interface SelfTest {
  /** Whether a request is one of ours; if so it has arrived, and is to be answered with 480 and looked at no further. */
  arrived(uri: string): boolean;
  /**
   * Runs twice where the first time some are missed: what comes late in a jam is not missed. Undefined where none could be sent,
   * or it was closed.
   */
  run(address: StackAddress): Promise<SelfTestResult | undefined>;
  close(): void;
}

interface Probe {
  readonly request: TestRequest;
  hasArrived: boolean;
  /** Of the last answer, 0: none. */
  status: number;
}

export function createSelfTest(): SelfTest {
  let probes: readonly Probe[] = [];
  let notify = () => {};
  let isClosed = false;

  async function runOnce(address: StackAddress): Promise<readonly Probe[]> {
    const socket = createSocket(isIPv6(address.host) ? 'udp6' : 'udp4');
    const timers: NodeJS.Timeout[] = [];
    try {
      socket.on('error', () => {});
      socket.connect(address.port, address.host);
      await once(socket, 'connect');
      const mine = Array.from({ length: callsPerRun }, () => newProbe(address, socket));
      probes = [...probes, ...mine];
      socket.on('message', (datagram) => {
        if (heard(socket, mine, datagram)) notify();
      });
      for (const { request } of mine) socket.send(request.text);
      for (const ms of repeatMs) timers.push(setTimeout(() => repeat(socket, mine), ms));
      await new Promise<void>((resolve) => {
        timers.push(setTimeout(resolve, runMs));
        notify = () => {
          if (isClosed || mine.every(({ hasArrived, status }) => hasArrived && status >= 200)) resolve();
        };
        notify();
      });
      // The server would keep them for a minute; a phone would ring for as long.
      for (const { request, status } of mine) if (status < 200) socket.send(request.cancel);
      return mine;
    } finally {
      for (const timer of timers) clearTimeout(timer);
      setTimeout(() => socket.close(), isClosed ? 0 : lingerMs).unref();
      socket.unref();
    }
  }

  async function runTwice(address: StackAddress): Promise<SelfTestResult> {
    const first = await runOnce(address);
    if (isClosed || resultOf(first).taken === 0) return resultOf(first);
    const second = await runOnce(address);
    const isFirstWhole = resultOf(first).taken === 0;
    return isFirstWhole || resultOf(second).taken === 0
      ? resultOf(isFirstWhole ? first : second)
      : resultOf([...first, ...second]);
  }

  return {
    arrived(uri) {
      const user = testUser(uri);
      const probe = user === undefined ? undefined : probes.find(({ request }) => request.user === user);
      if (probe === undefined) return false;
      probe.hasArrived = true;
      notify();
      return true;
    },
    async run(address) {
      try {
        const result = await runTwice(address);
        return isClosed ? undefined : result;
      } catch {
        return undefined;
      } finally {
        probes = [];
        notify = () => {};
      }
    },
    close() {
      isClosed = true;
      notify();
    },
  };
}

function newProbe({ host, port }: StackAddress, socket: Socket): Probe {
  const { address, port: ourPort } = socket.address();
  return { request: testRequest(hostPort(host, port), hostPort(address, ourPort)), hasArrived: false, status: 0 };
}

const hostPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function repeat(socket: Socket, probes: readonly Probe[]): void {
  for (const { request, hasArrived, status } of probes) {
    if (status === 0 && !hasArrived) socket.send(request.text);
  }
}

/** Whether it is an answer to one of the calls; acknowledges it where it is final. */
function heard(socket: Socket, probes: readonly Probe[], datagram: Buffer): boolean {
  const answer = readAnswer(datagram);
  const probe = probes.find(({ request }) => request.callId === answer?.callId);
  if (answer === undefined || probe === undefined || answer.method !== 'INVITE') return false;
  probe.status = answer.status;
  if (answer.status >= 200) socket.send(probe.request.ack(answer.to));
  return true;
}

function resultOf(probes: readonly Probe[]): SelfTestResult {
  const taken = probes.filter(({ hasArrived, status }) => !hasArrived && status > 0);
  const answers = new Set(taken.map(({ status }) => status).filter((status) => status >= 200 && status !== 487));
  return {
    sent: probes.length,
    arrived: probes.filter(({ hasArrived }) => hasArrived).length,
    taken: taken.length,
    answers: [...answers],
  };
}
