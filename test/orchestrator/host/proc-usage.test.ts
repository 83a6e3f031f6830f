// The kernel's own account of the host, as Linux 6 prints it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseCpuTicks,
  parseDiskstats,
  parseLinkSpeed,
  parseMemory,
  parseNetDev,
} from '../../../src/orchestrator/host/proc-usage.ts';

const stat = `cpu  1615449 54573 402568 2552046 3332 7 76854 1791 500 20
cpu0 840618 27095 177717 1277006 1004 0 27217 957 0 0
cpu3 774831 27478 224850 1275040 2328 0 49636 833 0 0
intr 39503562 0 0
ctxt 93859227
`;
const meminfo =
  'MemTotal:       24684092 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\nBuffers: 1 kB\n';
const diskstats = `   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 396119 52654 21856898 405503 90953 286422 20729984 153039 0 91020 593667 201260 99 17243856 34595 3562 528
 259       1 nvme0n1p1 10 0 8 1 20 0 16 2 0 3 4
`;
const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 325798700979 369423046    0    0    0     0          0         0 325798700979 369423046    0    0    0     0       0          0
  eth0:1827312421   48539    0    0    0     0          0         0  4084931   32169    0    0    0     0       0          0
eth0:1:       5       0    0    0    0     0          0         0        6       0    0    0    0     0       0          0
`;

describe('/proc/stat', () => {
  it('counts what is stolen as busy, and waiting for disks as idle', () => {
    expect(parseCpuTicks(stat)).toEqual({
      busy: 1615449 + 54573 + 402568 + 7 + 76854 + 1791,
      idle: 2552046 + 3332,
      cores: 2,
    });
  });

  it.each([
    ['an old kernel with four fields', 'cpu  1 2 3 4\ncpu0 1 2 3 4\n', { busy: 6, idle: 4, cores: 1 }],
    ['no line of all processors', 'cpu0 1 2 3 4\n', undefined],
    ['no processor', 'cpu  1 2 3 4\n', undefined],
    ['a field that is no number', 'cpu  1 x 3 4\ncpu0 1 2 3 4\n', undefined],
    ['a negative field', 'cpu  1 -2 3 4\ncpu0 1 2 3 4\n', undefined],
    ['too few fields', 'cpu  1 2 3\ncpu0 1 2 3\n', undefined],
    ['nothing', '', undefined],
  ])('%s', (_what, text, expected) => expect(parseCpuTicks(text)).toEqual(expected));
});

describe('/proc/meminfo', () => {
  it('uses what is not available', () => {
    expect(parseMemory(meminfo)).toEqual({ maximum: 24_684_092 * 1024, used: 4_684_092 * 1024 });
  });

  it.each([
    ['no MemAvailable (before Linux 3.14)', 'MemTotal: 5 kB\n', undefined],
    ['more available than there is', 'MemTotal: 5 kB\nMemAvailable: 6 kB\n', { maximum: 5120, used: 0 }],
    ['another unit', 'MemTotal: 5 MB\nMemAvailable: 6 MB\n', undefined],
    ['nothing', '', undefined],
  ])('%s', (_what, text, expected) => expect(parseMemory(text)).toEqual(expected));
});

describe('/proc/diskstats', () => {
  it('adds what is read and written, in sectors of 512 bytes', () => {
    expect([...parseDiskstats(diskstats)]).toEqual([
      ['loop0', 0],
      ['vda', (21_856_898 + 20_729_984) * 512],
      ['nvme0n1p1', 24 * 512],
    ]);
  });

  it.each([
    ['a short line', '8 0 sda 1 2 3\n'],
    ['a field that is no number', '8 0 sda 1 2 x 4 5 6 7\n'],
    ['nothing', ''],
  ])('passes over %s', (_what, text) => expect([...parseDiskstats(text)]).toEqual([]));
});

describe('/proc/net/dev', () => {
  it('reads both directions, also where no blank follows the colon, and of an alias', () => {
    expect([...parseNetDev(netDev)]).toEqual([
      ['lo', { received: 325_798_700_979, sent: 325_798_700_979 }],
      ['eth0', { received: 1_827_312_421, sent: 4_084_931 }],
      ['eth0:1', { received: 5, sent: 6 }],
    ]);
  });

  it.each([
    ['a short line', 'eth0: 1 2 3\n'],
    ['a field that is no number', 'eth0: 1 2 3 4 5 6 7 x 9\n'],
  ])('passes over %s', (_what, text) => expect([...parseNetDev(text)]).toEqual([]));
});

it.each([
  ['1000\n', 125_000_000],
  ['-1\n', undefined],
  ['0\n', undefined],
  ['', undefined],
  ['fast', undefined],
])('a speed of %j is %j bytes a second', (text, expected) => expect(parseLinkSpeed(text)).toBe(expected));

it('whatever the text, nothing throws and no number is negative or none', () => {
  const piece = fc.constantFrom(
    stat,
    meminfo,
    diskstats,
    netDev,
    'cpu  ',
    'cpu0 ',
    ' kB',
    ':',
    ' ',
    '\n',
    '-1',
    '9'.repeat(30),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string(), fc.nat().map(String))), fc.nat(2000), (pieces, from) => {
      const text = pieces.join('').slice(from % 50);
      const { busy = 0, idle = 0, cores = 1 } = parseCpuTicks(text) ?? {};
      const { maximum = 0, used = 0 } = parseMemory(text) ?? {};
      const network = [...parseNetDev(text).values()].flatMap(({ received, sent }) => [received, sent]);
      const all = [
        busy,
        idle,
        cores,
        maximum,
        used,
        parseLinkSpeed(text) ?? 0,
        ...parseDiskstats(text).values(),
        ...network,
      ];
      for (const value of all) expect(value).toBeGreaterThanOrEqual(0);
      expect(cores).toBeGreaterThan(0);
    }),
  );
});
