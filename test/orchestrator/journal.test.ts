import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Journal } from '../../src/orchestrator/journal.ts';
import type { JournalContent } from '../../src/orchestrator/journal-content.ts';
import { temporaryFolder } from '../config/files.ts';

const content: JournalContent = {
  mode: { mode: 'L2', sinceMs: 4000, causes: ['memoryBytes 90 %'] },
  applications: [
    {
      name: 'web',
      instances: { current: 'instance-1', lastSequence: 7, earlier: [{ instance: 'instance-0', lastSequence: 3 }] },
      claim: { essential: true, priority: 5, maximum: { cpuCores: 2 }, minimum: {} },
      needsPerRequestPerSecond: { cpuCores: 0.001 },
    },
  ],
  allocated: [{ name: 'web', amounts: { cpuCores: 1.5, memoryBytes: 1000 } }],
  limited: [
    {
      name: 'web',
      forced: [{ resource: 'cpuCores', limit: 1, sinceMs: 4500, cause: 'used 2 cores' }],
      isSuspended: false,
    },
    { name: 'batch', forced: [], isSuspended: true },
  ],
  north: {
    override: { mode: 'L2', by: 'noc', reason: 'drill', endsMs: 65_000 },
    gaps: [
      { digits: '900', intervalSeconds: 'stop', by: 'noc', reason: 'vote', endsMs: 15_000, applications: ['web'] },
    ],
    drains: [{ application: 'web', by: 'noc', reason: 'upgrade', endsMs: 8000 }],
  },
};
const empty: JournalContent = {
  mode: { mode: 'L0', sinceMs: 0, causes: [] },
  applications: [],
  allocated: [],
  limited: [],
  north: { gaps: [], drains: [] },
};

function setUp() {
  const directory = join(temporaryFolder(), 'state');
  const warnings: string[] = [];
  const open = (nowMs = 5000, unixMs = 1_000_000, intervalMs = 5) =>
    new Journal({ directory, intervalMs, warn: (text) => warnings.push(text), clocks: () => ({ nowMs, unixMs }) });
  return { directory, file: join(directory, 'journal.json'), warnings, open };
}

async function written(set: ReturnType<typeof setUp>, what = content): Promise<void> {
  const journal = set.open();
  journal.note(what);
  await journal.close();
}

describe('what was noted', () => {
  it("is found by the next process, with its moments by that one's clock", async () => {
    const set = setUp();
    await written(set);
    // A minute of the wall clock later; the clock of the new process has begun anew.
    const { found, epoch } = set.open(100, 1_002_000);
    const moved = (moment: number) => moment - 5000 - 2000 + 100;
    expect(epoch).toBe(2);
    expect(found).toEqual({
      ...content,
      mode: { ...content.mode, sinceMs: moved(4000) },
      limited: [
        { ...content.limited[0], forced: [{ ...content.limited[0]?.forced[0], sinceMs: moved(4500) }] },
        content.limited[1],
      ],
      north: {
        override: { ...content.north.override, endsMs: moved(65_000) },
        gaps: [{ ...content.north.gaps[0], endsMs: moved(15_000) }],
        drains: [{ ...content.north.drains[0], endsMs: moved(8000) }],
      },
    });
    expect(set.warnings).toEqual([]);
  });

  it('is the newest of it, whole, in one file that its owner alone can read', async () => {
    const set = setUp();
    const journal = set.open();
    journal.note(empty);
    journal.note(content);
    journal.note({ ...content, mode: { mode: 'L3', sinceMs: 4900, causes: [] } });
    await journal.close();
    expect(set.open().found?.mode.mode).toBe('L3');
    expect(readdirSync(set.directory)).toEqual(['journal.json']);
    expect(statSync(set.file).mode & 0o777).toBe(0o600);
  });

  it('is written within the interval without being closed', async () => {
    const set = setUp();
    const journal = set.open();
    journal.note(empty);
    await vi.waitFor(() => expect(existsSync(set.file)).toBe(true));
    journal.note(content);
    await vi.waitFor(() => expect(readFileSync(set.file, 'utf8')).toContain('drill'));
    await journal.close();
  });

  it('and is the same is not written again; a first note is, for the epoch', async () => {
    const set = setUp();
    await written(set, empty);
    const journal = set.open();
    journal.note(empty);
    await vi.waitFor(() => expect(set.open().epoch).toBe(3));
    rmSync(set.file);
    journal.note({ ...empty });
    await journal.close();
    expect(existsSync(set.file)).toBe(false);
  });

  it('after the end is not written', async () => {
    const set = setUp();
    const journal = set.open();
    await journal.close();
    journal.note(content);
    expect(existsSync(set.file)).toBe(false);
  });
});

