import { describe, expect, it } from 'vitest';
import { answerOf, type HeldRequest, turns, withRequest } from '../../../src/orchestrator/allocation/held-requests.ts';
import { applicationOf } from './application-of.ts';

const request = (application: string, sinceMs = 0, wanted: HeldRequest['wanted'] = { cpuCores: 1 }): HeldRequest => ({
  application,
  wanted,
  sinceMs,
});

describe('requests that wait', () => {
  const applications = [
    applicationOf('gets', { isExempt: true, priority: 1 }),
    applicationOf('high', { priority: 8 }),
    applicationOf('early', { priority: 5 }),
    applicationOf('late', { priority: 5 }),
    applicationOf('low', { priority: 2 }),
  ];
  const all = [request('low', 1), request('late', 9), request('early', 3), request('high', 8), request('gets', 9)];
  const names = (requests: readonly HeldRequest[]) => requests.map(({ application }) => application);
  const never = () => false;
  const always = () => true;

  it('seed: are ranked: exempt first, then by priority, then who waited longest', () => {
    const { due } = turns(all, applications, 'L0', never, 10, 1000);
    expect(names(due)).toEqual(['gets', 'high', 'early', 'late', 'low']);
  });

  it('seed: in L0 are held while utilisation moves, but for exempt applications', () => {
    const { due, waiting } = turns(all, applications, 'L0', always, 10, 1000);
    expect(names(due)).toEqual(['gets']);
    expect(names(waiting).sort()).toEqual(['early', 'high', 'late', 'low']);
  });

  it.each(['L1', 'L2', 'L3'] as const)('seed: in %s are not held', (mode) => {
    expect(turns(all, applications, mode, always, 10, 1000).due).toHaveLength(5);
  });

  it('are held only for the resources that they want', () => {
    const isMoving = (_: string, resource: string) => resource === 'memoryBytes';
    const wants = [
      request('high', 0, { cpuCores: 1, memoryBytes: 0 }),
      request('low', 0, { cpuCores: 1, memoryBytes: 1 }),
    ];
    const { due, waiting } = turns(wants, applications, 'L0', isMoving, 10, 1000);
    expect([names(due), names(waiting)]).toEqual([['high'], ['low']]);
  });

  it('do not wait for ever', () => {
    const { waiting, expired } = turns([request('high', 0), request('low', 1)], applications, 'L0', always, 1000, 1000);
    expect([names(waiting), names(expired)]).toEqual([['low'], ['high']]);
  });

  it('are forgotten with their application', () => {
    const { due, waiting, expired } = turns([request('gone')], applications, 'L0', always, 10, 1000);
    expect([due, waiting, expired]).toEqual([[], [], []]);
  });

  it('are one of each application: the newest, in the turn of the first', () => {
    const held = withRequest([request('high', 3), request('low', 4)], request('high', 7, { cpuCores: 2 }));
    expect(held).toEqual([request('low', 4), request('high', 3, { cpuCores: 2 })]);
  });
});

describe('the answer', () => {
  const wanted = { cpuCores: 2, memoryBytes: 100 };
  const room = { shortBy: undefined } as const;
  it.each([
    ['granted', { granted: 2, ...room }, { granted: 100, ...room }, { cpuCores: 2, memoryBytes: 100 }, 'room'],
    [
      'partly-granted',
      { granted: 1, shortBy: 'no-room' },
      { granted: 100, ...room },
      { cpuCores: 1, memoryBytes: 100 },
      'no-room',
    ],
    ['partly-granted', { granted: 0, shortBy: 'maximum' }, { granted: 100, ...room }, { memoryBytes: 100 }, 'maximum'],
    ['refused', { granted: 0, shortBy: 'crisis-mode' }, { granted: 0, shortBy: 'no-room' }, {}, 'crisis-mode'],
  ] as const)('%s', (outcome, cpuCores, memoryBytes, granted, reason) => {
    const answer = answerOf(request('a', 0, wanted), { cpuCores, memoryBytes });
    expect(answer).toEqual({ application: 'a', outcome, granted, reason });
  });

  it('a resource that the host does not ration is never limited', () => {
    const answer = answerOf(request('a', 0, { diskBytes: 1e9 }), {});
    expect(answer).toEqual({ application: 'a', outcome: 'granted', granted: { diskBytes: 1e9 }, reason: 'room' });
  });
});
