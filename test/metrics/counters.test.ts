import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decisions, reasons } from '../../src/admission/reasons.ts';
import { requestClasses } from '../../src/classify/class.ts';
import {
  interfaceIndex,
  interfaceNames,
  RequestCounters,
  ResponseCounters,
  SwitchCounters,
} from '../../src/metrics/counters.ts';
import { HistogramCounts } from '../../src/metrics/histogram-counts.ts';
import { methods } from '../../src/sip/method.ts';

const request = fc.record({
  interface: fc.constantFrom(...interfaceNames),
  method: fc.constantFrom(...methods),
  class: fc.constantFrom(...requestClasses),
  decision: fc.constantFrom(...decisions),
  reason: fc.constantFrom(...reasons),
});

describe('request counters', () => {
  it('add up: each combination has as many as were counted, and the sum is all', () => {
    const counted = fc.array(fc.tuple(request, fc.integer({ min: 1, max: 3 })), { maxLength: 200 });
    fc.assert(
      fc.property(counted, (steps) => {
        const counters = new RequestCounters();
        const expected = new Map<string, number>();
        let total = 0;
        for (const [labels, times] of steps) {
          const key = JSON.stringify(labels);
          for (let i = 0; i < times; i++) {
            const { method, class: requestClass, decision, reason } = labels;
            counters.count(interfaceIndex(labels.interface), method, requestClass, decision, reason);
          }
          expected.set(key, (expected.get(key) ?? 0) + times);
          total += times;
        }
        const found = new Map<string, number>();
        counters.each((labels, count) => found.set(JSON.stringify(labels), count));
        expect(found).toEqual(expected);
        expect(counters.total()).toBe(total);
      }),
      { numRuns: 50 },
    );
  });

  it('tell every combination from every other', () => {
    const counters = new RequestCounters();
    let combinations = 0;
    for (const name of interfaceNames) {
      for (const method of methods) {
        for (const requestClass of requestClasses) {
          for (const decision of decisions) {
            for (const reason of reasons) {
              counters.count(interfaceIndex(name), method, requestClass, decision, reason);
              combinations++;
            }
          }
        }
      }
    }
    let visited = 0;
    counters.each((_labels, count) => {
      if (count === 1) visited++;
    });
    expect(visited).toBe(combinations);
  });
});

describe('response counters', () => {
  it('know interface, direction and hundred', () => {
    const counters = new ResponseCounters();
    counters.count(interfaceIndex('south'), 'sent', 100);
    counters.count(interfaceIndex('south'), 'sent', 199);
    counters.count(interfaceIndex('core'), 'received', 699);
    const found: unknown[] = [];
    counters.each((labels, count) => found.push({ ...labels, count }));
    expect(found).toEqual([
      { interface: 'south', direction: 'sent', code: '1xx', count: 2 },
      { interface: 'core', direction: 'received', code: '6xx', count: 1 },
    ]);
  });

  it('of a switch know the status code', () => {
    const counters = new SwitchCounters();
    for (const status of [180, 200, 503, 503]) counters.countResponse(status);
    const found: [number, number][] = [];
    counters.eachResponse((status, count) => found.push([status, count]));
    expect(found).toEqual([
      [180, 1],
      [200, 1],
      [503, 2],
    ]);
  });
});

describe('a histogram', () => {
  it('puts a value on a bound into the bucket of that bound', () => {
    const histogram = new HistogramCounts([1, 2, 5]);
    for (const value of [0, 1, 1.1, 2, 5, 5.1, 1000]) histogram.observe(value);
    expect([...histogram.counts]).toEqual([2, 2, 1, 2]);
    expect(histogram.count()).toBe(7);
    expect(histogram.sum).toBeCloseTo(1014.2);
  });
});
