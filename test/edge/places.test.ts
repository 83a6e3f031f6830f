import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hostPort } from '../../src/edge/own-lines.ts';
import { numericHost, Places, transportOf } from '../../src/edge/places.ts';
import { parseUri } from '../../src/sip/uri.ts';
import { FakeTransports } from './fake-transports.ts';

const { listeners } = new FakeTransports([
  {
    interfaceName: 'south',
    transport: 'udp',
    host: '0.0.0.0',
    port: 5060,
    advertise: { host: 'Edge.example.com', port: 5070 },
  },
  {
    interfaceName: 'south',
    transport: 'tls',
    host: '0.0.0.0',
    port: 5061,
    advertise: { host: 'edge.example.com', port: undefined },
  },
  { interfaceName: 'east', transport: 'udp', host: '192.0.2.2', port: 5060 },
  { interfaceName: 'east', transport: 'udp', host: '2001:db8::2', port: 5060 },
  { interfaceName: 'core', transport: 'udp', host: '127.0.0.1', port: 5050 },
  { interfaceName: 'core', transport: 'udp', host: '10.0.0.1', port: 5050 },
  { interfaceName: 'core', transport: 'tcp', host: '10.0.0.1', port: 5050 },
  { interfaceName: 'south', transport: 'ws', host: '192.0.2.1', port: 8080 },
  { interfaceName: 'south', transport: 'wss', host: '192.0.2.1', port: 8443 },
  {
    interfaceName: 'south',
    transport: 'wss',
    host: '192.0.2.1',
    port: 8444,
    advertise: { host: 'web.example.com', port: 443 },
  },
]);
const places = new Places(listeners);
const idOf = (uri: string) => places.listenerOf(parseUri(uri)!)?.id;

describe('the listener that a URI names', () => {
  it.each([
    ['sip:edge.example.com:5070', 0],
    ['sip:x@EDGE.Example.com:5070;lr', 0],
    ['sip:edge.example.com:5060', 0],
    ['sip:edge.example.com', 0],
    ['sip:edge.example.com:5070;transport=UDP', 0],
    ['sip:edge.example.com:5070;transport=tcp', undefined],
    ['sips:edge.example.com', 1],
    ['sip:edge.example.com;transport=tls', 1],
    ['sip:192.0.2.2', 2],
    ['sip:192.0.2.2:5061', undefined],
    ['sip:[2001:DB8::2]:5060', 3],
    ['sip:10.0.0.1:5050', 5],
    ['sip:10.0.0.1:5050;transport=tcp', 6],
    ['sip:10.0.0.1', undefined],
    // RFC 7118 §5.2, §5.5: URIs say `ws`, with TLS too; ports 80 and 443
    ['sip:192.0.2.1:8080;transport=ws', 7],
    ['sip:192.0.2.1:8080', 7],
    ['sip:192.0.2.1:8080;transport=tcp', undefined],
    ['sip:192.0.2.1:8080;transport=wss', undefined],
    ['sips:192.0.2.1:8080;transport=ws', undefined],
    ['sip:192.0.2.1:8443;transport=ws', 8],
    ['sip:192.0.2.1:8443;transport=WSS', 8],
    ['sips:192.0.2.1:8443;transport=ws', 8],
    ['sips:web.example.com;transport=ws', 9],
    ['sip:web.example.com;transport=ws', undefined],
    ['tel:+15551230000', undefined],
    ['urn:service:sos', undefined],
  ])('%s is %s', (uri, id) => {
    expect(idOf(uri)).toBe(id);
  });
});

describe('the transport that a URI asks for', () => {
  it.each([
    ['sip:a', undefined],
    ['sip:a;transport=UDP', 'udp'],
    ['sip:a;transport=tcp', 'tcp'],
    ['sip:a;transport=tls', 'tls'],
    ['sip:a;transport=sctp', undefined],
    ['sips:a', 'tls'],
    ['sips:a;transport=tcp', 'tls'],
    // RFC 3261 §26.2.2: never in the clear
    ['sips:a;transport=udp', 'tls'],
    ['sip:a;transport=WS', 'ws'],
    ['sip:a;transport=wss', 'wss'],
    ['sips:a;transport=ws', 'wss'],
    ['sips:a;transport=wss', 'wss'],
  ])('%s: %s', (uri, transport) => {
    expect(transportOf(parseUri(uri)!)).toBe(transport);
  });
});

describe('from where an address is reached', () => {
  it.each([
    ['core', 'udp', '127.0.0.1', 4],
    ['core', 'udp', '10.0.0.9', 5],
    ['core', 'tcp', '127.0.0.1', 6],
    ['core', 'udp', '2001:db8::9', undefined],
    ['east', 'udp', '2001:db8::9', 3],
    ['east', 'tcp', '192.0.2.9', undefined],
  ] as const)('%s %s %s', (interfaceName, transport, address, id) => {
    expect(places.towards(interfaceName, transport, address)?.id).toBe(id);
  });
});

describe('what would come back to ourselves', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map((one) => one.address) ?? []);
  it.each([
    ['udp', '10.0.0.1', 5050, true],
    ['udp', '10.0.0.1', 5060, false],
    ['udp', '10.0.0.2', 5050, false],
    ['tls', '10.0.0.1', 5050, false],
    ['udp', '192.0.2.2', 5060, true],
    // the same address in other words
    ['udp', '2001:db8:0:0::2', 5060, true],
    ['udp', '2001:0DB8::0002', 5060, true],
    ['udp', '::ffff:10.0.0.1', 5050, true],
    ['udp', '0.0.0.0', 5050, true],
    ['udp', '::', 1, true],
    // a listener on every address has the loopback, and one on an address has not
    ['udp', '127.0.0.99', 5060, true],
    ['tls', '127.0.0.1', 5061, true],
    ['udp', '127.0.0.1', 5050, true],
    ['udp', '127.0.0.2', 5050, false],
    ['udp', '127.0.0.1', 5055, false],
    ['udp', 'no address', 5050, true],
  ] as const)('%s %s %d: %s', (transport, address, port, expected) => {
    expect(places.isOurs(transport, address, port)).toBe(expected);
  });
  it.each(own)('%s, an address of this machine, where a listener is on every one', (address) => {
    expect(places.isOurs('udp', address, 5060)).toBe(true);
  });
});

it('writes host and port as Via carries them, and reads numeric hosts', () => {
  expect(listeners.slice(0, 4).map(hostPort)).toEqual([
    'Edge.example.com:5070',
    'edge.example.com:5061',
    '192.0.2.2:5060',
    '[2001:db8::2]:5060',
  ]);
  expect(['[::1]', '192.0.2.1', 'a.example', '1.2.3', '192.0.2.1.example'].map(numericHost)).toEqual([
    '::1',
    '192.0.2.1',
    undefined,
    undefined,
    undefined,
  ]);
});
