import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledNumber, GapTable, numberOfDigits } from '../../src/admission/gaps.ts';
import type { Gap, GapLimit } from '../../src/control/throttle.ts';

function called(uri: string): number {
  // must not look outside the URI
  const bytes = new TextEncoder().encode(`9@${uri}1@`);
  return calledNumber(bytes, 2, bytes.length - 2);
}

describe('the called number', () => {
  it.each([
    ['sip:2125551212@example.com', 12125551212],
    ['sips:2125551212@example.com', 12125551212],
    ['SIP:2125551212@example.com:5060;user=phone', 12125551212],
    ['sip:12125551212@example.com', 12125551212],
    ['sip:+12125551212@example.com', 12125551212],
    ['sip:+1-212-555-1212@example.com', 12125551212],
    ['sip:(212)555.1212@example.com', 12125551212],
    ['sip:%2B1212555121%32@example.com', 12125551212],
    ['sip:2125551212;npdi;rn=9@example.com', 12125551212],
    ['sip:2125551212:secret@example.com', 12125551212],
    ['tel:+12125551212', 12125551212],
    ['tel:2125551212;phone-context=+1', 12125551212],
    ['sip:0911@example.com', 10911],
    ['sip:0@example.com', 10],
    ['sip:+442071234567@example.com', 1442071234567],
    ['sip:123456789@example.com', 1123456789],
    ['sip:1234567890@example.com', 11234567890],
    // no area code begins with 0 or 1
    ['sip:10125551212@example.com', 110125551212],
    ['sip:123456789012345@example.com', 1123456789012345],
    ['sip:123456789012345678@example.com', 1123456789012345],
  ])('%s', (uri, number) => expect(called(uri)).toBe(number));

  it.each([
    'sip:bob@example.com',
    'sip:212bob@example.com',
    'sip:*67@example.com',
    'sip:2125551212#@example.com',
    'sip:2+12@example.com',
    'sip:example.com',
    'sip:10.0.0.1',
    'sip:10.0.0.1:5060',
    'sip:+@example.com',
    'sip:@example.com',
    'sip:21%3@example.com',
    'sip:21%G1@example.com',
    'sip:21%3B5@example.com',
    'sip:212%',
    'urn:service:sos',
    'mailto:212@example.com',
    'tel:',
    'tel:bob',
    'sip',
    '',
  ])('none in %s', (uri) => expect(called(uri)).toBe(0));

  it('is what taking the characters apart gives, for any digits and separators', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[-.()0-9]{0,20}$/), (user) => {
        const digits = user.replace(/\D/g, '').slice(0, 15);
        const all = user.replace(/\D/g, '');
        const bare = /^1[2-9]\d{9}$/.test(all) ? digits.slice(1) : digits;
        expect(called(`sip:${user}@example.com`)).toBe(digits === '' ? 0 : Number(`1${bare}`));
      }),
    );
  });
});

const gap = (digits: string, limit: GapLimit, more: Partial<Gap> = {}): Gap => ({
  digits,
  limit,
  cause: 'mass-calling',
  untilMs: Number.POSITIVE_INFINITY,
  ...more,
});
const interval = (intervalMs: number): GapLimit => ({ kind: 'interval', intervalMs });
const share = (passRatio: number): GapLimit => ({ kind: 'share', passRatio });
const number = numberOfDigits('2125551212');

function tableOf(...gaps: Gap[]): GapTable {
  const table = new GapTable();
  table.replace(gaps, 0);
  return table;
}

function passed(table: GapTable, calls: number, everyMs = 1, to = number): number {
  let count = 0;
  for (let i = 0; i < calls; i++) if (table.check(to, i * everyMs)) count++;
  return count;
}

