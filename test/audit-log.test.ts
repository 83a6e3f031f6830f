import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditLog, type AuditLogOptions } from '../src/audit-log.ts';
import { auditEntrySchema } from '../src/congestion/north-messages.ts';
import { temporaryFolder } from './config/files.ts';

const unixMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const action = { by: 'noc', action: 'gap', subject: '900', reason: 'televote', seconds: 60 } as const;
const actions = ['gap', 'lift-gap'] as const;
type Action = (typeof actions)[number];

function setUp(more: Partial<AuditLogOptions<Action>> = {}) {
  const directory = join(temporaryFolder(), 'state');
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const open = () => new AuditLog<Action>({ directory, actions, unixMs: () => unixMs, warn, ...more });
  const lines = (name = 'audit.jsonl') => readFileSync(join(directory, name), 'utf8').split('\n').filter(Boolean);
  return { directory, warnings, open, lines };
}

it('tells who did what, when, until when and why, the newest first', async () => {
  const { open } = setUp();
  const audit = open();
  audit.note(action);
  audit.note({ by: 'expiry', action: 'lift-gap', subject: '900', reason: 'televote' });
  expect(audit.entries().map((entry) => auditEntrySchema.parse(entry))).toEqual([
    { at: '2026-01-02T03:04:05.000Z', by: 'expiry', action: 'lift-gap', subject: '900', reason: 'televote' },
    {
      at: '2026-01-02T03:04:05.000Z',
      by: 'noc',
      action: 'gap',
      subject: '900',
      reason: 'televote',
      until: '2026-01-02T03:05:05.000Z',
    },
  ]);
  await audit.close();
});

it('tells of each entry at once, whatever the disk does', async () => {
  const told: unknown[] = [];
  const { open } = setUp({ directory: '/dev/null/none', onEntry: (entry) => told.push(entry) });
  const audit = open();
  audit.note({ ...action, reason: 'x'.repeat(300) });
  expect(told).toEqual(audit.entries());
  expect(told).toHaveLength(1);
  await audit.close();
});

it('is a line each in a file that its owner alone can read, and that the next process reads again', async () => {
  const { open, directory, lines, warnings } = setUp();
  const audit = open();
  for (let i = 0; i < 50; i++) audit.note({ ...action, subject: String(i) });
  await audit.close();
  expect(lines()).toHaveLength(50);
  expect(statSync(join(directory, 'audit.jsonl')).mode & 0o777).toBe(0o600);
  const next = open();
  expect(next.entries()).toEqual(audit.entries());
  expect(next.entries()).toHaveLength(50);
  next.note(action);
  await next.close();
  expect(lines()).toHaveLength(51);
  expect(readFileSync(join(directory, 'audit.jsonl'), 'utf8')).not.toMatch(/\n\n|^\n/);
  expect(warnings).toEqual([]);
});

it('keeps the last 1,000 in memory', async () => {
  const audit = setUp().open();
  for (let i = 0; i < 1500; i++) audit.note({ ...action, subject: String(i) });
  expect(audit.entries()).toHaveLength(1000);
  expect(audit.entries().at(-1)?.subject).toBe('500');
  await audit.close();
});

it('turns its file over, and keeps so many older ones', async () => {
  const { open, directory, lines } = setUp({ mostFileBytes: 300, olderFiles: 2 });
  const audit = open();
  for (let i = 0; i < 20; i++) {
    audit.note({ ...action, subject: String(i) });
    await audit.close();
  }
  expect(readdirSync(directory).sort()).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2']);
  const kept = ['audit.jsonl.2', 'audit.jsonl.1', 'audit.jsonl'].flatMap((name) => lines(name));
  const subjects = kept.map((line) => Number((JSON.parse(line) as { subject: string }).subject));
  expect(subjects).toEqual([...Array(20).keys()].slice(-subjects.length));
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(300);
  expect(open().entries().length).toBeGreaterThan(lines().length);
});

describe('a file that is spoilt', () => {
  it('in its last line, by a process that was killed, loses that line alone', async () => {
    const { open, directory, lines } = setUp();
    const audit = open();
    audit.note(action);
    await audit.close();
    appendFileSync(join(directory, 'audit.jsonl'), '{"at":"2026-01-0');
    const next = open();
    expect(next.entries()).toHaveLength(1);
    next.note({ ...action, subject: '901' });
    await next.close();
    expect(lines()).toHaveLength(3);
    expect(
      open()
        .entries()
        .map(({ subject }) => subject),
    ).toEqual(['901', '900']);
  });

  it('by others shows what is an entry', () => {
    const { open, directory } = setUp();
    mkdirSync(directory);
    writeFileSync(join(directory, 'audit.jsonl'), 'x\n{}\n[1]\nnull\n');
    expect(open().entries()).toEqual([]);
  });
});

it('that cannot be written is said once, and what was noted meanwhile is written when it can be', async () => {
  const { open, directory, lines, warnings } = setUp();
  writeFileSync(directory, '');
  const audit = open();
  for (const subject of ['1', '2', '3']) {
    audit.note({ ...action, subject });
    await audit.close();
  }
  expect(warnings).toEqual([expect.stringMatching(/^the audit cannot be kept in .*(EEXIST|ENOTDIR)/)]);
  expect(audit.entries()).toHaveLength(3);
  rmSync(directory);
  audit.note({ ...action, subject: '4' });
  await audit.close();
  expect(lines().map((line) => JSON.parse(line).subject)).toEqual(['1', '2', '3', '4']);
  expect(readFileSync(join(directory, 'audit.jsonl'), 'utf8')).not.toMatch(/^\n/);
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  audit.note(action);
  await audit.close();
  expect(warnings).toHaveLength(2);
});

it('whose end alone is read, however large it is', async () => {
  const { open, directory } = setUp();
  mkdirSync(directory);
  const file = join(directory, 'audit.jsonl');
  const line = (subject: string) => `${JSON.stringify({ at: '2026-01-02T03:04:05.000Z', ...action, subject })}\n`;
  writeFileSync(file, line('first') + 'x'.repeat(300_000) + line('behind half a line') + line('last'));
  expect(
    open()
      .entries()
      .map(({ subject }) => subject),
  ).toEqual(['last']);
});

it('cuts what nobody should write so long', async () => {
  const audit = setUp().open();
  const long = 'x'.repeat(300);
  const { by, subject, reason } = audit.note({ ...action, by: long, subject: long, reason: long });
  expect([by.length, subject.length, reason.length]).toEqual([128, 200, 200]);
  await audit.close();
});

it('is not waited for at the end while its disk hangs', async () => {
  const { open, directory } = setUp();
  mkdirSync(directory);
  const audit = open();
  // Who writes into a pipe that nobody reads waits.
  const pipe = join(directory, 'audit.jsonl');
  execFileSync('mkfifo', [pipe]);
  audit.note(action);
  const began = performance.now();
  await audit.close();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(audit.entries()).toHaveLength(1);
  // The thread that waits is let go.
  await readFile(pipe);
});
