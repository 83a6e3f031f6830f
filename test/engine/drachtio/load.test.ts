// What is looked at of a server on this host, and not of one elsewhere.
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createServerLoad, isOnThisHost } from '../../../src/engine/drachtio/load.ts';

describe('isOnThisHost', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', ...own])('%s', (host) => {
    expect(isOnThisHost(host)).toBe(true);
  });
  it.each(['203.0.113.1', '2001:db8::1', 'localhost.example.com', ''])('%j is elsewhere', (host) => {
    expect(isOnThisHost(host)).toBe(false);
  });
});

describe('the load of a server elsewhere', () => {
  it('is its lag alone, whatever this host has at the same addresses', () => {
    const told: string[] = [];
    const log = (_: string, text: string) => void told.push(text);
    const load = createServerLoad({ host: '203.0.113.1', methods: ['invite'], metricsUrl: undefined, log });
    const addresses = [{ protocol: 'udp', host: '127.0.0.1', port: 5060 } as const];
    for (const nowMs of [0, 1_000, 2_000]) {
      expect(load.sample(addresses, 7, 0, nowMs)).toEqual({
        cpuRatio: undefined,
        lagMs: 7,
        kernel: [undefined],
        unseenPerSecond: undefined,
      });
    }
    expect(told).toEqual([]);
    load.close();
  });
});
