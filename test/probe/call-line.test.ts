// What people and programs read of calls.
import { describe, expect, it } from 'vitest';
import { type CallEnd, noEnd } from '../../src/probe/call.ts';
import { callJson, callLine, heldJson, heldLine } from '../../src/probe/call-line.ts';
import { type CallReport, outcomeOf } from '../../src/probe/outcome.ts';

const report = (callClass: CallReport['class'], end: CallEnd): CallReport => ({
  ...{ class: callClass, outcome: outcomeOf(end), end },
});
const answered: CallEnd = { ...noEnd, how: 'answered', status: 200, phrase: 'OK', firstResponseMs: 2, setUpMs: 114.26 };
const refused: CallEnd = {
  ...{ how: 'rejected', status: 503, phrase: 'Service Unavailable', firstResponseMs: 1.7, retryAfterSeconds: 5 },
  ...{ reason: 'Q.850;cause=42;text="Surgegate share"', fault: '' },
};

describe('lines', () => {
  it.each<[CallEnd, string]>([
    [answered, 'completed  200 OK, set-up 114 ms'],
    [refused, 'refused    503 Service Unavailable, first response 2 ms, Retry-After 5 s, by Surgegate: share'],
    [
      { ...refused, status: 480, phrase: 'Gone', reason: 'Q.850;cause=42' },
      'refused    480 Gone, first response 2 ms, Retry-After 5 s, Reason Q.850;cause=42',
    ],
    [
      { ...noEnd, status: 180, phrase: 'Ringing', firstResponseMs: 3 },
      'timeout    180 Ringing and no answer, cancelled, first response 3 ms',
    ],
    [noEnd, 'timeout    no response'],
    [{ ...noEnd, how: 'lost', fault: 'nobody listens there' }, 'failed     no response, nobody listens there'],
    [{ ...answered, fault: 'no answer to BYE' }, 'failed     200 OK, set-up 114 ms, no answer to BYE'],
  ])('%o', (end, line) => expect(callLine(report('ordinary', end))).toBe(`ordinary  ${line}`));

  it('of a round that was held', () => {
    expect(heldLine('ordinary', 4.2)).toBe('ordinary  held       Retry-After has 5 s to go');
  });

  it('as JSON, without what is not known', () => {
    const time = new Date(1_700_000_000_000);
    expect(JSON.parse(callJson(report('priority', answered), time))).toEqual({
      ...{ time: '2023-11-14T22:13:20.000Z', class: 'priority', outcome: 'completed', status: 200, phrase: 'OK' },
      ...{ setUpMs: 114.3, firstResponseMs: 2 },
    });
    expect(JSON.parse(callJson(report('ordinary', refused), time))).toMatchObject({
      ...{ outcome: 'refused', retryAfterSeconds: 5, edgeReason: 'share', reason: refused.reason },
    });
    expect(JSON.parse(heldJson('ordinary', 4.2, time))).toMatchObject({ outcome: 'held', retryAfterSeconds: 5 });
  });
});
