import { expect, it } from 'vitest';
import { destinationOf } from '../../../src/engine/drachtio/destination.ts';

const at = { transport: 'udp', address: '10.0.1.1', port: 5060 } as const;

it.each([
  ['sip:15551230000@192.0.2.1', 'sip:15551230000@10.0.1.1:5060;transport=udp'],
  ['sip:15551230000;npdi@192.0.2.1:5080;user=phone', 'sip:15551230000;npdi@10.0.1.1:5060;user=phone;transport=udp'],
  ['sip:bob:secret@example.com', 'sip:bob:secret@10.0.1.1:5060;transport=udp'],
  ['sips:bob@example.com', 'sip:bob@10.0.1.1:5060;transport=udp'],
  ['sip:192.0.2.1', 'sip:10.0.1.1:5060;transport=udp'],
  ['', 'sip:10.0.1.1:5060;transport=udp'],
  ['sip:bob@[2001:db8::1]:5070;transport=tcp;lr;x=1', 'sip:bob@10.0.1.1:5060;x=1;transport=udp'],
  ['sip:bob@example.com;maddr=10.9.9.9?Subject=a', 'sip:bob@10.0.1.1:5060;transport=udp'],
  ['tel:+15551230000', 'sip:10.0.1.1:5060;transport=udp'],
  ['urn:service:sos', 'sip:10.0.1.1:5060;transport=udp'],
])('%s at a switch', (uri, expected) => expect(destinationOf(uri, at)).toBe(expected));

it.each([
  [{ ...at, transport: 'tcp' }, 'sip:bob@10.0.1.1:5060;transport=tcp'],
  [{ ...at, transport: 'tls', port: 5061 }, 'sip:bob@10.0.1.1:5061;transport=tls'],
  [{ ...at, transport: 'wss' }, 'sip:bob@10.0.1.1:5060;transport=ws'],
  [{ ...at, address: '2001:db8::1' }, 'sip:bob@[2001:db8::1]:5060;transport=udp'],
] as const)('at %j', (place, expected) => expect(destinationOf('sip:bob@example.com', place)).toBe(expected));
