// What the edge of a test is configured with: real configuration and real dial plans, read once and kept.
import type { Dialplan } from '../../src/classify/plan.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { loadDialplan, parseDialplan } from '../../src/dialplan/load.ts';
import type { Tracing } from '../../src/edge/tracing.ts';
import type { InterfaceName } from '../../src/transport/flow.ts';

export const packageFile = (path: string) => new URL(`../../${path}`, import.meta.url).pathname;

/** What a test says of its edge; the rest is `defaults`. */
export interface EdgeOptions {
  interfaces?: Record<string, object | undefined>;
  switches?: readonly object[];
  admission?: object;
  /** Other keys of the configuration. */
  rest?: object;
  /** A dial plan as text; default: dialplans/default.yaml. */
  plan?: string;
  /** The health checks run; without it no OPTIONS are sent. */
  hasChecks?: boolean;
  /** Traces of its calls, by its clock. */
  tracing?: (now: () => number) => Tracing;
}

/** Where each interface listens. */
const listen: Record<InterfaceName, object> = {
  south: { listen: ['udp:192.0.2.1:5060', 'tcp:192.0.2.1:5060'] },
  east: { listen: ['udp:192.0.2.2:5060'], trust: { resourcePriority: true } },
  west: { listen: ['udp:192.0.2.3:5060'], trust: { resourcePriority: true } },
  north: { listen: ['udp:192.0.2.4:5060'], trust: { resourcePriority: true } },
  core: { listen: ['udp:10.0.0.1:5050', 'tcp:10.0.0.1:5050'] },
};

/** More than any test sends. */
const ample = {
  newCallsPerSecond: 100_000,
  burst: 100_000,
  priorityReserveRatio: 0,
  registrationBurst: 100_000,
  nonEssentialBurst: 100_000,
};

export const switchAt = (n: number) => ({ name: `sw${n}`, address: `udp:10.0.1.${n}:5060` });

export function configOf(options: EdgeOptions): Config {
  const interfaces = Object.fromEntries(
    Object.entries(listen).map(([name, own]) => [name, { ...own, ...options.interfaces?.[name] }]),
  );
  const text = JSON.stringify({
    interfaces,
    switches: options.switches ?? [switchAt(1), switchAt(2)],
    admission: { ...ample, ...options.admission },
    penalty: { enabled: false },
    dialplan: packageFile('dialplans/default.yaml'),
    ...options.rest,
  });
  const known = configs.get(text);
  if (known !== undefined) return known;
  const loaded = parseConfig(text, packageFile('config/test.yaml'), { STATE_DIRECTORY: '/nowhere' });
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  configs.set(text, loaded.config);
  return loaded.config;
}

const configs = new Map<string, Config>();
const plans = new Map<string | undefined, Dialplan>();

export function planOf(text: string | undefined): Dialplan {
  const known = plans.get(text);
  if (known !== undefined) return known;
  const file = packageFile('dialplans/default.yaml');
  const loaded = text === undefined ? loadDialplan(file) : parseDialplan(text, 'plan');
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'));
  plans.set(text, loaded.plan);
  return loaded.plan;
}
