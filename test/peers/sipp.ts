// SIPp as caller, called party or switch: one scenario file, its statistics, and its verdict.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const scenarios = fileURLToPath(new URL('../e2e/scenarios/', import.meta.url));

export interface SippOptions {
  /** Where a caller sends to, `host:port`; left out for the called party. */
  to?: string;
  /** Address to bind; IPv6 without brackets. */
  host?: string;
  port?: number;
  transport?: 'udp' | 'tcp';
  /** Calls to make or take before it exits; left out, it runs until `stop()`. */
  calls?: number;
  callsPerSecond?: number;
  /** Most calls open at once. */
  open?: number;
  /** What `<pause/>` without a length waits, and so how long a call is talked on. */
  talkMs?: number;
  /** User part of the Request-URI: the number called. */
  service?: string;
  /** Values for `[name]` in the scenario. */
  keys?: Readonly<Record<string, string>>;
  /** Scenario for requests that no call of this peer began. */
  outOfCall?: string;
  /** The whole run; SIPp fails if it has not ended by then. */
  limitSeconds?: number;
  /** No retransmissions: what the network or the edge loses stays lost. */
  noRetransmission?: boolean;
  /** Keeps every message for `saw()`. */
  trace?: boolean;
  extra?: readonly string[];
}

export interface SippResult {
  /** 0: every call went as the scenario says. */
  readonly exitCode: number | null;
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly unexpected: number;
  readonly created: number;
  /** `counter="1"` of the scenario: calls that reached a called party, calls answered to a caller. */
  readonly calls: number;
  /** `counter="2"`: calls that a caller saw refused. */
  readonly refused: number;
}

export interface Sipp {
  readonly child: Child;
  readonly host: string;
  readonly port: number;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  /** Figures of the last second's row, or undefined before the first. */
  statistics(): Omit<SippResult, 'exitCode'> | undefined;
  /** Waits until it exits by itself. */
  result(): Promise<SippResult>;
  /** Takes no new call, lets the open ones end, exits. */
  stop(): Promise<SippResult>;
  /** Waits until a message sent or received matches; needs `trace`. */
  saw(pattern: RegExp, limitMs?: number): Promise<void>;
  /** How many calls have sent or received a message whose start line matches; needs `trace`. Retransmissions count once. */
  callsWith(startLine: RegExp): number;
  /** Everything traced so far. */
  messages(): string;
}

/** The last row of SIPp's statistics file; columns are found by name because their number varies between builds. */
export function parseStatistics(csv: string): Omit<SippResult, 'exitCode'> | undefined {
  const lines = csv.split('\n').filter((line) => line.includes(';'));
  const names = lines[0]?.split(';');
  const last = lines.at(-1)?.split(';');
  if (names === undefined || last === undefined || lines.length < 2) return undefined;
  const column = (name: string): number => Number(last[names.indexOf(name)] ?? Number.NaN);
  const counter = (name: string): number => (names.includes(name) ? column(name) : 0);
  return {
    created: column('TotalCallCreated'),
    successful: column('SuccessfulCall(C)'),
    failed: column('FailedCall(C)'),
    retransmissions: column('Retransmissions(C)'),
    unexpected: column('FailedUnexpectedMessage(C)'),
    calls: counter('GenericCounter1(C)'),
    refused: counter('GenericCounter2(C)'),
  };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export async function startSipp(lab: Lab, scenario: string, options: SippOptions = {}): Promise<Sipp> {
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? (await freePort(host));
  const name = lab.uniqueName(scenario);
  const file = (suffix: string): string => join(lab.dir, `${name}.${suffix}`);
  const tcp = options.transport === 'tcp';
  const args = ['-sf', join(scenarios, `${scenario}.xml`), '-i', bracketed(host), '-p', String(port)];
  args.push('-t', tcp ? 't1' : 'u1', '-nostdin', '-skip_rlimit', '-timeout_error');
  args.push('-trace_stat', '-stf', file('csv'), '-fd', '1', '-trace_err', '-error_file', file('errors'));
  args.push('-timeout', String(options.limitSeconds ?? 60), '-cp', String(await freePort()));
  args.push('-s', options.service ?? '5551234', '-max_retrans', '8');
  // A busy machine is no reason for SIPp to give up.
  args.push('-watchdog_minor_maxtriggers', '1000000', '-watchdog_major_maxtriggers', '1000000');
  // Its own 64 kB of socket buffer lose messages whenever it is not scheduled for a moment.
  args.push('-buff_size', '4000000');
  // A called party that waits before it answers takes no notice of retransmissions meanwhile.
  if (options.to === undefined) args.push('-pause_msg_ign');
  if (options.calls !== undefined) args.push('-m', String(options.calls));
  if (options.callsPerSecond !== undefined) args.push('-r', String(options.callsPerSecond));
  if (options.open !== undefined) args.push('-l', String(options.open));
  if (options.talkMs !== undefined) args.push('-d', String(options.talkMs));
  if (options.noRetransmission) args.push('-nr');
  if (options.trace) args.push('-trace_msg', '-message_file', file('messages'));
  if (options.outOfCall !== undefined) args.push('-oocsf', join(scenarios, `${options.outOfCall}.xml`));
  for (const [key, value] of Object.entries(options.keys ?? {})) args.push('-key', key, value);
  args.push(...(options.extra ?? []));
  if (options.to !== undefined) args.push(options.to);
  const child = lab.start(name, 'sipp', args);

  const read = (suffix: string): string => (existsSync(file(suffix)) ? readFileSync(file(suffix), 'latin1') : '');
  const statistics = (): Omit<SippResult, 'exitCode'> | undefined => parseStatistics(read('csv'));
  const result = async (): Promise<SippResult> => {
    const { code } = await child.exited;
    const none = { created: 0, successful: 0, failed: 0, retransmissions: 0, unexpected: 0, calls: 0, refused: 0 };
    return { exitCode: code, ...(statistics() ?? none) };
  };
  // The statistics file is made after the sockets are bound: from then on the called party takes calls.
  await waitFor(`${name} to start`, () => !child.running() || existsSync(file('csv')), 10_000);
  return {
    child,
    host,
    port,
    address: `${bracketed(host)}:${port}`,
    statistics,
    result,
    async stop() {
      child.kill('SIGUSR1');
      return result();
    },
    async saw(pattern, limitMs = 10_000) {
      await waitFor(`${name} to see ${pattern}`, () => pattern.test(read('messages')), limitMs);
    },
    callsWith(startLine) {
      const traced = read('messages').split(/^-{20,}.*$/m);
      const matching = traced.filter((one) =>
        startLine.test(/^(?:\S+ \S+ SIP\/2\.0|SIP\/2\.0 .*)$/m.exec(one)?.[0] ?? ''),
      );
      return new Set(matching.map((one) => /^(?:Call-ID|i)\s*:\s*(\S+)/im.exec(one)?.[1])).size;
    },
    messages: () => read('messages'),
  };
}
