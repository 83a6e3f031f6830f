import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadStateKey } from '../../src/config/state.ts';
import { temporaryFile, temporaryFolder } from './files.ts';

const silent = (message: string): never => {
  throw new Error(`warned: ${message}`);
};

describe('the state key', () => {
  it('is made once, of 32 bytes, for the owner alone, and found again', () => {
    const folder = join(temporaryFolder(), 'a', 'b');
    const key = loadStateKey(folder, silent);
    expect(key).toHaveLength(32);
    expect(loadStateKey(folder, silent)).toEqual(key);
    expect(statSync(join(folder, 'branch.key')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual(['branch.key']);
  });

  it('is another in another directory', () => {
    expect(loadStateKey(temporaryFolder(), silent)).not.toEqual(loadStateKey(temporaryFolder(), silent));
  });

  it('that others can read is closed to them', () => {
    const folder = temporaryFolder();
    const key = loadStateKey(folder, silent);
    chmodSync(join(folder, 'branch.key'), 0o644);
    const warnings: string[] = [];
    expect(loadStateKey(folder, (message) => warnings.push(message))).toEqual(key);
    expect(warnings).toEqual([expect.stringContaining('its mode is now 0600')]);
    expect(statSync(join(folder, 'branch.key')).mode & 0o777).toBe(0o600);
  });

  it('of another length is replaced', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'branch.key'), 'short', { mode: 0o600 });
    const warnings: string[] = [];
    const key = loadStateKey(folder, (message) => warnings.push(message));
    expect(key).toHaveLength(32);
    expect(readFileSync(join(folder, 'branch.key'))).toEqual(key);
    expect(warnings).toEqual([expect.stringContaining('holds 5 bytes and not 32')]);
  });

  it('lives as long as the process where the directory cannot be used', () => {
    const warnings: string[] = [];
    const key = loadStateKey(join(temporaryFile('a', ''), 'state'), (message) => warnings.push(message));
    expect(key).toHaveLength(32);
    expect(warnings).toEqual([expect.stringContaining('calls in set-up will not survive a restart')]);
  });
});