describe('call gapping', () => {
  it('without a gap lets everything pass', () => {
    expect(passed(new GapTable(), 100)).toBe(100);
    expect(passed(tableOf(gap('2125551213', interval(1000)), gap('718', interval(1000))), 100)).toBe(100);
  });

  it('lets the first call pass, then none until the interval is over (E.412)', () => {
    const table = tableOf(gap('2125551212', interval(500)));
    expect([0, 1, 499, 500, 999, 1000, 1700, 2199, 2200].map((ms) => table.check(number, ms))).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('never lets two calls pass within an interval, whatever the arrivals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.array(fc.integer({ min: 0, max: 3000 })), (ms, waits) => {
        const table = tableOf(gap('212555', interval(ms)));
        let now = 0;
        let last = Number.NEGATIVE_INFINITY;
        for (const wait of waits) {
          now += wait;
          const isOpen = now - last >= ms;
          expect(table.check(number, now)).toBe(isOpen);
          if (isOpen) last = now;
        }
      }),
    );
  });

  it('stops all at an infinite interval and none at 0', () => {
    expect(passed(tableOf(gap('212', interval(Number.POSITIVE_INFINITY))), 100)).toBe(0);
    expect(passed(tableOf(gap('212', interval(0))), 100, 0)).toBe(100);
  });

  it('blocks a code by share, evenly and exactly', () => {
    for (const ratio of [0, 0.01, 0.1, 0.3, 0.5, 0.9, 1]) {
      expect(passed(tableOf(gap('212', share(ratio))), 1000)).toBe(Math.round(1000 * ratio));
    }
    const table = tableOf(gap('212', share(0.25)));
    expect([1, 2, 3, 4, 5, 6].map((ms) => table.check(number, ms))).toEqual([true, false, false, false, true, false]);
  });

  it('matches first digits, all of a number, and longer numbers', () => {
    for (const digits of ['2', '212', '212555', '2125551212'])
      expect(passed(tableOf(gap(digits, interval(1e6))), 10)).toBe(1);
    expect(passed(tableOf(gap('21255512123', interval(1e6))), 10)).toBe(10);
    expect(passed(tableOf(gap('0212', interval(1e6))), 10, 1, numberOfDigits('0212555'))).toBe(1);
    expect(passed(tableOf(gap('0212', interval(1e6))), 10)).toBe(10);
    expect(passed(tableOf(gap('123456789012345', interval(1e6))), 10, 1, numberOfDigits('123456789012345'))).toBe(1);
  });

  it('a call without a number passes', () => expect(passed(tableOf(gap('1', interval(1e6))), 10, 1, 0)).toBe(10));

  it('every gap must let it pass, and one that another refuses does not begin an interval', () => {
    const table = tableOf(gap('212555', interval(1000)), gap('2125551212', interval(100)));
    expect(table.check(numberOfDigits('2125550000'), 0)).toBe(true);
    // the number's own gap is open, its prefix's is not
    expect(table.check(number, 500)).toBe(false);
    expect(table.check(number, 1000)).toBe(true);
    const counts: Record<string, number[]> = {};
    table.each(({ digits }, passes, refused) => {
      counts[digits] = [passes, refused];
    });
    expect(counts).toEqual({ '212555': [2, 1], '2125551212': [1, 0] });
  });

  it('two gaps of different kinds or causes on the same digits both count', () => {
    const table = tableOf(gap('212', interval(10)), gap('212', share(0.5), { cause: 'operator' }));
    expect(table.size).toBe(2);
    // each tenth ms opens the interval, and every second call that meets the share passes
    expect(passed(table, 1000)).toBeLessThanOrEqual(100);
    expect(passed(tableOf(gap('212', share(0)), gap('212', interval(0))), 100)).toBe(0);
  });

  it('ends when its time is over', () => {
    const table = tableOf(gap('212', interval(1e6), { untilMs: 5 }));
    expect(passed(table, 10)).toBe(1 + 5);
    table.replace([gap('212', interval(1e6), { untilMs: 5 })], 5);
    expect(table.size).toBe(0);
  });

  it('keeps timer and counts of a gap that stays, also with another interval', () => {
    const table = tableOf(gap('212', interval(1000)), gap('718', interval(1000)));
    expect(table.check(number, 100)).toBe(true);
    table.replace([gap('212', interval(500), { untilMs: 1e6 })], 200);
    expect(table.check(number, 599)).toBe(false);
    expect(table.check(number, 600)).toBe(true);
    const seen: unknown[] = [];
    table.each((one, passes, refused) => seen.push([one.digits, one.untilMs, passes, refused]));
    expect(seen).toEqual([['212', 1e6, 2, 1]]);
    expect(table.check(numberOfDigits('7185551212'), 700)).toBe(true);
    table.replace([], 700);
    expect([table.size, passed(table, 10)]).toEqual([0, 10]);
  });

  it('leaves out what are not digits', () => {
    expect(tableOf(gap('', interval(1)), gap('12a', interval(1)), gap('1'.repeat(16), interval(1))).size).toBe(0);
  });
});
