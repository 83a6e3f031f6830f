import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adminTokens, tokenOf } from '../../src/config/admin-token.ts';
import { formatFault, parseConfig } from '../../src/config/load.ts';
import { compareConfigs, reloadRefusal } from '../../src/config/reload.ts';
import { temporaryFolder } from './files.ts';

const token = 'a-token.of_sixteen~+/==';

/** The configuration whose `admin` is this, beside a file `token` with that text. */
function load(admin: object, text = token) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'token'), text);
  return { folder, loaded: parseConfig(JSON.stringify({ admin }), join(folder, 'edge.yaml')) };
}

function faultsOf(admin: object, text?: string): string[] {
  const { loaded } = load(admin, text);
  return 'faults' in loaded ? loaded.faults.map(formatFault) : [];
}

describe('the token of the admin listener', () => {
  it('is none by default', () => {
    const { loaded } = load({});
    if ('faults' in loaded) throw new Error('faults');
    expect(loaded.config.admin).toMatchObject({ listen: { host: '127.0.0.1', port: 9464 }, operators: [] });
    expect(loaded.config.admin.console).toBe(true);
    expect(loaded.config.admin.refusals).toEqual({ kept: 10_000, numbers: 'full' });
    expect(tokenOf(loaded.config.admin)).toBeUndefined();
  });

  it.each([{ token }, { tokenFile: 'token' }])('is read from %j', (admin) => {
    const { loaded } = load(admin, `${token}\nwhat follows is a remark\n`);
    if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join());
    expect(tokenOf(loaded.config.admin)).toBe(token);
  });

  it.each(['short', 'with spaces in the middle', `${token}"`, 'x'.repeat(257), '', 1234567890123456])(
    'is never shown where it is not allowed: %j',
    (bad) => {
      const [fault, ...more] = faultsOf({ token: bad });
      expect(more).toEqual([]);
      expect(fault).toMatch(/^admin\.token: the value \(a secret, so not shown\) is not allowed; allowed: 16 to 256 /);
      if (String(bad) !== '') expect(fault).not.toContain(String(bad));
    },
  );

  it('is found bad in its file without being shown', () => {
    const [fault] = faultsOf({ tokenFile: 'token' }, 'sesame\n');
    expect(fault).toMatch(
      /^admin\.tokenFile: value "token" is not allowed; allowed: a file with a token \(its first line/,
    );
    expect(fault).not.toContain('sesame');
  });

  it('must be in a file that is there, and in one place only', () => {
    expect(faultsOf({ tokenFile: 'nowhere' })[0]).toMatch(/^admin\.tokenFile: value "nowhere" .*ENOENT/);
    expect(faultsOf({ token, tokenFile: 'token' })).toEqual([
      'admin.tokenFile: value "token" is not allowed; allowed: one of token and tokenFile, and not both (line 1)',
    ]);
  });
});

describe('operators', () => {
  const own = 'another-token-of-theirs';

  it('have a token each, from the configuration or a file, beside that without a name', () => {
    const operators = [
      { name: 'ann', token: own },
      { name: 'noc', tokenFile: 'token' },
    ];
    const { loaded } = load({ token: 'the-one-for-everybody', operators });
    if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join());
    expect(adminTokens(loaded.config.admin)).toEqual([
      { name: 'token', token: 'the-one-for-everybody' },
      { name: 'ann', token: own },
      { name: 'noc', token },
    ]);
  });

  it.each([
    [{ name: 'ann' }, 'admin.operators[0].token: is missing; allowed: a token, or a tokenFile (line 1)'],
    [{ name: 'a b', token: own }, /^admin\.operators\[0\]\.name: value "a b" is not allowed/],
    [{ name: 'local', token: own }, /^admin\.operators\[0\]\.name: value "local" is not allowed; .*not used twice/],
    [{ name: 'ann', token }, /^admin\.operators\[0\]\.token: .*allowed: a token that nobody else has/],
    [{ name: 'ann', token: 'short' }, /^admin\.operators\[0\]\.token: the value \(a secret/],
    [
      { name: 'ann', token: own, tokenFile: 'token' },
      /^admin\.operators\[0\]\.tokenFile: .*one of token and tokenFile/,
    ],
    [{ name: 'ann', tokenFile: 'nowhere' }, /^admin\.operators\[0\]\.tokenFile: value "nowhere" .*ENOENT/],
  ])('%j is a fault', (operator, fault) => {
    const found = faultsOf({ token, operators: [operator] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });
});

describe('refusals', () => {
  it.each([
    [{ kept: 0 }, { kept: 0, numbers: 'full' }],
    [
      { kept: 50_000, numbers: 'none' },
      { kept: 50_000, numbers: 'none' },
    ],
  ])('%j', (refusals, expected) => {
    const { loaded } = load({ refusals });
    if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join());
    expect(loaded.config.admin.refusals).toEqual(expected);
  });

  it.each([
    [{ kept: -1 }, /^admin\.refusals\.kept: value -1 is not allowed; allowed: a whole number from 0 to 50000/],
    [{ kept: 50_001 }, /^admin\.refusals\.kept: value 50001 is not allowed/],
    [{ numbers: 'some' }, /^admin\.refusals\.numbers: value "some" is not allowed; allowed: full, masked, none/],
    [{ keep: 1 }, /^admin\.refusals/],
  ])('%j is a fault', (refusals, fault) => {
    const found = faultsOf({ refusals });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  it('what is kept and shown of them is for a restart', () => {
    const [before, after] = [load({}).loaded, load({ refusals: { numbers: 'masked' } }).loaded];
    if ('faults' in before || 'faults' in after) throw new Error('faults');
    expect(reloadRefusal(compareConfigs(before.config, after.config))).toBe(
      'only a restart can change admin.refusals.numbers',
    );
  });
});
