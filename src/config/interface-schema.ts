// The keys under `interfaces:` (DESIGN.md §3): where we listen, whom we trust, how we push back.
import type * as z from 'zod';
import { cidr, flag, hostPort, list, listenAddress, name, oneOf, origin, path, section, whole } from './fields.ts';

export const pushbacks = ['oc', 'reject', 'retry-after', 'drop'] as const;
/** What we tell a neighbour so that it sends less (DESIGN.md §3). */
export type Pushback = (typeof pushbacks)[number];

/** Calls and requests per second: above what one core can do, so that a typing error is found. */
const rate = (max = 1_000_000) => whole('per second', 1, max);
const burst = () => whole('requests', 1, 1_000_000);

const weight = () => whole('share', 1, 65_535).default(1);

const pushback = () => oneOf(pushbacks);
const pushbackText =
  'How refused ordinary calls are answered. `retry-after`: 503 with a graded Retry-After, which silences the sender ' +
  'for every call (RFC 3261 §21.5.4); `reject`: 503 without it, which refuses one call (RFC 7339 §5.10.2); `drop`: no ' +
  'answer, for sources that ignore all else; `oc`: as `reject`, and who offers overload control in its Via is told how ' +
  'much it may send (RFC 7339, RFC 7415)';

const trust = section({
  resourcePriority: flag().default(false).meta({
    description: 'Honour Resource-Priority from here (RFC 4412 §4.6.4); otherwise it is stripped and counted',
  }),
}).prefault({});

const tls = section({
  certificate: path().meta({ description: 'PEM file with the certificate and its chain (RFC 3261 §26.3.1)' }),
  key: path().meta({ description: 'PEM file with the private key' }),
  ca: path().optional().meta({ description: 'PEM file with the authorities that we accept; default: those of Node' }),
  requestClientCertificate: flag()
    .default(false)
    .meta({ description: 'Demand a client certificate that an authority of `ca` signed (mutual TLS)' }),
});

const webSocket = section({
  origins: list(origin()).optional().meta({
    description:
      'Origins of the web pages that may connect, "*" for any; default: pages of the loopback. Clients that are no browser send none, and always may (RFC 6455 §10.2)',
  }),
  pingSeconds: whole('seconds', 1, 3600).default(30).meta({
    description: 'A client that is silent for so long is pinged, and after as long again closed (RFC 7118 §6)',
  }),
})
  .prefault({})
  .meta({ description: 'The ws: and wss: addresses of `listen` (RFC 7118)' });

const listen = (fallback: string[]) =>
  list(listenAddress(), 1).prefault(fallback).meta({ description: 'Where we listen; port 0 lets the kernel choose' });
const advertise = hostPort().optional().meta({
  description:
    'What Via and Record-Route carry (RFC 3261 §18.1.1); default: the bound address, or the first address of the machine where that is 0.0.0.0 or ::. Without a port: that of each listener',
});
const networks = list(cidr()).prefault([]).meta({
  description:
    'Destinations that are reached through this interface when a switch sends outwards; the longest match wins',
});

const neighbour = section({
  name: name().meta({ description: 'Label in metrics and logs; unique on its interface' }),
  addresses: list(cidr(), 1).meta({
    description: 'Source addresses and blocks of this neighbour; the longest match wins',
  }),
  trust: section({
    resourcePriority: flag().optional().meta({ description: "Overrides the interface's" }),
  }).prefault({}),
  pushback: pushback().optional().meta({ description: "Overrides the interface's" }),
  weight: weight().meta({
    description: "Its part when the interface's share of the switches is divided among its neighbours",
  }),
  admission: section({
    newCallsPerSecond: rate()
      .optional()
      .meta({ description: "This neighbour's own limit of new calls; default: none of its own" }),
    burst: burst()
      .optional()
      .meta({ description: 'New calls it may send at once; default: a fifth of its rate, at least 1' }),
  }).prefault({}),
});

const ownAdmission = section({
  newCallsPerSecond: rate()
    .optional()
    .meta({ description: "The interface's own limit of new calls; default: none of its own" }),
  burst: burst().optional().meta({ description: 'New calls at once; default: a fifth of the rate, at least 1' }),
  registrationsPerSecond: rate()
    .optional()
    .meta({ description: "The interface's own limit of REGISTER; default: none of its own" }),
  registrationBurst: burst()
    .optional()
    .meta({ description: 'REGISTERs at once; default: a fifth of the rate, at least 1' }),
  nonEssentialPerSecond: rate().optional().meta({
    description: "The interface's own limit of OPTIONS, SUBSCRIBE, MESSAGE and the like; default: none of its own",
  }),
  nonEssentialBurst: burst()
    .optional()
    .meta({ description: 'Of these at once; default: a fifth of the rate, at least 1' }),
}).prefault({});

/** An interface on the outside. */
function outside(listenDefault: string[], pushbackDefault: Pushback) {
  return section({
    listen: listen(listenDefault),
    advertise,
    pushback: pushback().default(pushbackDefault).meta({ description: pushbackText }),
    retryAfter: section({
      minSeconds: whole('seconds', 1, 255).default(1).meta({
        description: 'Retry-After when little is refused (RFC 3261 §20.33); the value is jittered',
      }),
      maxSeconds: whole('seconds', 1, 255).default(30).meta({
        description:
          'Retry-After when nearly all is refused; where more come back in a second than there is room for, up to 60 s more',
      }),
    }).prefault({}),
    trust,
    weight: weight().meta({
      description: 'Its part when what the switches can do is divided among the interfaces that ask for more (max-min)',
    }),
    admission: ownAdmission,
    neighbours: list(neighbour)
      .prefault([])
      .meta({ description: 'Elements next to us that are treated otherwise than the rest of the interface' }),
    networks,
    tls: tls.optional().meta({ description: 'Needed where `listen` has a tls: or wss: address' }),
    webSocket,
  });
}

export const south = outside(['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060', 'ws:127.0.0.1:5066'], 'retry-after');
export const east = outside(['udp:127.0.0.1:5070'], 'oc');
export const west = outside(['udp:127.0.0.1:5072'], 'oc');
export const north = outside(['udp:127.0.0.1:5074'], 'oc');

export const core = section({
  listen: listen(['udp:127.0.0.1:5050', 'tcp:127.0.0.1:5050']),
  advertise,
  networks,
  tls: tls
    .optional()
    .meta({ description: 'Needed where `listen` has a tls: or wss: address; also used towards tls: switches' }),
  webSocket,
});

export type InterfaceConfig = z.output<typeof south>;
export type NeighbourConfig = z.output<typeof neighbour>;
export type CoreConfig = z.output<typeof core>;
export type TlsConfig = z.output<typeof tls>;
