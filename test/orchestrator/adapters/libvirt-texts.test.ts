// What virsh 9 writes, of qemu and of its test driver.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  balloonOf,
  parseCount,
  parseCpuSeconds,
  parseDomstats,
  parseMemstat,
  parseSchedinfo,
  parseSize,
  sumOf,
} from '../../../src/orchestrator/adapters/libvirt-texts.ts';

const domstats = `virsh # domstats --nowait web
Domain: 'web'
  state.state=1
  state.reason=1
  cpu.time=2345678901
  balloon.current=2097152
  balloon.usable=1048576
  block.count=2
  block.0.name=vda
  block.0.rd.bytes=100
  block.1.rd.bytes=20
  net.0.rx.bytes=7
`;

it('domstats: numbers by name, sums over devices', () => {
  const values = parseDomstats(domstats);
  expect(values.get('cpu.time')).toBe(2_345_678_901);
  expect(values.get('block.0.name')).toBeUndefined();
  expect(sumOf(values, /^block\.\d+\.rd\.bytes$/)).toBe(120);
  expect(sumOf(values, /^net\.\d+\.tx\.bytes$/)).toBeUndefined();
});

it('dommemstat: what the guest needs, where it tells', () => {
  expect(parseMemstat('actual 2048\nswap_in 0\nunused 512\nusable 1024\nrss 9\n')).toEqual({
    actual: 2048 * 1024,
    needed: 1024 * 1024,
  });
  expect(parseMemstat('actual 2048\nunused 512\n')?.needed).toBe(1536 * 1024);
  expect(parseMemstat('actual 2048\nlast_update 0\n')?.needed).toBeUndefined();
  expect(balloonOf(1, 5)).toEqual({ actual: 1024, needed: 0 });
  expect(parseMemstat('')).toBeUndefined();
});

describe('schedinfo', () => {
  const text = (quota: string): string =>
    `Scheduler      : posix\ncpu_shares     : 1024\nvcpu_period    : 100000\nvcpu_quota     : ${quota}\n`;
  it.each([
    ['50000', { quotaUs: 50_000, periodUs: 100_000 }],
    ['-1', { quotaUs: undefined, periodUs: 100_000 }],
    ['0', { quotaUs: undefined, periodUs: 100_000 }],
    ['18446744073709551', { quotaUs: undefined, periodUs: 100_000 }],
    ['none', undefined],
  ])('a quota of %s', (quota, expected) => expect(parseSchedinfo(text(quota))).toEqual(expected));

  it('without a quota there is none', () =>
    expect(parseSchedinfo('Scheduler      : fair\nweight         : 50\n')).toBeUndefined());
});

describe('dumpxml', () => {
  it.each([
    [
      "<currentMemory unit='KiB'>2048</currentMemory><vcpu placement='static'>4</vcpu>",
      { vcpus: 4, memoryBytes: 2_097_152 },
    ],
    [
      "<currentMemory unit='KiB'>2048</currentMemory><vcpu placement='static' current='3'>4</vcpu>",
      { vcpus: 3, memoryBytes: 2_097_152 },
    ],
    ["<currentMemory unit='KiB'>2048</currentMemory>", undefined],
    ['<vcpu>4</vcpu>', undefined],
  ])('%s', (xml, size) => expect(parseSize(xml)).toEqual(size));
});

it('the one number of a command, the seconds of cpu-stats', () => {
  expect(parseCount('virsh # vcpucount --live web3\n2\n\n')).toBe(2);
  expect(parseCount('virsh # vcpucount\n')).toBeUndefined();
  expect(parseCpuSeconds('Total:\n\tcpu_time            48.772617035 seconds\n\tuser_time 5.5 seconds\n')).toBe(
    48.772617035,
  );
  expect(parseCpuSeconds('Total:\n')).toBeUndefined();
});

it('whatever the text, nothing throws and nothing is negative', () => {
  const piece = fc.constantFrom(
    domstats,
    'actual ',
    'vcpu_quota : ',
    'vcpu_period : ',
    '-1',
    '\n',
    '<vcpu>',
    '</vcpu>',
    '5',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string(), fc.nat().map(String))), (pieces) => {
      const text = pieces.join('');
      const balloon = parseMemstat(text);
      const values = [
        ...parseDomstats(text).values(),
        parseCount(text),
        parseCpuSeconds(text),
        balloon?.actual,
        balloon?.needed,
      ];
      for (const value of [...values, parseSchedinfo(text)?.periodUs, parseSize(text)?.vcpus]) {
        expect(value ?? 0).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
