import { describe, expect, it } from 'vitest';
import { withoutApplication } from '../../../src/orchestrator/shedding/shedding.ts';
import { sheddingRules } from '../../../src/orchestrator/shedding/shedding-rules.ts';
import { acts, application, gigabyte, ordersAt, runShedding, type Situation, steady, story } from './shedding-run.ts';

const batch = (given = {}) => application(5, undefined, { name: 'batch', isEssential: false, ...given });
const lent = { lent: { memoryBytes: 20 * gigabyte, cpuCores: 0 } };

describe('L0', () => {
  it('asks nothing, whatever is used, lent or bounded', () => {
    const all = [application(90, 10, lent), batch()];
    const moments = runShedding(() => ({ mode: 'L0', applications: all, isNearLimit: true }), 30);
    expect(story(moments)).toEqual([]);
    expect(ordersAt(moments, 20)).toEqual({ notices: [], forced: [], isSuspended: false, phase: 'calm' });
  });
});

describe('L1: what is not essential is dumped', () => {
  it('is asked to end first, then suspended', () => {
    const moments = runShedding(steady('L1', batch()), 20);
    expect(story(moments)).toEqual([
      '0 s batch asked to end: not essential',
      '5 s batch suspended dumped: not essential',
    ]);
    const [notice] = ordersAt(moments, 0, 'batch')!.notices;
    expect(notice).toMatchObject({ kind: 'start-load-shedding', deadlineMs: 5000, cause: 'L1: memoryBytes 90 %' });
    expect(new Set(Object.values(notice!.target))).toEqual(new Set([0]));
    expect(ordersAt(moments, 4)?.isSuspended).toBeFalsy();
    expect(ordersAt(moments, 5, 'batch')).toMatchObject({
      isSuspended: true,
      phase: 'suspended',
      notices: [{ id: notice!.id }],
    });
  });

  it('is suspended although it has come down: it does not run until the mode is over', () => {
    const moments = runShedding(
      (nowMs) => steady('L1', application(nowMs < 2000 ? 5 : 0, 0, { name: 'batch', isEssential: false }))(),
      9,
    );
    expect(acts(moments)).toEqual(['0 s batch asked', '5 s batch suspended']);
  });

  it('stays suspended in L2 and L3, and runs again at once in L0', () => {
    const modes = ['L1', 'L2', 'L3', 'L2', 'L1', 'L0'] as const;
    const moments = runShedding((nowMs) => steady(modes[Math.min(5, Math.floor(nowMs / 10_000))]!, batch())(), 60);
    expect(acts(moments)).toEqual(['0 s batch asked', '5 s batch suspended', '50 s batch resumed']);
    expect(ordersAt(moments, 50, 'batch')).toEqual({ notices: [], forced: [], isSuspended: false, phase: 'calm' });
  });

  it('is not waited for as long if it cannot be told', () => {
    expect(acts(runShedding(steady('L1', batch({ isReachable: false })), 9))).toEqual([
      '0 s batch asked',
      '2 s batch suspended',
    ]);
  });

  it('without an adapter goes on being asked', () => {
    const moments = runShedding(steady('L1', batch({ canBeForced: false })), 30);
    expect(acts(moments)).toEqual(['0 s batch asked']);
    expect(ordersAt(moments, 29, 'batch')?.notices[0]).toMatchObject({ deadlineMs: 5000 });
  });

  it('gone before it is suspended (or because it is) stays so, and runs again in L0', () => {
    const gone =
      (goneMs: number) =>
      (nowMs: number): Situation => {
        return { mode: nowMs < 20_000 ? 'L1' : 'L0', applications: nowMs < goneMs ? [batch()] : [] };
      };
    for (const goneMs of [1000, 6000]) {
      const moments = runShedding(gone(goneMs), 30);
      const suspendedAt = goneMs === 1000 ? 2 : 5;
      expect(acts(moments)).toEqual(['0 s batch asked', `${suspendedAt} s batch suspended`, '20 s batch resumed']);
      expect(ordersAt(moments, 19, 'batch')?.isSuspended).toBe(true);
      expect(moments.at(-1)?.applications.size).toBe(0);
      expect(moments.at(-1)?.state.known.size).toBe(0);
    }
  });

  it('that comes to be thought essential runs again', () => {
    const changed = (nowMs: number) =>
      steady('L2', { ...batch(), isEssential: nowMs >= 10_000, boundary: { memoryBytes: 8e9 } })();
    expect(acts(runShedding(changed, 20)).slice(2)).toEqual([
      '10 s batch resumed',
      '10 s batch asked',
      '10.5 s batch complied',
    ]);
  });
});

