// What most suites set up: a called party behind a switch behind the edge, with limits that no plain call reaches.
import { type Edge, type EdgeOptions, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import type { Lab } from '../peers/lab-test.ts';
import { type Sipp, type SippOptions, startSipp } from '../peers/sipp.ts';

export const ample = { newCallsPerSecond: 1000, burst: 1000 };

/** `sipp`: the called party is itself the switch. `kamailio`: a stateful proxy and registrar stands before it. */
export type SwitchKind = 'sipp' | 'kamailio';
export const switchKinds: readonly SwitchKind[] = ['sipp', 'kamailio'];

export interface Setting {
  readonly called: Sipp;
  readonly edge: Edge;
  /** `udp:host:port` of what the edge has for its switch. */
  readonly switchAddress: string;
}

export async function setUp(
  lab: Lab,
  uas: string,
  kind: SwitchKind = 'sipp',
  options: { called?: SippOptions; edge?: Partial<EdgeOptions> } = {},
): Promise<Setting> {
  const host = options.edge?.host ?? '127.0.0.1';
  const called = await startSipp(lab, uas, { host, ...options.called });
  const transport = options.called?.transport ?? 'udp';
  const TARGET = `${called.address}${transport === 'tcp' ? ';transport=tcp' : ''}`;
  const before = kind === 'sipp' ? called : await startKamailio(lab, 'switch', { TARGET }, host);
  const switchAddress = `${transport}:${before.address}`;
  const edge = await startEdge(lab, {
    switches: [switchAddress],
    ...options.edge,
    rest: { admission: ample, ...options.edge?.rest },
  });
  return { called, edge, switchAddress };
}
