// When the self-test runs, and what is said of it: after each connect and each stall, which are what phantoms come from, and at an
// interval.
import type { LinkOptions, StackAddress } from './link.ts';
import { createSelfTest, type SelfTest, type SelfTestResult } from './self-test.ts';

/** After what asks for a run, ms: what waited in the sockets has come by then. */
const soonMs = 1_000;

export interface SelfTestRuns {
  /** See SelfTest. */
  arrived(uri: string): boolean;
  /** The link is up, or was late: runs soon. */
  soon(addresses: readonly StackAddress[]): void;
  /** The link is down. */
  stop(): void;
  close(): void;
}

/**
 * `tell` is called after each run: with '' where all came here, else with what is wrong. Runs nothing where `everyMs` is 0, or calls
 * are not routed to us.
 */
export function createSelfTestRuns(
  options: Pick<LinkOptions, 'selfTestMs' | 'methods' | 'log'>,
  tell: (fault: string, result: SelfTestResult) => void,
): SelfTestRuns {
  const { selfTestMs: everyMs, methods, log } = options;
  const test: SelfTest | undefined = everyMs > 0 && methods.includes('invite') ? createSelfTest() : undefined;
  let address: StackAddress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let toldNoAddress = false;

  function schedule(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), ms);
    timer.unref();
  }

  async function run(): Promise<void> {
    if (test === undefined || address === undefined || isRunning) return;
    const asked = address;
    isRunning = true;
    const result = await test.run(asked);
    isRunning = false;
    if (address === undefined) return;
    schedule(everyMs);
    // A connection lost in between would show as calls that did not come.
    if (result === undefined || address !== asked) return;
    const { sent, arrived, taken } = result;
    if (arrived + taken === 0) log('warn', `the drachtio-server has heard none of ${sent} calls of the self-test`);
    tell(faultOf(result), result);
  }

  return {
    arrived: (uri) => test?.arrived(uri) ?? false,
    soon(addresses) {
      if (test === undefined) return;
      address = chooseAddress(addresses);
      if (address !== undefined) return schedule(soonMs);
      if (!toldNoAddress) log('warn', 'no self-test: the drachtio-server has no SIP port over UDP');
      toldNoAddress = true;
    },
    stop() {
      address = undefined;
      clearTimeout(timer);
    },
    close() {
      address = undefined;
      clearTimeout(timer);
      test?.close();
    },
  };
}

/** Over UDP, on loopback where there is one. A copy: it stands for this connection. */
function chooseAddress(addresses: readonly StackAddress[]): StackAddress | undefined {
  const overUdp = addresses.filter(({ protocol }) => protocol === 'udp');
  const chosen = overUdp.find(({ host }) => host.startsWith('127.') || host === '::1') ?? overUdp[0];
  return chosen === undefined ? undefined : { ...chosen };
}

/** '' where nothing is missing of what the server has taken. */
function faultOf({ arrived, taken, answers }: SelfTestResult): string {
  if (taken === 0) return '';
  const missing = `${taken} of ${arrived + taken} calls of the self-test did not arrive here`;
  if (answers.length > 0) return `another client takes requests: ${missing}, it answers ${answers.join(', ')}`;
  return `another client takes requests and leaves them without an answer: ${missing}; the drachtio-server forgets it when restarted`;
}