describe('L1: what is essential is advised, never forced', () => {
  it('is told nothing while the host has room', () =>
    expect(story(runShedding(steady('L1', application(90)), 30))).toEqual([]));

  it('sheds on its own while the host is near its limit', () => {
    const near = (nowMs: number): Situation => ({
      mode: 'L1',
      applications: [application(90)],
      isNearLimit: nowMs >= 5000 && nowMs < 15_000,
    });
    const moments = runShedding(near, 60);
    expect(story(moments)).toEqual(['5 s web asked to shed on its own']);
    const told = ordersAt(moments, 6)!;
    expect(told.notices).toEqual([
      {
        id: 'load-shed-on-your-own 1',
        kind: 'load-shed-on-your-own',
        target: { memoryBytes: 50 * gigabyte },
        askedMs: 5000,
        deadlineMs: 35_000,
        cause: 'L1: memoryBytes 90 %',
      },
    ]);
    expect(ordersAt(moments, 14)?.notices).toEqual(told.notices);
    expect(ordersAt(moments, 15)?.notices).toEqual([]);
  });

  it('with a boundary sheds on its own down to that', () => {
    const web = application(90, 20);
    const moments = runShedding(() => ({ mode: 'L1', applications: [web], isNearLimit: true }), 60);
    const notices = [{ kind: 'load-shed-on-your-own', target: { memoryBytes: 20e9 } }];
    expect(ordersAt(moments, 50)).toMatchObject({ phase: 'calm', forced: [], notices });
    expect(story(runShedding(steady('L1', web), 60))).toEqual([]);
    const rules = { ...sheddingRules, enforcesFrom: 'L1' as const };
    expect(acts(runShedding(steady('L1', web), 60, { rules }))).toEqual(['0 s web asked', '10 s web forced']);
  });

  it('gives back what was lent to it, of the resources of which something was', () => {
    const moments = runShedding(steady('L1', application(45, undefined, lent)), 60);
    expect(story(moments)).toEqual(['0 s web asked to use no more than its own share']);
    expect(ordersAt(moments, 50)?.notices).toMatchObject([
      { kind: 'stop-cross-utilisation', target: { memoryBytes: 50 * gigabyte }, deadlineMs: 10_000 },
    ]);
    // use that hovers about its share is not asked again and again, and with the mode it is over
    const back = runShedding(steady('L1', application(45)), 5, { from: moments.at(-1)! });
    expect(back[0]?.applications.get('web')?.notices).toEqual(moments.at(-1)?.applications.get('web')?.notices);
    const over = runShedding(steady('L0', application(45)), 5, { from: moments.at(-1)! });
    expect(over[0]?.applications.get('web')?.notices).toEqual([]);
  });
});

describe('exempt applications', () => {
  it.each(['L1', 'L2', 'L3'] as const)('in %s notice nothing', (mode) => {
    const gets = application(90, 0, { isExempt: true, isEssential: false, ...lent });
    const moments = runShedding(() => ({ mode, applications: [gets], isNearLimit: true }), 60);
    expect(story(moments)).toEqual([]);
    expect(ordersAt(moments, 59)).toEqual({ notices: [], forced: [], isSuspended: false, phase: 'calm' });
  });
  it('that become so in the middle of it are free at once', () => {
    const changed = (nowMs: number) => steady('L2', application(30, 10, { isExempt: nowMs >= 15_000 }))();
    expect(acts(runShedding(changed, 20)).at(-1)).toBe('15 s web lifted');
  });
});

describe('the host', () => {
  it('one story: batch job dumped, web asked, then forced, mail complies, all lifted', () => {
    const at = (nowMs: number): Situation => {
      const mode = nowMs < 5000 ? 'L1' : nowMs < 30_000 ? 'L2' : nowMs < 32_000 ? 'L1' : 'L0';
      const boundary = mode === 'L2' ? 10 : undefined;
      const mail = application(nowMs < 8000 ? 20 : 9, boundary, { name: 'mail' });
      const gets = application(40, undefined, { name: 'gets', isExempt: true });
      return { mode, applications: [application(30, boundary), mail, batch(), gets] };
    };
    expect(story(runShedding(at, 40))).toEqual([
      '0 s batch asked to end: not essential',
      '5 s web asked to use no more than memoryBytes 10 GB',
      '5 s mail asked to use no more than memoryBytes 10 GB',
      '5 s batch suspended dumped: not essential',
      '8 s mail complied uses no more than memoryBytes 10 GB',
      '15 s web forced memoryBytes to 10 GB: used 30 GB after it was asked',
      '30 s web lifted free of limits on memoryBytes',
      '30 s mail lifted nothing is asked any more',
      '32 s batch resumed runs again',
    ]);
  });

  it('gives each notice an id of its own, and keeps it', () => {
    const all = [application(30, 10, lent), application(30, 10, { name: 'mail' }), batch()];
    const moments = runShedding(steady('L2', ...all), 30);
    const idsAt = (seconds: number) =>
      all.flatMap(({ name }) => ordersAt(moments, seconds, name)!.notices.map(({ id }) => id));
    expect(new Set(idsAt(1)).size).toBe(4);
    expect(idsAt(29)).toEqual(idsAt(1));
    expect(Math.max(...idsAt(1).map((id) => id.length))).toBeLessThanOrEqual(64);
  });

  it('says why, in no more letters than the API takes', () => {
    const causes = Array.from({ length: 40 }, (_, i) => `arrivals of application-${i} 1000 %`);
    const moments = runShedding(() => ({ ...steady('L2', application(30, 10))(), causes }), 1);
    expect(ordersAt(moments, 0)?.notices[0]?.cause).toMatch(/^L2: arrivals of application-0 1000 %, /);
    expect(ordersAt(moments, 0)?.notices[0]?.cause).toHaveLength(200);
  });

  it('who leaves in order is free at once', () => {
    const forced = runShedding(steady('L2', application(30, 10), batch()), 15).at(-1)!;
    const state = withoutApplication(withoutApplication(forced.state, 'web'), 'batch');
    const after = runShedding(steady('L2'), 2, { from: { ...forced, state } });
    expect(after[0]?.applications.size).toBe(0);
  });
});
