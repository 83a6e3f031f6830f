// RFC 4475 and RFC 5118 through the whole pipeline: every message gets its verdict, and none is skipped.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ipv6Torture } from '../sip/ipv6-torture-table.ts';
import type { Verdict } from '../sip/torture-row.ts';
import { torture } from '../sip/torture-table.ts';
import type { FakeFlow } from './fake-transports.ts';
import { World } from './harness.ts';

const load = (file: string): Buffer => readFileSync(new URL(`../fixtures/rfc4475/${file}.dat`, import.meta.url));

/** What becomes of one message from a customer. */
function verdictOf(world: World, from: FakeFlow, bytes: Uint8Array): Verdict {
  world.receive(from, bytes);
  const sent = world.transports.sent.splice(0).filter(({ message }) => message.status !== 100);
  const isResponse = world.responses > 0;
  if (sent.length > 1) throw new Error(`${sent.length} messages went out`);
  if (sent.length === 0) return isResponse ? 'response:drop' : 'drop';
  const [{ flow, message }] = sent as [(typeof sent)[0]];
  if (isResponse) return 'response:forward';
  if (message.status === 0) {
    expect(flow.listener.interfaceName).toBe('core');
    return 'forward';
  }
  expect(flow.listener.interfaceName).toBe('south');
  return `${world.count({ decision: 'answer' }) > 0 ? 'answer' : 'reject'}:${message.status}`;
}

describe.each(['udp', 'tcp'] as const)('RFC 4475 over %s', (transport) => {
  // over a connection the framer comes first: there, what datagram faults are to UDP does not exist
  const rows = torture.filter((row) => transport === 'udp' || !['clerr', 'dblreq', 'ncl', 'mcl01'].includes(row.file));

  it('has all the messages', () => expect(rows).toHaveLength(transport === 'udp' ? 49 : 45));

  for (const row of rows) {
    it(`§${row.section} ${row.file}: ${row.title}: ${row.proxy}`, () => {
      const world = new World();
      const from = world.flow('south', '198.51.100.7', 5060, transport);
      const bytes = load(row.file);
      const verdict = verdictOf(world, from, bytes);
      // a status above 699 makes a response none that is counted
      const seen = row.file === 'bigcode' && verdict === 'drop' ? 'response:drop' : verdict;
      expect([row.proxy, ...(row.also ?? [])], row.why).toContain(seen);
      world.pass(300_000);
      expect([world.calls.open, world.calls.openBranches, world.wheel.size, world.surprises]).toEqual([0, 0, 0, []]);
    });
  }
});

describe('RFC 5118', () => {
  for (const row of ipv6Torture) {
    it(`§${row.section} ${row.name}: ${row.parse}`, () => {
      const world = new World({
        interfaces: {
          south: { listen: ['udp:[2001:db8::10]:5060', 'udp:192.0.2.1:5060'] },
          core: { listen: ['udp:[fd00::1]:5050'] },
        },
        switches: [{ name: 'sw1', address: 'udp:[fd00::5]:5060' }],
      });
      const body = row.body ?? '';
      const text = `${[row.startLine, ...row.headers].join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const verdict = verdictOf(world, world.flow('south', '2001:db8::9:1'), Buffer.from(text, 'latin1'));
      if (row.startLine.startsWith('SIP/2.0')) expect(verdict).toBe('response:drop');
      else if (row.parse === 400) expect(verdict).toBe('reject:400');
      else expect(['forward', 'answer:200']).toContain(verdict);
    });
  }
});
