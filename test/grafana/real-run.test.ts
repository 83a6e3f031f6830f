import { expect, it } from 'vitest';
import { substituted } from './dashboard-queries.ts';
import { type Asked, askAll, faultsOf, readDashboards, valuesFor } from './real-run.ts';
import { mayBeEmpty } from './run-check.ts';

const asked = (where: string, series: number, missing: readonly string[] = []): Asked => ({
  ...{ where, expr: 'x', series, missing },
});

it('an empty query is a fault where it is not named, and so is a name that no query has', () => {
  const all = [asked('board: Panel, A', 0), asked('board: Panel, B', 2), asked('board: Panels, A', 0)];
  expect(faultsOf(all, {})).toEqual(['no data: board: Panel, A: x', 'no data: board: Panels, A: x']);
  expect(faultsOf(all, { 'board: Panel': 'why' })).toEqual(['no data: board: Panels, A: x']);
  expect(faultsOf(all, { 'board: Panel, A': 'why', 'board: Panels': 'why' })).toEqual([]);
  expect(faultsOf(all.slice(1, 2), { 'board: Gone': 'why' })).toEqual(['no such query: board: Gone']);
});

it('so is a legend that would show the name of a label', () => {
  expect(faultsOf([asked('board: Panel, A', 1, ['reason'])], {})).toEqual(['no reason: board: Panel, A']);
});

it('of a Prometheus that has seen nothing, all is missed but what is named', async () => {
  const prometheus = { queryRange: async () => [] } as never;
  const run = { prometheus, from: 0, to: 60, window: '2s' };
  const all = await askAll(run);
  const missed = faultsOf(all, mayBeEmpty);
  expect(missed.length).toBeGreaterThan(0.75 * all.length);
  expect(missed.filter((line) => !line.startsWith('no data: '))).toEqual([]);
});

it('All is what is listed, each as it is written and not as a pattern', async () => {
  const labels = [{ instance: 'a.example:9464' }, { instance: 'b.example:9464' }];
  const queryRange = async (expr: string) =>
    expr.includes('running_mode') ? labels.map((one) => ({ labels: one })) : [];
  const prometheus = { queryRange } as never;
  const event = readDashboards().find(({ uid }) => uid === 'surgegate-event')!;
  const values = await valuesFor({ prometheus, from: 0, to: 60, window: '2s' }, event);
  expect(substituted('x{instance=~"$instance"}[$__range]', values)).toBe(
    String.raw`x{instance=~"a\\.example:9464|b\\.example:9464"}[60s]`,
  );
  expect(() => substituted('x[$__interval]', values)).toThrow('$__interval has no value');
});
