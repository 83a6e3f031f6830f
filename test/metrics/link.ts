// A link to an orchestrator as metrics and the status see it.
import { failureKinds } from '../../src/congestion/client-options.ts';
import type { LinkView } from '../../src/metrics/link-view.ts';

/** In L1, 800 calls a second allowed. */
export function linkView(some: Partial<LinkView> = {}): LinkView {
  const failures = Object.fromEntries(failureKinds.map((kind) => [kind, 0])) as LinkView['failures'];
  return {
    name: 'host-1:9465',
    isUp: true,
    answeredSecondsAgo: 0.5,
    mode: 'L1',
    isExempt: false,
    allocation: { cpuCores: 0.4, memoryBytes: 1e9 },
    allowed: { cpuCores: 0.2, memoryBytes: 1e9 },
    boundaryPerSecond: 800,
    reductionRatio: 0.25,
    notices: 1,
    messages: {
      registration: { sent: 1 },
      report: { sent: 60 },
      'pre-congestion': { sent: 3, failed: 1 },
      'low-utilisation': { sent: 0, failed: 0 },
      request: { sent: 2, failed: 0 },
    },
    failures: { ...failures, timeout: 2 },
    ...some,
  };
}
