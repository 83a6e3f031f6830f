// Every key of the configuration file: unit, range, default and source. What the file means once defaults that depend
// on other keys are filled in is `Config`.
import * as z from 'zod';
import { admin } from './admin-schema.ts';
import { control, monitor } from './control-schema.ts';
import { drachtio } from './drachtio-schema.ts';
import { cidr, flag, list, name, oneOf, path, real, section, targetAddress, whole } from './fields.ts';
import { capture } from './hep-schema.ts';
import { core, east, north, south, west } from './interface-schema.ts';
import { type OrchestratorLinks, orchestrator } from './orchestrator-link-schema.ts';
import { tracing } from './tracing-schema.ts';

const interfaces = section({
  south: south.optional().meta({ description: 'Access side: customers, many small user agents' }),
  east: east.optional().meta({ description: 'A peer network: few large neighbours' }),
  west: west.optional().meta({ description: 'A second peer network' }),
  north: north.optional().meta({ description: 'Operations systems and SIP application servers' }),
  core: core.prefault({}).meta({ description: 'The side of the switches' }),
})
  .prefault({ south: {}, east: {}, west: {}, north: {} })
  .meta({ description: 'Where traffic comes from. Any of south, east, west and north may be left out, but not all' });

const switchEntry = section({
  name: name().meta({ description: 'Label in metrics and logs; unique' }),
  embedded: flag()
    .default(false)
    .meta({ description: 'The test switch of our own, in this process; then without `address`' }),
  address: targetAddress()
    .optional()
    .meta({ description: 'Where the switch listens; a DNS name is resolved again every minute' }),
  capacityPerSecond: whole('calls per second', 1, 1_000_000).optional().meta({
    description: 'New calls that the switch can complete; default: not known',
  }),
  oc: oneOf(['none', 'loss', 'loss,rate']).default('none').meta({
    description:
      'Overload control offered to the switch in our Via (RFC 7339, RFC 7415). Off at first: some parsers choke on it; `surgegate probe-oc` finds out',
  }),
  weight: whole('share', 0, 65_535).default(1).meta({
    description: 'Share of the calls of its group, 0: no new calls, to take it out of service',
  }),
  group: name().default('default').meta({ description: 'The group of switches that routes of the dial plan name' }),
});

const admission = section({
  newCallsPerSecond: whole('per second', 1, 1_000_000).optional().meta({
    description: 'New calls admitted on the whole edge; default: as many as the switches can do, configured or learned',
  }),
  burst: whole('calls', 1, 1_000_000).default(20).meta({ description: 'New calls admitted at once after a silence' }),
  priorityReserveRatio: real('share', 0, 0.9).default(0.2).meta({
    description:
      'Share of `burst` that ordinary calls never use: what priority and emergency calls find free at any moment',
  }),
  priorityCapPerSecond: whole('per second', 1, 1_000_000).optional().meta({
    description:
      'Priority and emergency calls above this are taken for forged and refused; default: `newCallsPerSecond`, else the sum of the capacities of the switches, or 1000 where one is learned',
  }),
  registrationsPerSecond: whole('per second', 1, 1_000_000).default(200).meta({ description: 'REGISTERs admitted' }),
  registrationBurst: whole('requests', 1, 1_000_000).default(100).meta({ description: 'REGISTERs admitted at once' }),
  nonEssentialPerSecond: whole('per second', 1, 1_000_000).default(100).meta({
    description: 'OPTIONS, SUBSCRIBE, MESSAGE, PUBLISH and the like outside a dialog admitted',
  }),
  nonEssentialBurst: whole('requests', 1, 1_000_000).default(50).meta({ description: 'Of these admitted at once' }),
})
  .prefault({})
  .meta({
    description:
      'Limits of the whole edge. In-dialog requests, ACK, CANCEL, PRACK, BYE and responses are never refused',
  });

const penalty = section({
  enabled: flag().default(true).meta({
    description:
      'Stop answering sources that go on after a Retry-After, or send garbage; configured neighbours are penalised for garbage only',
  }),
  refusedPerSecond: whole('per second', 1, 1_000_000)
    .default(100)
    .meta({ description: 'Refused requests of one source address above which it is penalised' }),
  malformedPerSecond: whole('per second', 1, 1_000_000)
    .default(20)
    .meta({ description: 'Malformed messages of one source address above which it is penalised' }),
  blockSeconds: whole('seconds', 1, 86_400)
    .default(30)
    .meta({ description: 'How long it gets no answer to what is refused or malformed; what is admitted passes' }),
  maxSources: whole('addresses', 1, 1_000_000)
    .default(10_000)
    .meta({ description: 'Addresses remembered at once: the bound on memory against forged addresses' }),
  exempt: list(cidr()).prefault(['127.0.0.0/8', '::1/128']).meta({ description: 'Never penalised' }),
}).prefault({});

const timers = section({
  t1Ms: whole('ms', 50, 10_000).default(500).meta({ description: 'Round-trip estimate (RFC 3261 §17.1.1.1)' }),
  t2Ms: whole('ms', 100, 60_000)
    .default(4000)
    .meta({ description: 'Longest interval between retransmissions (RFC 3261 §17.1.2.1)' }),
  t4Ms: whole('ms', 100, 60_000)
    .default(5000)
    .meta({ description: 'Longest life of a message in the network (RFC 3261 §17.1.2.2)' }),
  timerCSeconds: whole('seconds', 181, 3600)
    .default(185)
    .meta({ description: 'How long a forwarded INVITE may ring: more than 3 minutes (RFC 3261 §16.6 item 11)' }),
  switchTimeoutMs: whole('ms', 100, 60_000).default(4000).meta({
    description: 'A switch that has not answered an INVITE at all by then is passed over for the next one',
  }),
}).prefault({});

