// What each engine does of what the edge can do: one list for the README (`npm run docs`) and for the tests, which have a case for every
// line that the drachtio engine takes part in (engine-drachtio*.test.ts).

export interface EngineFeature {
  readonly name: string;
  readonly embedded: string;
  /** What it does instead, or why it does not. '' : the same, in which case `embedded` may be ''. */
  readonly drachtio: string;
  /** `both`: cases of the embedded engine's own suites run on it too. `differs`: a case of its own shows what it does. */
  readonly on: 'both' | 'differs' | 'embedded';
}

export const engineFeatures = {
  calls: {
    name: 'Calls of every kind: cancelled, busy, asked for credentials, re-INVITE, UPDATE, PRACK',
    ...{ embedded: 'yes', drachtio: '', on: 'both' },
  },
  priority: {
    name: 'Emergency and priority calls, by number, `urn:service:sos` and trusted Resource-Priority',
    ...{ embedded: 'yes', drachtio: '', on: 'both' },
  },
  untrustedPriority: {
    name: 'Resource-Priority of a sender without trust',
    embedded: 'raises nothing, and is taken out',
    drachtio: 'raises nothing, but reaches the switch: the server takes no header out',
    on: 'differs',
  },
  treatment: {
    name: 'Treatment of numbers, announcements',
    embedded: 'always',
    drachtio: 'where the Request-URI names an address of the server; it leaves any other as it is',
    on: 'differs',
  },
  refusal: {
    name: 'Refusals with Retry-After',
    embedded: 'without any state, and without a 100',
    drachtio: 'after a 100; the server keeps each, and repeats it until its ACK comes',
    on: 'both',
  },
  silence: {
    name: 'No answer: `pushback: drop`, penalty of sources',
    embedded: 'yes',
    drachtio: 'everything is answered: refused as by `reject`',
    on: 'differs',
  },
  overloadControl: {
    name: 'Overload control of RFC 7339, both ways',
    embedded: 'yes',
    drachtio: 'no: the server writes its own Via on both sides',
    on: 'embedded',
  },
  retransmissions: {
    name: 'Retransmissions',
    embedded: 'absorbed, and answered with the answer there was',
    drachtio:
      'absorbed; but a refusal by the switch is sent once, and nothing brings it back when it is lost; an INVITE that comes again after its 200 is a new call',
    on: 'differs',
  },
  sides: {
    name: 'South, east, west, north and core',
    embedded: 'each sends from its own address',
    drachtio: 'told apart by the address that a request came in at; the server sends from the one that it chooses',
    on: 'both',
  },
  transports: {
    name: 'UDP, TCP, TLS, WebSocket',
    embedded: 'its own listeners',
    drachtio: 'those of the server, with its certificates',
    on: 'both',
  },
  failOver: {
    name: 'Next switch after a 503 or without an answer',
    embedded: 'every call that no switch has answered yet',
    drachtio: 'after any failure; priority calls, or those that `drachtio.failOver` says',
    on: 'both',
  },
  health: {
    name: 'Health checks, and refusal where no switch is up',
    ...{ embedded: 'yes', drachtio: '', on: 'both' },
  },
  drain: { name: 'Drain before the end', ...{ embedded: 'yes', drachtio: '', on: 'both' } },
  reload: { name: 'Reload', ...{ embedded: 'yes', drachtio: '', on: 'both' } },
  kill: {
    name: '`kill -9` while calls are up or ring',
    embedded: 'they go on when it is back',
    drachtio: 'they go on in the server',
    on: 'both',
  },
  link: {
    name: 'The drachtio-server lets go of the edge',
    embedded: '—',
    drachtio:
      'calls go on in the server, it refuses new ones itself, without Retry-After; the edge is not ready, and takes calls again as soon as it is back',
    on: 'differs',
  },
  surge: {
    name: 'A surge: goodput stays level, priority calls complete',
    embedded: 'whatever is offered',
    drachtio: 'up to what the server can refuse; beyond, it stops answering before the edge sees anything',
    on: 'both',
  },
  outward: {
    name: 'Calls of the switch outwards, by Route or Request-URI',
    ...{ embedded: 'yes', drachtio: '', on: 'both' },
  },
  registration: {
    name: 'REGISTER',
    embedded: 'with the edge on its Path (RFC 3327), and the flow that it came by (RFC 5626)',
    drachtio: 'passed on; the registrar finds no Path, and no way to a client behind a NAT',
    on: 'differs',
  },
  options: { name: 'OPTIONS to the edge', ...{ embedded: 'answered', drachtio: '', on: 'both' } },
  inDialog: {
    name: 'Requests within dialogs',
    embedded: 'carried, counted, never refused',
    drachtio: 'carried by the server without the edge, and so not counted',
    on: 'differs',
  },
  tracing: {
    name: 'Traces of admitted calls',
    embedded: 'arrival, waiting, each attempt at a switch, final response, dialog; `traceparent` both ways',
    drachtio: 'arrival, waiting, final response; attempts are only counted, `traceparent` is read and not written',
    on: 'differs',
  },
  hep: {
    name: 'Mirroring to HOMER (HEP3)',
    embedded: 'yes',
    drachtio: 'no: the server mirrors by itself, `<capture-server>` in its file or `--homer`',
    on: 'embedded',
  },
  history: {
    name: 'Metrics, `surgegate status`, the console and what it reads',
    ...{ embedded: 'yes', drachtio: '', on: 'both' },
  },
  ringing: {
    name: 'How long a call may ring',
    embedded: '`timers.timerCSeconds`',
    drachtio: 'about three minutes: its own Timer C, which nothing changes',
    on: 'embedded',
  },
  parser: {
    name: 'Malformed messages, floods of fragments, oversized messages',
    embedded: 'refused or dropped, counted, bounded by `limits`',
    drachtio: 'whatever the server does with them: they never come here',
    on: 'embedded',
  },
} as const satisfies Record<string, EngineFeature>;

/** The lines that have a case on a drachtio-server. */
export type DrachtioFeature = {
  [K in keyof typeof engineFeatures]: (typeof engineFeatures)[K]['on'] extends 'embedded' ? never : K;
}[keyof typeof engineFeatures];

/** The list as a Markdown table. */
export function engineTable(): string {
  const rows = Object.values<EngineFeature>(engineFeatures).map(
    ({ name, embedded, drachtio }) => `| ${name} | ${embedded} | ${drachtio === '' ? 'the same' : drachtio} |`,
  );
  return ['| | `engine: embedded` | `engine: drachtio` |', '|---|---|---|', ...rows].join('\n');
}
