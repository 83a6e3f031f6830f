// The options of the middleware: keys of the edge's configuration, those that mean something inside an application, in the same words
// and with the same ranges.
import type * as z from 'zod';
import { readDocument } from '../config/document.ts';
import { flag, path, section, whole } from '../config/fields.ts';
import { south } from '../config/interface-schema.ts';
import { formatFault, parseConfig } from '../config/load.ts';
import { type Config, configSchema } from '../config/schema.ts';

const { pushback, retryAfter, trust, neighbours } = south.shape;
const { admission, mode, monitor, control } = configSchema.shape;

const optionsSchema = section({
  /** Calls per second that the application can do; default: learned from its answers. */
  capacityPerSecond: whole('calls per second', 1, 1_000_000).optional(),
  pushback,
  retryAfter,
  trust,
  neighbours,
  admission,
  mode,
  monitor,
  control,
  dialplan: path().optional(),
  /** Calls that the application may have open at once. */
  mostCalls: whole('calls', 1, 10_000_000).default(100_000),
  /** Where what is normal is kept over restarts; default: nowhere. */
  stateDirectory: path().optional(),
  /** Whether the load of the drachtio-server, where it runs on the same host, counts as that of the application. */
  watchServer: flag().default(true),
});

export type CongestionControlKeys = z.input<typeof optionsSchema>;

export interface MiddlewareConfig {
  readonly config: Config;
  readonly stateDirectory: string | undefined;
  readonly watchServer: boolean;
}

/** Throws an Error of one line that names the option, the value and the range. Paths are relative to the working directory. */
export function middlewareConfig(options: CongestionControlKeys): MiddlewareConfig {
  const read = readDocument(JSON.stringify(options), optionsSchema);
  if ('faults' in read) throw optionError(read.faults[0]!);
  const { capacityPerSecond, mostCalls, stateDirectory, watchServer, dialplan, ...rest } = read.data;
  const { pushback: _p, retryAfter: _r, trust: _t, neighbours: _n, ...common } = rest;
  const own = Object.fromEntries(
    (['pushback', 'retryAfter', 'trust', 'neighbours'] as const).map((key) => [key, options[key]]),
  );
  // the pipeline asks for addresses: of the interface that the application is behind, and of the application; nothing is sent there
  const written = {
    engine: 'drachtio',
    interfaces: { south: { listen: ['udp:192.0.2.1:9'], ...own }, core: { listen: ['udp:192.0.2.2:9'] } },
    switches: [{ name: 'application', address: 'udp:192.0.2.3:9', capacityPerSecond }],
    limits: { transactions: Math.max(100, mostCalls) },
    state: { directory: stateDirectory ?? '.' },
    dialplan,
    ...Object.fromEntries(Object.keys(common).map((key) => [key, options[key as keyof typeof options]])),
  };
  const loaded = parseConfig(JSON.stringify(written), `${process.cwd()}/options`);
  if ('faults' in loaded) throw optionError(loaded.faults[0]!);
  const { config } = loaded;
  return { config: { ...config, limits: { ...config.limits, transactions: mostCalls } }, stateDirectory, watchServer };
}

function optionError({ key, message }: { readonly key: string; readonly message: string }): Error {
  return new Error(`congestionControl: ${formatFault({ key: key.replace('interfaces.south.', ''), message })}`);
}
