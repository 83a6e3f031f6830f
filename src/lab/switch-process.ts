// The test switch in a process of its own: limited to so many calls a second where its argument says so. Writes its address, then
// ten times a second what it has done so far.
import { startTestSwitch, type TestSwitchOptions } from './test-switch.ts';
import type { SwitchTick } from './ticks.ts';

export type SwitchOrder = Partial<TestSwitchOptions>;

const order = JSON.parse(process.argv[2] ?? '{}') as SwitchOrder;
const one = await startTestSwitch({ listen: ['udp:127.0.0.1:0'], ...order });
process.stdout.write(`${JSON.stringify({ address: one.addresses[0]?.slice(4) })}\n`);
setInterval(() => {
  const { invites, inviteRetransmissions, confirmed, overloaded, lost } = one.stats();
  const line: SwitchTick = {
    atMs: Date.now(),
    invites,
    retransmissions: inviteRetransmissions,
    confirmed,
    overloaded,
    lost,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}, 100);
