// Refused, failed or timed out, and what the process says to the monitoring.
import { describe, expect, it } from 'vitest';
import { type CallClass, type CallEnd, noEnd, rejectionOf } from '../../src/probe/call.ts';
import { type CallOutcome, edgeReason, exitStatus, outcomeOf } from '../../src/probe/outcome.ts';

const rejected = (status: number, reason = ''): CallEnd => ({ ...noEnd, how: 'rejected', status, reason });
const byEdge = (reason: string): string => `Q.850;cause=42;text="Surgegate ${reason}"`;

describe('outcomeOf', () => {
  it.each<[string, CallEnd, CallOutcome]>([
    ['answered and hung up', { ...noEnd, how: 'answered', status: 200 }, 'completed'],
    ['answered, and the BYE failed', { ...noEnd, how: 'answered', status: 200, fault: 'no answer to BYE' }, 'failed'],
    ['refused by the edge', rejected(503, byEdge('share')), 'refused'],
    ['refused because of an order', rejected(503, byEdge('draining')), 'refused'],
    ['no switch is up: nobody has done his work', rejected(503, byEdge('no-switch')), 'failed'],
    ['503 of a switch', rejected(503), 'refused'],
    ['a gateway made a 480 of it', rejected(480, 'Q.850;cause=42'), 'refused'],
    ['another cause behind it', rejected(480, 'SIP;cause=600, Q.850 ; cause=42 ;text="x"'), 'refused'],
    ['480 for another reason', rejected(480, 'Q.850;cause=20'), 'failed'],
    ['cause 42 of another protocol', rejected(480, 'SIP;cause=42'), 'failed'],
    ['a longer number', rejected(480, 'Q.850;cause=421'), 'failed'],
    ['busy', rejected(486), 'failed'],
    ['the dial plan', rejected(404), 'failed'],
    ['credentials asked for', rejected(407), 'failed'],
    ['an error of a switch', rejected(500), 'failed'],
    ['moved', rejected(302), 'failed'],
    ['somebody behind waited too long', rejected(408), 'timeout'],
    ['nothing came', noEnd, 'timeout'],
    ['rang too long', { ...noEnd, status: 180 }, 'timeout'],
    ['nobody there', { ...noEnd, how: 'lost', fault: 'nobody listens there' }, 'failed'],
  ])('%s', (_, end, outcome) => expect(outcomeOf(end)).toBe(outcome));
});

it('edgeReason', () => {
  expect(edgeReason(byEdge('neighbour-share'))).toBe('neighbour-share');
  expect(edgeReason('Q.850;cause=42;text="Congestion"')).toBeUndefined();
  expect(edgeReason('')).toBeUndefined();
});

it('rejectionOf: seconds of Retry-After (RFC 3261 §20.33)', () => {
  const seconds = (text: string | undefined, status = 503) => rejectionOf(status, text, undefined).retryAfterSeconds;
  expect([seconds('5'), seconds('120 (I am in a meeting)'), seconds('3600;duration=60')]).toEqual([5, 120, 3600]);
  expect([seconds(undefined), seconds(''), seconds('soon'), seconds('-1')]).toEqual(new Array(4).fill(undefined));
});

describe('exitStatus', () => {
  const ends: Record<string, [CallOutcome, CallEnd]> = {
    completed: ['completed', { ...noEnd, how: 'answered', status: 200 }],
    refused: ['refused', rejected(503)],
    timeout: ['timeout', noEnd],
    gone: ['failed', { ...noEnd, how: 'lost', fault: 'nobody listens there' }],
  };
  const report = (callClass: CallClass, name: string) => {
    const [outcome, end] = ends[name]!;
    return { class: callClass, outcome, end };
  };
  it.each([
    ['completed', 'completed', 0],
    ['refused', 'completed', 1],
    ['timeout', 'completed', 1],
    ['gone', 'completed', 1],
    ['completed', 'refused', 2],
    ['refused', 'timeout', 2],
    ['timeout', 'gone', 2],
    ['gone', 'gone', 3],
  ])('ordinary %s, priority %s: %i', (ordinary, priority, status) =>
    expect(exitStatus([report('ordinary', ordinary), report('priority', priority)])).toBe(status),
  );
  it('nothing at all', () => expect(exitStatus([])).toBe(3));
});
