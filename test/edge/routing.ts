// Routing without the rest of the edge: listeners, a key, a plan of networks, names that a test knows.
import { parseBlock } from '../../src/admission/cidr.ts';
import type { RoutingParts } from '../../src/edge/next-hop.ts';
import { Places } from '../../src/edge/places.ts';
import { KnownTargets } from '../../src/edge/targets.ts';
import { Marks } from '../../src/forward/marks.ts';
import { hex } from '../../src/sip/keyed-hash.ts';
import type { Peek } from '../../src/sip/peek.ts';
import { Writer } from '../../src/sip/writer.ts';
import type { InterfaceName, TransportName } from '../../src/transport/flow.ts';
import { message, peekText } from '../sip/peek-text.ts';
import { FakeTransports } from './fake-transports.ts';

export const marks = new Marks(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));

const listen: [InterfaceName, TransportName, string, number][] = [
  ['south', 'udp', '192.0.2.1', 5060],
  ['south', 'tcp', '192.0.2.1', 5060],
  ['south', 'udp', '2001:db8::1', 5060],
  ['east', 'udp', '192.0.2.2', 5060],
  ['east', 'tls', '192.0.2.2', 5061],
  ['core', 'udp', '10.0.0.1', 5050],
  ['core', 'tcp', '10.0.0.1', 5050],
];

export const transports = new FakeTransports(
  listen.map(([interfaceName, transport, host, port]) => ({ interfaceName, transport, host, port })),
);

const block = (text: string) => parseBlock(text)!;

export const routing: RoutingParts = {
  places: new Places(transports.listeners),
  transports,
  marks,
  names: {
    find: (host, port, transport) =>
      host === 'known.example'
        ? { address: '203.0.113.50', port: port ?? 5070, transport }
        : host === 'evil.example'
          ? { address: '10.0.0.1', port: port ?? 5050, transport }
          : host === 'failed.example'
            ? 'failed'
            : 'pending',
    whenKnown: () => true,
  },
  networks: [
    { interfaceName: 'east', block: block('203.0.113.0/24') },
    { interfaceName: 'east', block: block('2001:db8:e::/48') },
  ],
  coreNetworks: [],
  defaultInterface: 'south',
  known: new KnownTargets(),
};

/** The UDP flow, or a live connection, between an interface and an address. */
export function flow(interfaceName: InterfaceName, address: string, port = 5060, transport: TransportName = 'udp') {
  const family = address.includes(':') ? 6 : 4;
  const listener = transports.listeners.find(
    (one) => one.interfaceName === interfaceName && one.transport === transport && one.family === family,
  );
  if (listener === undefined) throw new Error(`no ${transport} listener on ${interfaceName}`);
  return transports.flowTo(listener, address, port);
}

/** `routes`: values, each in a line of its own. */
export interface Given {
  method?: string;
  uri?: string;
  via?: string;
  routes?: readonly string[];
  toTag?: string;
  headers?: readonly string[];
}

export function text({ method = 'INVITE', uri = 'sip:bob@example.com', via, routes = [], toTag, headers = [] }: Given) {
  return message(
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via ?? '198.51.100.7:5060;branch=z9hG4bK1'}`,
    ...routes.map((route) => `Route: ${route}`),
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=a1',
    `To: <sip:bob@example.com>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    'Call-ID: c1',
    `CSeq: 1 ${method}`,
    ...headers,
  );
}

export const peeked = (given: Given): Peek => peekText(text(given));
/** The user part that proves the dialog of these requests. */
export const mark = `c${hex(marks.dialog(peeked({})))}`;

/** The branch with which a request is forwarded. */
export function branchOf(p: Peek, listenerId: number, attempt = 0): string {
  const w = new Writer(new Uint8Array(64));
  marks.writeBranch(w, p, listenerId, attempt);
  return Buffer.from(w.bytes.subarray(0, w.at)).toString('latin1');
}
