// The arguments of `surgegate probe` as they were written, checked, and made into the calls that are to be placed.
import { isIP } from 'node:net';
import { parseHostPort } from '../config/addresses.ts';
import type { ListenAddress } from '../http/listen.ts';
import type { CallPlan } from './call.ts';
import { type ProbeTarget, probeTarget } from './target.ts';

/** As commander gives them: texts, with the defaults of the command. */
export interface WrittenProbeOptions {
  readonly to: string;
  readonly priorityTo?: string;
  readonly priority: string;
  readonly from: string;
  readonly domain?: string;
  readonly hold: string;
  readonly timeout: string;
  readonly every?: string;
  /** true: where it is by default. */
  readonly metrics?: string | true;
  readonly json?: true;
}

export interface ProbeRun {
  readonly target: ProbeTarget;
  readonly plans: readonly CallPlan[];
  /** Undefined: once. */
  readonly everyMs: number | undefined;
  readonly metrics: ListenAddress | undefined;
  readonly json: boolean;
}

const defaultMetrics: ListenAddress = { host: '127.0.0.1', port: 9466 };

/** Throws an Error of one line that names the argument, its value and the range. */
export function probeRun(address: string, written: WrittenProbeOptions): ProbeRun {
  const target = probeTarget(address);
  const domain = written.domain ?? target.hostPort;
  if (parseHostPort(domain) === undefined) throw new Error(`--domain: ${domain} is not HOST or HOST:PORT`);
  const uri = (option: string, user: string): string => `sip:${checkedUser(option, user)}@${domain}`;
  const common = {
    from: uri('--from', written.from),
    holdMs: 1000 * seconds('--hold', written.hold, 0, 60),
    timeoutMs: 1000 * seconds('--timeout', written.timeout, 1, 180),
  };
  const to = uri('--to', written.to);
  const priorityTo = written.priorityTo === undefined ? to : uri('--priority-to', written.priorityTo);
  if (written.metrics !== undefined && written.every === undefined) throw new Error('--metrics needs --every');
  return {
    target,
    plans: [
      { ...common, class: 'ordinary', to, resourcePriority: undefined },
      { ...common, class: 'priority', to: priorityTo, resourcePriority: checkedPriority(written.priority) },
    ],
    everyMs: written.every === undefined ? undefined : 1000 * seconds('--every', written.every, 1, 86_400),
    metrics: written.metrics === undefined ? undefined : metricsAddress(written.metrics),
    json: written.json === true,
  };
}

function seconds(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`${option}: ${text} is not ${least} to ${most} seconds`);
}

/** RFC 3261 §25.1 user: what is not in it has to be written escaped. */
function checkedUser(option: string, text: string): string {
  if (/^(?:[\w.!~*'()&=+$,;?/-]|%[0-9a-f]{2})+$/i.test(text)) return text;
  throw new Error(`${option}: ${text} is no user part of a SIP URI; # is written %23`);
}

/** RFC 4412 §3.1: one r-value or several. */
function checkedPriority(text: string): string {
  const value = "[\\w!%*`'~+-]+\\.[\\w!%*`'~+-]+";
  if (new RegExp(`^${value}(?:, ?${value})*$`).test(text)) return text;
  throw new Error(`--priority: ${text} is not NAMESPACE.VALUE, as in ets.0`);
}

/** HOST:PORT, [IPv6]:PORT, or PORT alone for the loopback. */
function metricsAddress(text: string | true): ListenAddress {
  if (text === true) return defaultMetrics;
  const parsed = parseHostPort(/^\d+$/.test(text) ? `${defaultMetrics.host}:${text}` : text);
  if (parsed?.port !== undefined && isIP(parsed.host) !== 0) return { host: parsed.host, port: parsed.port };
  throw new Error(`--metrics: ${text} is not ADDRESS:PORT, [IPv6]:PORT or PORT`);
}
