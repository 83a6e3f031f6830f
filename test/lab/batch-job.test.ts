import { describe, expect, it } from 'vitest';
import { waitFor } from '../peers/wait.ts';
import { type ExampleRun, notice, runExample } from './example-run.ts';

const said = ({ events }: ExampleRun): unknown[] =>
  events.map(({ event }) => event).filter((event) => event === 'paused' || event === 'resumed');

describe('the batch job', () => {
  it('is not essential, pauses when it is told to, and goes on afterwards', async () => {
    const run = await runExample('batch-job');
    const { fake, used } = run;
    await waitFor('a report', () => fake.of('report').length > 0, 15_000);
    expect(fake.of('register')[0]?.body).toMatchObject({ essential: false });
    const mode = (dumpNonEssential: boolean) => {
      return { ...fake.orders.mode, attributes: { ...fake.orders.mode.attributes, dumpNonEssential } };
    };
    fake.change({ mode: mode(false) });
    await waitFor('work', () => used() > 0.15, 15_000);
    for (const [told, over] of [
      [{ notices: [notice(0)] }, { notices: [] }],
      [{ suspended: true }, { suspended: false }],
      [{ mode: mode(true) }, { mode: mode(false) }],
    ]) {
      const before = said(run).length;
      fake.change(told);
      await waitFor('a pause', () => said(run).length === before + 1 && used() < 0.1, 15_000);
      fake.change(over);
      await waitFor('work again', () => said(run).length === before + 2 && used() > 0.15, 15_000);
    }
  }, 60_000);

  it('that is stubborn does not', async () => {
    const run = await runExample('batch-job', '--stubborn');
    await waitFor('work', () => run.used() > 0.15, 15_000);
    run.fake.change({ suspended: true });
    await waitFor('its orders', () => run.events.some(({ suspended }) => suspended === true));
    const reports = run.fake.of('report').length;
    await waitFor('reports', () => run.fake.of('report').length > reports + 1);
    expect(run.used()).toBeGreaterThan(0.15);
    expect(said(run)).toEqual([]);
  }, 30_000);

  it('goes on where the orchestrator that paused it is gone for longer than its orders hold', async () => {
    const run = await runExample('batch-job');
    run.fake.change({ validitySeconds: 1, suspended: true });
    await waitFor('a pause', () => said(run).at(-1) === 'paused', 15_000);
    await run.fake.stop();
    await waitFor('work', () => said(run).at(-1) === 'resumed', 15_000);
  }, 60_000);
});
