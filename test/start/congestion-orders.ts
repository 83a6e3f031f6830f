// Orders of an orchestrator as an edge gets them.
import type { Orders } from '../../src/congestion/orders.ts';

/** Nothing is asked for. */
export function congestionOrders(some: Partial<Orders> = {}): Orders {
  return {
    orchestrator: 'host-1',
    application: 'surgegate',
    session: 'session-1',
    sequence: 1,
    validitySeconds: 10,
    mode: modeReport('L0'),
    exempt: false,
    allocation: { maximum: {}, current: {}, available: {} },
    notices: [],
    forced: [],
    suspended: false,
    controls: [],
    ...some,
  };
}

export function modeReport(mode: Orders['mode']['mode'], reductionRatio = 0): Orders['mode'] {
  const attributes = { dumpNonEssential: mode !== 'L0', reductionRatio, slowed: mode === 'L3' };
  return { orchestrator: 'host-1', mode, sinceSeconds: 1, causes: [], attributes };
}

export const notice = (target: Orders['notices'][number]['target']): Orders['notices'][number] => ({
  id: `notice ${JSON.stringify(target)}`,
  kind: 'start-load-shedding',
  target,
  deadlineSeconds: 10,
  cause: 'short of it',
});
