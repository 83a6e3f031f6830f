import { describe, expect, it } from 'vitest';
import { type Destination, type Destinations, keyOf, noDestinations } from '../../src/control/destinations.ts';
import { chooseDestinations, covers, netPerSecond } from '../../src/control/gap-choice.ts';

const one = (digits: string, perSecond: number, more: Partial<Destination> = {}): Destination => ({
  digits,
  isPrefix: digits.length < 10,
  perSecond,
  passesAtOnce: 0,
  passesDelayed: 0,
  passesPerSecond: 0,
  answersPerSecond: 0,
  normalCalls: 0,
  surgingMs: 3000,
  surgeCalls: perSecond * 3,
  ...more,
});

const known = (perSecond: number, ...all: Destination[]): Destinations => ({
  ...noDestinations,
  perSecond,
  learnedMs: 60_000,
  normalCalls: 10_000,
  byKey: new Map(all.map((each) => [keyOf(each.digits, each.isPrefix), each])),
});

function chosen(all: Destinations, perSecond: number, gapped: readonly Destination[] = []): string[] {
  const excess = { perSecond, capacityPerSecond: 140, coveredPerSecond: 0 };
  return chooseDestinations(all, gapped, excess, () => 1).map(({ digits }) => digits);
}

describe('what is gapped', () => {
  it('is the fewest numbers that suffice', () => {
    const all = known(3000, one('2125550001', 2000), one('2125550002', 800), one('2125550003', 100));
    expect(chosen(all, 1500)).toEqual(['2125550001']);
    expect(chosen(all, 2700)).toEqual(['2125550001', '2125550002']);
  });

  it('is a number and not its prefixes', () => {
    const all = known(3000, one('2125550001', 2000), one('212555', 2010), one('212', 2020));
    expect(chosen(all, 1900)).toEqual(['2125550001']);
  });

  it('is the longest prefix where no number stands out, and in place of numbers that do not suffice', () => {
    const all = known(3000, one('2125550001', 300), one('212555', 2500), one('212', 2600));
    expect(chosen(all, 2000)).toEqual(['212555']);
  });

  it('is not what a gap is on already', () => {
    const gapped = one('2125550001', 2000);
    expect(chosen(known(3000, gapped, one('2125550002', 800)), 700, [gapped])).toEqual(['2125550002']);
    const town = one('212555', 2000);
    expect(chosen(known(3000, town, one('2125550002', 800)), 700, [town])).toEqual([]);
  });

  it('is nothing where that would not help', () => {
    expect(chosen(known(4000, one('2125550001', 100)), 3800)).toEqual([]);
    expect(chosen(known(4000, one('2125550001', 1000)), 3800)).toEqual([]);
  });

  it('is no number that answers well, unless it is many times what it ever was', () => {
    const good = { passesPerSecond: 20, answersPerSecond: 15 };
    expect(chosen(known(500, one('8005550100', 300, good)), 200)).toEqual([]);
    const normal = { ...good, surgingMs: 500, normalCalls: 2000 };
    expect(chosen(known(500, one('8005550100', 300, normal)), 200)).toEqual([]);
    expect(chosen(known(5000, one('8005550100', 4900, normal)), 4500)).toEqual(['8005550100']);
  });

  it('is a number that never answers, surge or not', () => {
    const hopeless = { passesPerSecond: 100, answersPerSecond: 1, surgingMs: 0, surgeCalls: 0 };
    expect(chosen(known(500, one('8005550100', 300, hopeless)), 200)).toEqual(['8005550100']);
    expect(chosen(known(500, one('8005550100', 300, { surgingMs: 0, surgeCalls: 0 })), 200)).toEqual([]);
  });

  it('is no prefix before normal traffic is known, none that was always large, none that is one good number', () => {
    const town = one('212555', 2000);
    expect(chosen({ ...known(3000, town), learnedMs: 5000 }, 2000)).toEqual([]);
    expect(chosen(known(3000, { ...town, normalCalls: 3000 }), 2000)).toEqual([]);
    const good = one('2125550001', 1900, { passesPerSecond: 100, answersPerSecond: 90 });
    expect(chosen(known(3000, town, good), 2000)).toEqual([]);
    expect(chosen(known(3000, town), 2000)).toEqual(['212555']);
  });
});

it('a rate without what more specific gaps are about', () => {
  const [area, town, number, other] = [
    one('212', 100),
    one('212555', 60),
    one('2125550001', 50),
    one('2127770001', 10),
  ];
  expect(netPerSecond(area, [area, town, number, other])).toBe(30);
  expect(netPerSecond(town, [area, town, number, other])).toBe(10);
  expect(netPerSecond(number, [area, town, number])).toBe(50);
  expect([covers(area, number), covers(number, area), covers(town, other)]).toEqual([true, false, false]);
});
