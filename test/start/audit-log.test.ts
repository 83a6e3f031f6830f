import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AuditLog, type AuditNote } from '../../src/start/audit-log.ts';

let directory = '';
const warnings: string[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'surgegate-'));
  warnings.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (mostFileBytes?: number, where = directory) =>
  new AuditLog(where, {
    warn: (text) => warnings.push(text),
    ...(mostFileBytes === undefined ? {} : { mostFileBytes }),
  });
const drain: AuditNote = { by: 'ann', action: 'drain', subject: 'edge', reason: 'exercise', seconds: 60 };
const file = () => join(directory, 'audit.jsonl');
const lines = (of = file()) => readFileSync(of, 'utf8').trimEnd().split('\n');

it('writes who did what, when, until when, one line each, for nobody else to read', async () => {
  const log = open();
  const beforeMs = Date.now();
  log.note(drain);
  log.note({ by: 'bob', action: 'lift-drain', subject: 'edge', reason: '' });
  await log.close();
  const [first, second] = lines().map((line) => JSON.parse(line));
  expect(first).toMatchObject({ by: 'ann', action: 'drain', subject: 'edge', reason: 'exercise' });
  expect(Date.parse(first.at)).toBeGreaterThanOrEqual(beforeMs);
  expect(Date.parse(first.until) - Date.parse(first.at)).toBe(60_000);
  expect(second).not.toHaveProperty('until');
  expect(log.entries().map(({ by }) => by)).toEqual(['bob', 'ann']);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it('goes on with what an earlier process has left, a line that was cut off among it', async () => {
  const log = open();
  log.note(drain);
  await log.close();
  writeFileSync(file(), '{"at":"2030-01-0', { flag: 'a' });
  const next = open();
  expect(next.entries()).toMatchObject([{ by: 'ann' }]);
  next.note({ ...drain, by: 'bob' });
  await next.close();
  expect(next.entries().map(({ by }) => by)).toEqual(['bob', 'ann']);
  expect(
    open()
      .entries()
      .map(({ by }) => by),
  ).toEqual(['bob', 'ann']);
});

it('is bounded: a full file takes another name, in place of the one before', async () => {
  const one = 200;
  const log = open(10 * one);
  for (let i = 0; i < 40; i++) {
    log.note({ ...drain, reason: `${i}`.padEnd(60, '.') });
    await log.close();
  }
  expect(statSync(file()).size).toBeLessThanOrEqual(10 * one);
  expect(statSync(`${file()}.1`).size).toBeLessThanOrEqual(10 * one);
  expect(existsSync(`${file()}.2`)).toBe(false);
  expect(JSON.parse(lines().at(-1)!).reason).toMatch(/^39\./);
});

it('keeps the last 500 in memory', async () => {
  const log = open();
  for (let i = 0; i < 600; i++) log.note({ ...drain, reason: String(i) });
  await log.close();
  expect(log.entries()).toHaveLength(500);
  expect([log.entries()[0]?.reason, log.entries().at(-1)?.reason]).toEqual(['599', '100']);
  expect(lines()).toHaveLength(600);
});

it('where nothing can be written says so once, and still knows what was done', async () => {
  writeFileSync(join(directory, 'blocked'), '');
  const log = open(undefined, join(directory, 'blocked'));
  for (let i = 0; i < 3; i++) {
    log.note(drain);
    await log.close();
  }
  expect(warnings).toEqual([expect.stringMatching(/^the audit cannot be kept in .*(EEXIST|ENOTDIR)/)]);
  expect(log.entries()).toHaveLength(3);
});