describe('a wall clock that was set', () => {
  it('back, by years: nothing by hand holds longer than a day', async () => {
    const set = setUp();
    await written(set);
    const { north } = set.open(100, 1_000_000 - 1e11).found!;
    expect([north.override?.endsMs, north.gaps[0]?.endsMs]).toEqual([86_400_100, 86_400_100]);
  });

  it('back: nothing began later than now', async () => {
    const set = setUp();
    await written(set);
    const { mode, limited } = set.open(100, 900_000).found!;
    expect([mode.sinceMs, limited[0]?.forced[0]?.sinceMs]).toEqual([100, 100]);
  });

  it('forward: what is by hand is over', async () => {
    const set = setUp();
    await written(set);
    const { north } = set.open(100, 2_000_000).found!;
    expect(north.override?.endsMs).toBeLessThan(100);
  });
});

describe('a journal that cannot be used is said, and is as none', () => {
  const whole = JSON.stringify({ version: 1, epoch: 3, content: empty });
  it.each([
    ['empty', '', /not JSON/],
    ['half of one', whole.slice(0, 60), /not JSON/],
    ['of another version', whole.replace('"version":1', '"version":2'), /version/],
    ['with a mode that there is not', whole.replace('L0', 'L7'), /content\.mode\.mode/],
    ['of something else', '[]', /ignored/],
    ['of nothing', 'null', /ignored/],
    ['with a moment that is none', whole.replace('"sinceMs":0', '"sinceMs":null'), /content\.mode\.sinceMs/],
    ['of no size that is ours', ' '.repeat(5_000_000), /5000000 bytes/],
  ])('%s', async (_what, text, reason) => {
    const set = setUp();
    mkdirSync(set.directory);
    writeFileSync(set.file, text);
    const journal = set.open();
    expect([journal.found, journal.epoch]).toEqual([undefined, 1]);
    expect(set.warnings).toEqual([expect.stringMatching(reason)]);
    journal.note(content);
    await journal.close();
    expect(set.open().found?.north.override?.reason).toBe('drill');
  });

  it('a folder in its place', async () => {
    const set = setUp();
    mkdirSync(set.file, { recursive: true });
    const journal = set.open();
    expect(journal.found).toBeUndefined();
    journal.note(content);
    journal.note(empty);
    await journal.close();
    expect(set.warnings).toEqual([
      expect.stringMatching(/is ignored.*EISDIR/),
      expect.stringMatching(/^the journal .* cannot be written: EISDIR/),
    ]);
    expect(readdirSync(set.directory)).toEqual(['journal.json']);
  });
});

it('what could not be written is written when it can be', async () => {
  const set = setUp();
  const journal = set.open();
  rmSync(set.directory, { recursive: true });
  journal.note(content);
  await vi.waitFor(() => expect(set.warnings).toEqual([expect.stringMatching(/cannot be written: ENOENT/)]));
  mkdirSync(set.directory);
  chmodSync(set.directory, 0o700);
  await vi.waitFor(() => expect(existsSync(set.file)).toBe(true));
  await journal.close();
  expect(set.warnings).toHaveLength(1);
  expect(set.open().found).toBeDefined();
});