const health = section({
  intervalSeconds: whole('seconds', 1, 3600)
    .default(5)
    .meta({ description: 'Time between OPTIONS to each switch (RFC 3261 §11)' }),
  timeoutMs: whole('ms', 50, 60_000)
    .default(2000)
    .meta({ description: 'An OPTIONS without an answer by then has failed' }),
  failuresToDown: whole('failures', 2, 100)
    .default(2)
    .meta({ description: 'Failures in a row after which a switch is down' }),
  successesToUp: whole('successes', 1, 100)
    .default(1)
    .meta({ description: 'Answers in a row after which it is up again' }),
}).prefault({});

const limits = section({
  messageBytes: whole('bytes', 1024, 65_535)
    .default(65_535)
    .meta({ description: 'Longest message (RFC 3261 §18.1.1)' }),
  headers: whole('header lines', 16, 4096).default(256).meta({ description: 'Most header lines in a message' }),
  connections: whole('connections', 1, 1_000_000)
    .default(20_000)
    .meta({ description: 'Most open connections: TCP, TLS and WebSocket' }),
  connectionsPerAddress: whole('connections', 1, 1_000_000)
    .default(20_000)
    .meta({ description: 'Most of them from one address' }),
  idleSeconds: whole('seconds', 10, 86_400)
    .default(600)
    .meta({ description: 'A connection without traffic is closed after this' }),
  messageSeconds: whole('seconds', 1, 600)
    .default(30)
    .meta({ description: 'A message that has begun must be complete by then, or its connection is closed' }),
  sendQueueBytes: whole('bytes', 65_536, 67_108_864).default(1_048_576).meta({
    description: 'What may wait to be sent on one connection; a message on top of that is not sent, and counted',
  }),
  receiveBufferBytes: whole('bytes', 65_536, 1_073_741_824)
    .default(8_388_608)
    .meta({ description: 'Kernel receive buffer of each UDP socket; the kernel may grant less (net.core.rmem_max)' }),
  transactions: whole('transactions', 100, 10_000_000)
    .default(100_000)
    .meta({ description: 'Most INVITE transactions open at once; new calls above are refused' }),
  connectSeconds: whole('seconds', 1, 60)
    .default(4)
    .meta({ description: 'How long a connection that we open may take' }),
}).prefault({});

export const configSchema = section({
  engine: oneOf(['embedded', 'drachtio']).default('embedded').meta({
    description:
      'What carries SIP. `embedded`: sockets and transactions of our own; `drachtio`: a drachtio-server, whose addresses `listen` then names',
  }),
  drachtio,
  interfaces,
  switches: list(switchEntry, 1)
    .prefault([{ name: 'demo', embedded: true }])
    .meta({ description: 'The protected switches' }),
  admission,
  mode: oneOf(['active', 'shadow'])
    .default('active')
    .meta({ description: '`shadow`: everything is decided and counted, and nothing is refused for load' }),
  monitor,
  control,
  penalty,
  timers,
  health,
  limits,
  drain: section({
    timeoutSeconds: whole('seconds', 0, 3600)
      .default(30)
      .meta({ description: 'How long SIGTERM waits for open transactions before it ends the process' }),
  }).prefault({}),
  dialplan: path().default('dialplans/default.yaml').meta({
    description:
      "The dial plan; looked for beside this file, then in the folder above, then in the package's own folder",
  }),
  state: section({
    directory: path().optional().meta({
      description:
        'Holds the key that marks our Via branches, so that calls in set-up survive a restart; default: `$STATE_DIRECTORY`, else `$XDG_STATE_HOME/surgegate`, else `~/.local/state/surgegate`',
    }),
  }).prefault({}),
  admin,
  capture,
  orchestrator,
  tracing,
  udp: oneOf(['batched', 'plain']).default('batched').meta({
    description:
      '`batched`: recvmmsg and sendmmsg through koffi, falling back to `plain` where it does not load; `plain`: dgram of Node',
  }),
  log: section({
    level: oneOf(['trace', 'debug', 'info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'Least severity that is logged' }),
  }).prefault({}),
});

/** The file as read: defaults of single keys filled in, addresses parsed. */
export type FileConfig = z.output<typeof configSchema>;

/** The configuration in force. File paths are absolute; limits that depend on other keys have their values. */
export type Config = Omit<FileConfig, 'admission' | 'state' | 'orchestrator'> & {
  admission: FileConfig['admission'] & { newCallsPerSecond: number; priorityCapPerSecond: number };
  state: { directory: string };
  orchestrator: OrchestratorLinks;
};

export type SwitchConfig = FileConfig['switches'][number];
export type AdmissionConfig = Config['admission'];
export type PenaltyConfig = FileConfig['penalty'];
export type TimersConfig = FileConfig['timers'];
export type HealthConfig = FileConfig['health'];
export type LimitsConfig = FileConfig['limits'];
export type UdpMode = FileConfig['udp'];

/** JSON Schema (draft 2020-12) of the file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: 'input' });
}
