// Texts of control group files and the amounts they mean.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coresOf,
  fieldOf,
  memoryLimitText,
  parseCfs,
  parseCpuMax,
  parseIoMax,
  parseIoStat,
  parseMemoryLimit,
  parseServiceBytes,
  parseThrottle,
  quotaOf,
  wholeNumber,
} from '../../../src/orchestrator/adapters/cgroup-values.ts';

describe('processor time', () => {
  it.each([
    ['max 100000\n', undefined],
    ['150000 100000\n', 1.5],
    ['25000 50000', 0.5],
    ['1000 0\n', undefined],
    ['-1 100000\n', undefined],
    ['100000', undefined],
    ['', undefined],
  ])('cpu.max %j is %j cores', (text, cores) => expect(coresOf(parseCpuMax(text))).toBe(cores));

  it.each([
    ['-1\n', '100000\n', undefined],
    ['50000\n', '100000\n', 0.5],
    ['50000\n', '', undefined],
    ['50000\n', '0\n', undefined],
    ['x', '100000\n', undefined],
  ])('a quota of %j per %j is %j cores', (quota, period, cores) =>
    expect(coresOf(parseCfs(quota, period))).toBe(cores),
  );

  it('a quota is never less than the kernel takes', () => {
    expect(quotaOf(1.5, 100_000)).toBe(150_000);
    expect(quotaOf(0, 100_000)).toBe(1000);
  });

  it('what is written is what is read', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 512, noNaN: true }),
        fc.integer({ min: 1000, max: 1e6 }),
        (cores, periodUs) => {
          fc.pre(cores * periodUs >= 1000);
          const read = coresOf(parseCpuMax(`${quotaOf(cores, periodUs)} ${periodUs}\n`));
          expect(Math.abs(read! - cores)).toBeLessThanOrEqual(1 / periodUs);
        },
      ),
    );
  });
});

describe('memory', () => {
  it.each([
    ['max\n', undefined],
    ['9223372036854771712\n', undefined],
    ['1048576\n', 1_048_576],
    ['0\n', 0],
    ['-1\n', undefined],
    ['', undefined],
  ])('a limit of %j is %j bytes', (text, bytes) => expect(parseMemoryLimit(text)).toBe(bytes));

  it.each([
    [undefined, 2, 'max'],
    [undefined, 1, '-1'],
    [5_000_000.7, 2, '5000000'],
    [0, 1, '1048576'],
  ] as const)('%j bytes in version %j is written as %j', (bytes, version, text) =>
    expect(memoryLimitText(bytes, version)).toBe(text),
  );

  it('reads one field of many, and not one that only begins like it', () => {
    const text = 'inactive_file_old 3\ninactive_file 7\ntotal_inactive_file 9\n';
    expect(fieldOf(text, 'inactive_file')).toBe(7);
    expect(fieldOf(text, 'inactive')).toBeUndefined();
    expect(fieldOf('inactive_file x', 'inactive_file')).toBeUndefined();
  });
});

describe('disks', () => {
  it('adds bytes read and written of all devices', () => {
    expect(parseIoStat('8:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=7 dios=0\n8:16 rbytes=1 wbytes=2\n')).toBe(123);
    expect(parseServiceBytes('8:0 Read 100\n8:0 Write 20\n8:0 Sync 120\n8:0 Total 120\nTotal 120\n')).toBe(120);
    expect(parseIoStat('')).toBe(0);
  });

  it.each([
    ['8:0 rbps=1000 wbps=500 riops=max wiops=max\n', '8:0', 1500],
    ['8:0 rbps=1000 wbps=max riops=max wiops=max\n', '8:0', undefined],
    ['8:16 rbps=1 wbps=1\n', '8:1', undefined],
    ['', '8:0', undefined],
  ])('io.max %j of %s is %j', (text, device, limit) => expect(parseIoMax(text, device)).toBe(limit));

  it.each([
    ['8:0 1000\n8:16 5\n', '8:16', 5],
    ['8:16 5\n', '8:1', undefined],
    ['', '8:0', undefined],
  ])('a throttle of %j of %s is %j', (text, device, limit) => expect(parseThrottle(text, device)).toBe(limit));
});

it('whatever the text, nothing throws and nothing is negative', () => {
  const piece = fc.constantFrom('max', ' 100000', '\n', '8:0 ', 'rbps=', 'wbps=', 'Read ', '-1', '9'.repeat(25), '0');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string(), fc.nat().map(String))), (pieces) => {
      const text = pieces.join('');
      const values = [
        coresOf(parseCpuMax(text)),
        coresOf(parseCfs(text, text)),
        parseMemoryLimit(text),
        wholeNumber(text),
        fieldOf(text, '8:0'),
        parseIoStat(text),
        parseServiceBytes(text),
        parseIoMax(text, '8:0'),
        parseThrottle(text, '8:0'),
      ];
      for (const value of values) expect(value ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
