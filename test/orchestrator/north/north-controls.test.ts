import { describe, expect, it } from 'vitest';
import { NorthControls } from '../../../src/orchestrator/north/north-controls.ts';

const controls = () => new NorthControls((name) => ['edge', 'web'].includes(name));
const gap = { intervalSeconds: 5, seconds: 60, reason: 'televote' };

describe('a mode ordered by hand', () => {
  it('holds until its end', () => {
    const north = controls();
    north.override({ mode: 'L2', seconds: 10, reason: 'drill' }, 'noc', 1000);
    expect(north.overrideAt(10_999)).toEqual({ mode: 'L2', by: 'noc', reason: 'drill', endsMs: 11_000 });
    expect(north.overrideAt(11_000)).toBeUndefined();
  });

  it('takes the place of the one before, and can be lifted', () => {
    const north = controls();
    north.override({ mode: 'L2', seconds: 10, reason: 'drill' }, 'noc', 0);
    north.override({ mode: 'L0', seconds: 5, reason: 'enough' }, 'noc-2', 0);
    expect(north.liftOverride(1000)).toMatchObject({ mode: 'L0', by: 'noc-2' });
    expect(north.liftOverride(1000)).toBeUndefined();
    expect(north.overrideAt(1000)).toBeUndefined();
  });

  it('that is over is not there to be lifted', () => {
    const north = controls();
    north.override({ mode: 'L2', seconds: 1, reason: 'drill' }, 'noc', 0);
    expect(north.liftOverride(1000)).toBeUndefined();
  });
});

describe('a gap', () => {
  it('is told to every application, by digits, until its end', () => {
    const north = controls();
    north.gap('901', { passRatio: 0.5, seconds: 5, reason: 'r' }, 'ain-1', 0);
    north.gap('+1 (900) 555-0100', { intervalSeconds: 'stop', seconds: 60, reason: 'r' }, 'noc', 0);
    expect(north.controlsOf('web', 4999)).toMatchObject([
      { kind: 'gap', digits: '9005550100', intervalSeconds: 'stop', endsMs: 60_000, by: 'noc' },
      { kind: 'gap', digits: '901', passRatio: 0.5, endsMs: 5000, by: 'ain-1' },
    ]);
    expect(north.controlsOf('edge', 5000)).toHaveLength(1);
  });

  it('on some applications is told to those alone', () => {
    const north = controls();
    north.gap('900', { ...gap, applications: ['edge'] }, 'noc', 0);
    expect(north.controlsOf('edge', 0)).toHaveLength(1);
    expect(north.controlsOf('web', 0)).toEqual([]);
  });

  it('takes the place of the one on the same digits, however written', () => {
    const north = controls();
    north.gap('+19005550100', gap, 'noc', 0);
    north.gap('9005550100', { ...gap, intervalSeconds: 9 }, 'noc-2', 0);
    expect(north.controlsOf('edge', 0)).toMatchObject([{ intervalSeconds: 9, by: 'noc-2' }]);
  });

  it('is lifted by its digits, however written', () => {
    const north = controls();
    north.gap('9005550100', gap, 'noc', 0);
    expect(north.liftGap('+1-900-555-0100', 0)).toMatchObject({ digits: '9005550100', reason: 'televote' });
    expect(north.liftGap('9005550100', 0)).toBeUndefined();
    expect(north.liftGap('none', 0)).toBeUndefined();
  });

  it.each([
    ['no digits', 'abc', gap, 400, "digits: 'abc' is not 1 to 15 digits"],
    ['too many', '1234567890123456', gap, 400, "digits: '1234567890123456' is not 1 to 15 digits"],
    [
      'no limit',
      '900',
      { seconds: 1, reason: 'r' },
      400,
      'one of intervalSeconds and passRatio must be given, and not both',
    ],
    [
      'two limits',
      '900',
      { ...gap, passRatio: 0.5 },
      400,
      'one of intervalSeconds and passRatio must be given, and not both',
    ],
    [
      'an application that there is not',
      '900',
      { ...gap, applications: ['edge', 'x'] },
      404,
      'x is not configured here',
    ],
  ])('with %s is refused', (_what, digits, order, refused, detail) => {
    const north = controls();
    expect(north.gap(digits, order, 'noc', 0)).toMatchObject({ refused, detail });
    expect(north.state().gaps).toEqual([]);
  });

  it('more than 999 at once there are not; what is over makes room', () => {
    const north = controls();
    for (let i = 0; i < 999; i++) north.gap(String(1000 + i), { ...gap, seconds: i === 0 ? 1 : 60 }, 'noc', 0);
    expect(north.gap('77', gap, 'noc', 500)).toMatchObject({ refused: 429 });
    expect(north.gap('1001', gap, 'noc', 500)).not.toHaveProperty('refused');
    expect(north.gap('77', gap, 'noc', 1000)).not.toHaveProperty('refused');
  });
});

describe('a drain', () => {
  it('is told to its application, first of all, until its end', () => {
    const north = controls();
    north.gap('900', gap, 'noc', 0);
    north.drain('web', { seconds: 2, reason: 'upgrade' }, 'noc', 0);
    expect(north.controlsOf('web', 1999).map(({ kind }) => kind)).toEqual(['drain', 'gap']);
    expect(north.controlsOf('web', 2000).map(({ kind }) => kind)).toEqual(['gap']);
    expect(north.controlsOf('edge', 0).map(({ kind }) => kind)).toEqual(['gap']);
  });

  it('of an application that there is not is refused', () => {
    expect(controls().drain('x', { seconds: 2, reason: 'r' }, 'noc', 0)).toMatchObject({ refused: 404 });
  });

  it('can be lifted', () => {
    const north = controls();
    north.drain('web', { seconds: 2, reason: 'upgrade' }, 'noc', 0);
    expect(north.liftDrain('web', 1000)).toMatchObject({ reason: 'upgrade' });
    expect(north.liftDrain('web', 1000)).toBeUndefined();
  });
});

it('what is over is told once', () => {
  const north = controls();
  north.override({ mode: 'L3', seconds: 1, reason: 'a' }, 'noc', 0);
  north.gap('900', { ...gap, seconds: 2 }, 'noc', 0);
  north.gap('901', { ...gap, seconds: 20 }, 'noc', 0);
  north.drain('web', { seconds: 2, reason: 'c' }, 'noc', 0);
  expect(north.expire(999)).toEqual([]);
  expect(north.expire(2000)).toEqual([
    { kind: 'override', subject: 'L3', reason: 'a' },
    { kind: 'gap', subject: '900', reason: 'televote' },
    { kind: 'drain', subject: 'web', reason: 'c' },
  ]);
  expect(north.expire(2000)).toEqual([]);
  expect(north.state().gaps).toHaveLength(1);
});

it('all of it goes over to another process, but for drains of applications that are no longer there', () => {
  const north = controls();
  north.override({ mode: 'L3', seconds: 10, reason: 'a' }, 'noc', 0);
  north.gap('900', gap, 'noc', 0);
  north.drain('web', { seconds: 10, reason: 'c' }, 'noc', 0);
  const next = new NorthControls((name) => name === 'edge');
  next.restore(north.state());
  expect(next.state()).toEqual({ ...north.state(), drains: [] });
});
