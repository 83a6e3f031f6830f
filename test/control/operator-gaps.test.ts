import { describe, expect, it } from 'vitest';
import {
  expireGaps,
  type GapRequest,
  gapDigits,
  listGaps,
  noOperatorGaps,
  type OperatorGaps,
  placeGap,
  removeGap,
} from '../../src/control/operator-gaps.ts';

const request = (more: Partial<GapRequest> = {}): GapRequest => ({
  digits: '2125551212',
  intervalSeconds: 5,
  seconds: 60,
  ...more,
});

function placed(...requests: GapRequest[]): OperatorGaps {
  return requests.reduce((gaps, one) => {
    const result = placeGap(gaps, one, 1000);
    if ('error' in result) throw new Error(result.error);
    return result.gaps;
  }, noOperatorGaps);
}

it('places a gap and tells it', () => {
  expect(placeGap(noOperatorGaps, request(), 1000)).toMatchObject({
    placed: {
      digits: '2125551212',
      limit: { kind: 'interval', intervalMs: 5000 },
      cause: 'operator',
      untilMs: 61_000,
    },
  });
  expect(listGaps(placed(request(), request({ digits: '212' })), 1000).map(({ digits }) => digits)).toEqual([
    '212',
    '2125551212',
  ]);
});

it('stops all, and blocks by share', () => {
  const gaps = placed(
    request({ digits: '1', intervalSeconds: 'stop' }),
    request({ digits: '2', intervalSeconds: undefined, passRatio: 0.25 }),
  );
  expect(listGaps(gaps, 1000).map(({ limit }) => limit)).toEqual([
    { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY },
    { kind: 'share', passRatio: 0.25 },
  ]);
});

describe('says what is wrong', () => {
  it.each<[string, Partial<GapRequest>]>([
    ["digits: '' is not 1 to 15 digits", { digits: '' }],
    ["digits: '212x' is not 1 to 15 digits", { digits: '212x' }],
    ["digits: '1234567890123456' is not 1 to 15 digits", { digits: '1234567890123456' }],
    ['one of intervalSeconds and passRatio must be given, and not both', { intervalSeconds: undefined }],
    ['one of intervalSeconds and passRatio must be given, and not both', { passRatio: 0.5 }],
    ['intervalSeconds: 0.05 is not between 0.1 and 600, nor stop', { intervalSeconds: 0.05 }],
    ['intervalSeconds: 601 is not between 0.1 and 600, nor stop', { intervalSeconds: 601 }],
    ['intervalSeconds: NaN is not between 0.1 and 600, nor stop', { intervalSeconds: Number.NaN }],
    ['passRatio: 1.5 is not between 0 and 1', { intervalSeconds: undefined, passRatio: 1.5 }],
    ['seconds: 0 is not above 0 and at most 86400', { seconds: 0 }],
    ['seconds: 86401 is not above 0 and at most 86400', { seconds: 86_401 }],
  ])('%s', (error, more) => expect(placeGap(noOperatorGaps, request(more), 0)).toEqual({ error }));

  it('of more gaps than may be', () => {
    const full = placed(...Array.from({ length: 1000 }, (_, i) => request({ digits: String(1000 + i) })));
    expect(placeGap(full, request(), 1000)).toHaveProperty('error');
    expect(placeGap(full, request({ digits: '1000' }), 1000)).toHaveProperty('placed');
    // their time is over
    expect(placeGap(full, request(), 61_000)).toHaveProperty('placed');
  });
});

it('a second gap on the same digits, however written, replaces the first', () => {
  const gaps = placed(request(), request({ digits: '+1 (212) 555-1212', intervalSeconds: 10 }));
  expect(listGaps(gaps, 1000)).toMatchObject([{ digits: '2125551212', limit: { intervalMs: 10_000 } }]);
});

it.each([
  ['2125551212', '2125551212'],
  ['12125551212', '2125551212'],
  ['+12125551212', '2125551212'],
  ['+1212', '212'],
  ['+1', '1'],
  ['1212', '1212'],
  ['+442071234567', '442071234567'],
  ['0800', '0800'],
  ['212+', undefined],
  ['*67', undefined],
])('digits %s are %s', (text, digits) => expect(gapDigits(text)).toBe(digits));

it('removes and expires', () => {
  const gaps = placed(request(), request({ digits: '212', seconds: 10 }));
  expect(removeGap(gaps, '12125551212', 1000)).toMatchObject({ wasThere: true });
  expect(listGaps(removeGap(gaps, '12125551212', 1000).gaps, 1000).map(({ digits }) => digits)).toEqual(['212']);
  expect(removeGap(gaps, '718', 1000).wasThere).toBe(false);
  expect(removeGap(gaps, '212', 11_000).wasThere).toBe(false);
  expect(expireGaps(gaps, 2000)).toBe(gaps);
  expect(listGaps(gaps, 11_000).map(({ digits }) => digits)).toEqual(['2125551212']);
  expect(expireGaps(gaps, 61_000).size).toBe(0);
});
