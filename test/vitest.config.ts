import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const lightLoads = ['orchestrator-link', 'reload', 'switch-death'];
const loads = [
  'adapters',
  'demo',
  'engine-drachtio-surge',
  'flood',
  'observability',
  'overload-control',
  'surge',
  'surge-changes',
];
const filesOf = (names: readonly string[]): string[] => names.map((name) => `test/e2e/${name}.test.ts`);

/** Begun before the others of their project: a fresh clone does not know how long each takes, and one that is long is not to be the last. */
const slow = [
  'e2e/engine-drachtio',
  'e2e/basic-calls',
  'e2e/package',
  'e2e/probe',
  'e2e/hep',
  'e2e/tracing',
  'e2e/web-socket',
  'e2e/transports',
  'e2e/restart',
  'e2e/interfaces',
  'e2e/outward',
  'e2e/orchestrator',
  'e2e/torture',
  'e2e/clients-chromium',
  'sim/surgegate-edge',
  'engine/drachtio/self-test',
  'transport/web-socket-limits',
  'congestion/client-faults',
  'prometheus/rules',
  'admin/real-run',
  'control/detection',
  'control/capacity',
  'lab/batch-job',
  'engine/drachtio/link-loss',
  'cli/cli',
  'congestion/client-outage',
  'fakes/drachtio-proxy',
  'lab/web-application',
];
const placeOf = ({ moduleId }: TestSpecification): number => {
  const at = slow.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? slow.length : at;
};
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

const realPeers = { globalSetup: ['test/peers/install.ts'], testTimeout: 60_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default'],
    // A process of a busy machine may get no turn for seconds. What is wrong fails twice, and what was late is told by the reporter.
    retry: process.env.CI === 'true' ? 1 : 0,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          testTimeout: 10_000,
          // many wait for sockets and clocks: the default, one less than cores, leaves a small machine idle
          maxWorkers: 3,
          // most are over in less time than a process of their own needs to start and to read its modules
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real peers over real sockets, after the others. They wait more than they work: two files at a time.
        extends: true,
        test: {
          ...realPeers,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: filesOf([...lightLoads, ...loads]),
          maxWorkers: 2,
          maxConcurrency: 5,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // A few calls a second that are lost where the machine has no time for them: two files at a time, and no others.
        extends: true,
        test: {
          ...realPeers,
          name: 'light-load',
          include: filesOf(lightLoads),
          maxWorkers: 2,
          maxConcurrency: 6,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Those that count calls under load: each alone on the machine, so that a busy one is not taken for a slow edge.
        extends: true,
        test: {
          ...realPeers,
          name: 'load',
          include: filesOf(loads),
          fileParallelism: false,
          maxConcurrency: 6,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
