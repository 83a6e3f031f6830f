import { expect, it } from 'vitest';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { replyFlow } from '../../src/edge/refuse.ts';
import type { FakeFlow } from './fake-transports.ts';
import { flow, peeked, routing, transports } from './routing.ts';

// all that is looked at
const parts = { policy: { routing } } as unknown as EdgeParts;
const natted = flow('south', '198.51.100.7', 40_001);
const to = (via: string, from: FakeFlow = natted) => (replyFlow(parts, from, peeked({ via })) as FakeFlow).text;

// RFC 3261 §18.2.2, RFC 3581 §4
it.each([
  ['10.0.0.1:5070;branch=1;rport', 40_001],
  ['10.0.0.1:5070;branch=1', 5070],
  ['10.0.0.1;branch=1', 5060],
  ['host.example : 5071 ;branch=1', 5071],
  ['host.example:\t05072', 5072],
  ['[2001:db8::1];branch=1', 5060],
  ['[2001:db8::1]:5073', 5073],
  ['10.0.0.1:0', 5060],
  ['10.0.0.1:70000', 5060],
  ['10.0.0.1:', 5060],
])('the answer to %s goes to the address it came from, port %d', (via, port) => {
  expect(to(via)).toBe(`south udp 198.51.100.7:${port}`);
});

it('goes back on the connection that the request came by', () => {
  const connection = transports.connect(transports.listeners[1]!, '198.51.100.7', 41_001);
  expect(to('10.0.0.1:5070', connection)).toBe(connection.text);
});
