// What is before the console: a surge, or an edge with few calls.
import { startCaller } from '../../src/lab/caller.ts';
import { startTestSwitch } from '../../src/lab/test-switch.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import type { Lab } from '../peers/lab-test.ts';
import { capacityPerSecond } from './surge-setting.ts';

/** Ended with the test. */
const surgeMs = 60_000;
/** Ten times what the switch can do, half of it to one number; and priority calls from a trusted peer. */
export function surge(lab: Lab, edge: Edge): void {
  const common = { durationMs: surgeMs, retransmit: true, holdMs: 50 };
  const hot = { hotNumber: '9005550100', hotRatio: 0.5 };
  const rate = 10 * capacityPerSecond;
  const callers = [
    startCaller({ ...common, ...hot, target: `udp:${edge.address.south}`, rate }),
    startCaller({
      ...common,
      target: `udp:${edge.address.east}`,
      rate: 5,
      sources: 10,
      ports: 1,
      callsInRow: 1,
      firstSource: 1_100_000,
      resourcePriority: 'ets.0',
    }),
  ];
  lab.onEnd(() => {
    for (const caller of callers) caller.stop();
  });
}

/** An edge before two switches, so that one of them may be drained; few calls. */
export async function calmEdge(lab: Lab): Promise<Edge> {
  const names = ['sw1', 'sw2'];
  const switches = await Promise.all(names.map(() => startTestSwitch({ listen: ['udp:127.0.0.1:0'] })));
  lab.onEnd(async () => void (await Promise.all(switches.map((one) => one.close()))));
  return startEdge(lab, {
    sides: { south: {}, east: {} },
    switches: names.map((name, i) => ({ name, address: switches[i]!.addresses[0] })),
  });
}
