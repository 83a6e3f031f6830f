import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    reporters: ['default'],
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
        // Real peers over real sockets: after the others and one file at a time, so that a busy machine is not taken
        // for a slow edge.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/peers/install.ts'],
          testTimeout: 60_000,
          hookTimeout: 30_000,
          fileParallelism: false,
          maxConcurrency: 6,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
