// Every key of the orchestrator's configuration file: unit, range, default and source. What the file means once defaults that
// depend on other things are filled in is `OrchestratorConfig`.
import * as z from 'zod';
import { resourceNames } from '../congestion/amounts.ts';
import { httpListen, list, oneOf, path, real, section, whole } from './fields.ts';
import { application, operator, partyName, peer } from './orchestrator-parties.ts';
import { quantities, quantity } from './quantity.ts';

const tls = section({
  certificate: path().meta({ description: 'PEM file with the certificate and its chain' }),
  key: path().meta({ description: 'PEM file with the private key' }),
  clientAuthority: path().optional().meta({
    description: 'PEM file with the authorities of client certificates and of callbacks; needed for `certificateName`',
  }),
});

const host = section({
  maximum: quantities().prefault({}).meta({ description: 'What the host has, where that is not what is detected' }),
  diskPaths: list(path(), 1).prefault(['/']).meta({ description: 'Paths whose file systems count for diskBytes' }),
  disks: list(path(), 1).optional().meta({
    description: 'Devices that count for diskBytesPerSecond, as in /proc/diskstats; default: all whole disks',
  }),
  networkInterfaces: list(path(), 1).optional().meta({
    description:
      'Interfaces that count for networkBytesPerSecond; default: all with hardware behind them, else all but the loopback',
  }),
}).prefault({});

const ofMinimum = (mode: string, value: number) =>
  real('share', 0, 1)
    .default(value)
    .meta({ description: `The part of each minimum that an application keeps in ${mode}` });

const threshold = section({
  when: list(
    section({
      resource: oneOf(resourceNames).optional().meta({ description: 'Which; not together with `overallRatio`' }),
      ratio: real('share', 0, 1).optional().meta({ description: 'Set from this part of the maximum on' }),
      overallRatio: real('share', 0, 1)
        .optional()
        .meta({ description: 'Set from this mean of the parts of all resources on' }),
      clearRatio: real('share', 0, 1)
        .optional()
        .meta({ description: 'Cleared below; default: 0.05 less than what sets it' }),
      amount: quantity().optional().meta({ description: 'Set from so much used on' }),
      clearAmount: quantity().optional().meta({ description: 'Cleared below; default: 5 % less than `amount`' }),
      available: quantity().optional().meta({ description: 'Set where no more than so much is left' }),
      clearAvailable: quantity().optional().meta({ description: 'Cleared above; default: 5 % more than `available`' }),
    }),
    1,
  ).meta({ description: 'All of them at once' }),
  mode: oneOf(['L1', 'L2', 'L3']).meta({ description: 'The running mode that it proposes' }),
  setSeconds: real('seconds', 0, 3600).default(2).meta({ description: 'How long it must hold' }),
  clearSeconds: real('seconds', 0, 3600).default(1).meta({ description: 'How long the opposite must hold' }),
});

export const orchestratorSchema = section({
  name: partyName().default('orchestrator').meta({ description: 'What applications and peers know this host by' }),
  listen: httpListen().prefault('127.0.0.1:9465').meta({ description: 'HTTP of the congestion API and for /metrics' }),
  tls: tls.optional().meta({ description: 'HTTPS; needed wherever others than this host reach `listen`' }),
  intervalMs: whole('ms', 100, 10_000).default(1000).meta({
    description: 'How often the host is sampled, its mode judged and its resources divided',
  }),
  host,
  reserveRatio: real('share', 0, 0.9).default(0.2).meta({
    description: 'The emergency reserve: what of each resource is kept for exempt applications in L1 to L3',
  }),
  split: oneOf(['equal', 'proportional']).default('equal').meta({
    description: 'How the rest is divided: in equal parts, or in proportion to use before the event',
  }),
  minimumRatio: section({
    L1: ofMinimum('L1', 1),
    L2: ofMinimum('L2', 0.75),
    L3: ofMinimum('L3', 0.5),
  }).prefault({}),
  thresholds: list(threshold).optional().meta({
    description:
      'On the use of the host; default: processors from 90 % (L1) and 97 % (L2), memory from 85, 90 and 95 %, disk space and throughput from 95 % (L1), network from 90 % (L1) and 97 % (L2), processors from 95 % with memory from 85 % (L3)',
  }),
  shedding: section({
    deadlineSeconds: real('seconds', 1, 600).default(10).meta({
      description: 'How long an application that was asked to shed has, before it is limited by force',
    }),
    toleranceRatio: real('share', 0, 0.5).default(0.05).meta({
      description: 'So much above the target counts as having come down',
    }),
  }).prefault({}),
  limits: section({
    requestsPerSecond: whole('per second', 1, 100_000).default(50).meta({ description: 'Of one caller' }),
    burst: whole('requests', 1, 100_000).default(100).meta({ description: 'Of one caller, the most in one second' }),
    connections: whole('connections', 10, 100_000).default(1000).meta({ description: 'Of all callers' }),
  }).prefault({}),
  applications: list(application).prefault([]).meta({ description: 'The applications of this host' }),
  peers: list(peer).prefault([]).meta({ description: 'Second autonomous systems: orchestrators of other hosts' }),
  operators: list(operator).prefault([]).meta({
    description: 'Operators and AIN elements, who may place gaps, drain applications and order a mode',
  }),
  state: section({
    directory: path().optional().meta({
      description:
        'Holds the journal, the audit and tokens that were made here; default: the folder `orchestrator` in `$STATE_DIRECTORY`, else in `$XDG_STATE_HOME/surgegate`, else in `~/.local/state/surgegate`',
    }),
  }).prefault({}),
  log: section({
    level: oneOf(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'Least severity that is logged' }),
  }).prefault({}),
});

/** The file as read: defaults of single keys filled in, amounts parsed. */
export type OrchestratorFile = z.output<typeof orchestratorSchema>;

/** The configuration in force; file paths are absolute. */
export type OrchestratorConfig = Omit<OrchestratorFile, 'state'> & { state: { directory: string } };

export type ApplicationConfig = OrchestratorFile['applications'][number];
export type PeerConfig = OrchestratorFile['peers'][number];
export type OperatorConfig = OrchestratorFile['operators'][number];
export type ThresholdConfig = NonNullable<OrchestratorFile['thresholds']>[number];
export type ConditionConfig = ThresholdConfig['when'][number];

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function orchestratorJsonSchema(): object {
  return z.toJSONSchema(orchestratorSchema, { io: 'input' });
}
