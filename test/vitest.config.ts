import { defineConfig } from 'vitest/config';

const loads = [
  'adapters',
  'demo',
  'engine-drachtio-surge',
  'flood',
  'observability',
  'orchestrator-link',
  'overload-control',
  'reload',
  'surge',
  'surge-changes',
  'switch-death',
];
const underLoad = loads.map((name) => `test/e2e/${name}.test.ts`);

const realPeers = { globalSetup: ['test/peers/install.ts'], testTimeout: 60_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default'],
    // A process of a busy machine may get no turn for seconds. What is wrong fails twice, and what was late is told by the reporter.
    retry: process.env.CI === 'true' ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          testTimeout: 10_000,
          // many wait for sockets and clocks: the default, one less than cores, leaves a small machine idle
          maxWorkers: 2,
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
          exclude: underLoad,
          maxWorkers: 2,
          maxConcurrency: 5,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Those that count calls under load: each alone on the machine, so that a busy one is not taken for a slow edge.
        extends: true,
        test: {
          ...realPeers,
          name: 'load',
          include: underLoad,
          fileParallelism: false,
          maxConcurrency: 6,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
