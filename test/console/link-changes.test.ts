import { describe, expect, it } from 'vitest';
import { LinkChanges } from '../../src/console/link-changes.ts';
import type { LinkView } from '../../src/metrics/link-view.ts';
import { linkView } from '../metrics/link.ts';

const free = Number.POSITIVE_INFINITY;
const quiet = { name: 'o1', mode: 'L0', boundaryPerSecond: free, notices: 0 } as const;

/** What is told of each of these views, one after the other. */
function told(...views: readonly Partial<LinkView>[]): string[][] {
  const lines: string[] = [];
  const changes = new LinkChanges(({ kind, severity, text }) => lines.push(`${kind} ${severity} ${text}`));
  return views.map((some) => {
    changes.look([linkView({ ...quiet, ...some })]);
    return lines.splice(0).map((line) => line.replace('orchestrator o1: ', ''));
  });
}

describe('of an orchestrator is told', () => {
  it('that it is there, that it is not, that it is again', () => {
    expect(told({}, {}, { isUp: false }, { isUp: false }, {})).toEqual([
      ['orchestrator info registered'],
      [],
      ['orchestrator warning unreachable; what it ordered holds until it expires'],
      [],
      ['orchestrator info reachable'],
    ]);
  });

  it('nothing of one that was never reached', () => {
    expect(told({ isUp: false, mode: undefined })).toEqual([[]]);
  });

  it('the mode of the host, and that nothing is known of it any more', () => {
    expect(told({}, { mode: 'L2' }, { mode: 'L1' }, { mode: undefined }, { mode: undefined }, {}).slice(1)).toEqual([
      ['orchestrator warning host mode L0 → L2'],
      ['orchestrator info host mode L2 → L1'],
      ['orchestrator warning its orders have expired: local control goes on alone'],
      [],
      [],
    ]);
  });

  it('what the host allows, once it has moved by a tenth', () => {
    const bounds = [140, 135, 127, 126, 200, free].map((boundaryPerSecond) => ({ boundaryPerSecond }));
    expect(told({}, ...bounds).slice(1)).toEqual([
      ['orchestrator warning the host allows 140 calls a second'],
      [],
      [],
      ['orchestrator warning the host allows 126 calls a second'],
      ['orchestrator info the host allows 200 calls a second'],
      ['orchestrator info the host sets no limit to calls'],
    ]);
  });

  it('each request to shed load', () => {
    expect(told({}, { notices: 1 }, { notices: 1 }, { notices: 0 }).slice(1)).toEqual([
      ['orchestrator warning asks to shed load; requests in force: 1'],
      [],
      [],
    ]);
  });
});
