// The command line of `npm run bench`.
import { parseArgs } from 'node:util';

export const scenarios = ['refusals', 'latency', 'calls', 'flood', 'memory', 'surge', 'engines'] as const;
/** Takes its time, and needs a drachtio-server: only where it is asked for. */
const usual = scenarios.filter((one) => one !== 'engines');
export type Scenario = (typeof scenarios)[number];

export interface BenchArguments {
  readonly scenarios: readonly Scenario[];
  /** Measured stretches per contestant; the median is reported. */
  readonly rounds: number;
  /** Length of one measured stretch. */
  readonly seconds: number;
  readonly callsPerSecond: number;
  readonly json: string | undefined;
  /** Puts server and load before whatever else runs on the machine (Linux autogroups; needs a privilege). */
  readonly favoured: boolean;
  /** Whether callers acknowledge refusals, as they must (RFC 3261 §17.1.1.3). */
  readonly ack: boolean;
  /** What the edge is started with, in front of `run --config FILE`. */
  readonly edge: string;
  readonly only: readonly string[];
}

export const usage = `npm run bench -- [${scenarios.join('|')}]... [options]
  engines          only where named; DRACHTIO_SERVER is the path of a drachtio-server's binary
  --rounds N       measured stretches per server, the median counts (default 3)
  --seconds N      length of a stretch (default 4)
  --calls N        calls per second of the scenario "calls" (default 1000)
  --only A,B       of surgegate, surgegate-plain, kamailio, kamailio-bare
  --json FILE      writes every figure
  --favoured       server and load go before whatever else runs on the machine (as root)
  --no-ack         refusals are not acknowledged: the bare cost of an answer
  --edge COMMAND   how the edge is started (default "node dist/cli.js")`;

/** Throws with the usage when the arguments make no sense. */
export function benchArguments(argv: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      calls: { type: 'string', default: '1000' },
      only: { type: 'string', default: 'surgegate,surgegate-plain,kamailio,kamailio-bare' },
      json: { type: 'string' },
      'no-ack': { type: 'boolean', default: false },
      favoured: { type: 'boolean', default: false },
      edge: { type: 'string', default: 'node dist/cli.js' },
    },
  });
  const chosen = positionals.map((word) => {
    const scenario = scenarios.find((known) => known === word);
    if (scenario === undefined) throw new Error(`"${word}" is no scenario\n${usage}`);
    return scenario;
  });
  const whole = (name: 'rounds' | 'seconds' | 'calls'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} ${values[name]}: a whole number above 0\n${usage}`);
    return value;
  };
  return {
    scenarios: chosen.length > 0 ? chosen : usual,
    rounds: whole('rounds'),
    seconds: whole('seconds'),
    callsPerSecond: whole('calls'),
    json: values.json,
    ack: !values['no-ack'],
    favoured: values.favoured,
    edge: values.edge,
    only: values.only.split(','),
  };
}
