// RFC 7339 §4.3, §4.4, §5.4, §5.7 as tables, and how much may be sent (§7.2; RFC 7415 §3.4).
import { describe, expect, it } from 'vitest';
import { noOc, noteOc, type OcReport, ocInForce } from '../../src/control/oc-client.ts';

const report = (value: number | undefined, validityMs: number | undefined, sequence?: string, algorithm = 'loss') =>
  ({ hasOc: true, value, algorithms: [algorithm], validityMs, sequence }) satisfies OcReport;
const at = (percent: number) => noteOc(noOc, report(percent, 500, '100000.5'), 0);
const loss = (percent: number) => ({ algorithm: 'loss', percent });

describe('noteOc', () => {
  it('holds for the validity, and the default of 500 ms where none is told', () => {
    const one = noteOc(noOc, report(20, 1000, '1.1'), 100);
    expect([ocInForce(one, 100), ocInForce(one, 1099), ocInForce(one, 1100)]).toEqual([loss(20), loss(20), undefined]);
    const two = noteOc(noOc, report(20, undefined, '1.1'), 100);
    expect([ocInForce(two, 599), ocInForce(two, 600)]).toEqual([loss(20), undefined]);
  });

  it('takes a larger number, and neither an equal nor a smaller one', () => {
    const next = (sequence: string) => noteOc(at(20), report(30, 500, sequence), 300);
    expect(ocInForce(next('100000.50001'), 700)).toEqual(loss(30));
    // equal: nor does the validity begin again
    expect(ocInForce(next('100000.50'), 499)).toEqual(loss(20));
    expect(ocInForce(next('100000.50'), 500)).toBeUndefined();
    expect(ocInForce(next('100000.49'), 400)).toEqual(loss(20));
    expect(ocInForce(next('99999.9'), 400)).toEqual(loss(20));
  });

  it('takes any number once the validity has expired, and one that has begun anew before', () => {
    expect(ocInForce(noteOc(at(20), report(30, 500, '100.1'), 500), 600)).toEqual(loss(30));
    expect(ocInForce(noteOc(at(20), report(30, 500, '100.1'), 300), 600)).toEqual(loss(30));
    const small = noteOc(noOc, report(20, 500, '9.1'), 0);
    expect(ocInForce(noteOc(small, report(30, 500, '2.1'), 300), 400)).toEqual(loss(20));
  });

  it('stops at validity 0, and is not woken by what was sent before that', () => {
    const stopped = noteOc(at(20), report(50, 0, '100001.0'), 100);
    expect(ocInForce(stopped, 100)).toBeUndefined();
    expect(ocInForce(noteOc(stopped, report(20, 500, '100000.9'), 200), 200)).toBeUndefined();
    expect(ocInForce(noteOc(stopped, report(20, 500, '100001.1'), 200), 200)).toEqual(loss(20));
    // an old stop stops nothing
    expect(ocInForce(noteOc(at(20), report(0, 0, '100000.4'), 100), 100)).toEqual(loss(20));
    // RFC 7339 §4.3: a stop need not have an oc
    const bare = { ...report(undefined, 0, '100001.0'), hasOc: false, algorithms: [] };
    expect(ocInForce(noteOc(at(20), bare, 100), 100)).toBeUndefined();
  });

  it('takes the first 100 Trying of RFC 7339 §6, which has no number', () => {
    const first = noteOc(noOc, report(0, 0), 0);
    expect(ocInForce(first, 0)).toBeUndefined();
    expect(ocInForce(noteOc(first, report(20, 500, '0.1'), 1), 1)).toEqual(loss(20));
    // but not over one that has
    expect(ocInForce(noteOc(at(20), report(0, 0), 100), 100)).toEqual(loss(20));
  });

  it.each([
    ['a validity without oc', { ...report(undefined, 700, '100001.1'), hasOc: false }],
    ['our own oc, come back', report(undefined, undefined)],
    ['more than 100 percent', report(101, 500, '100001.1')],
    ['an algorithm that is not ours', report(10, 500, '100001.1', 'a')],
    ['two algorithms', { ...report(10, 500, '100001.1'), algorithms: ['loss', 'rate'] }],
  ])('discards %s', (_, one) => {
    expect(ocInForce(noteOc(at(20), one, 100), 400)).toEqual(loss(20));
    expect(ocInForce(noteOc(noOc, one, 100), 400)).toBeUndefined();
  });

  it('takes loss where no algorithm is named, and a change of algorithm', () => {
    expect(ocInForce(noteOc(noOc, { ...report(10, 500, '1.1'), algorithms: [] }, 0), 0)).toEqual(loss(10));
    const rate = noteOc(at(20), report(150, 500, '100001.0', 'rate'), 100);
    expect(ocInForce(rate, 100)).toEqual({ algorithm: 'rate', perSecond: 150 });
  });
});
