// The systemd units, by systemd's own tools: no key is unknown, and what a broken-into edge could reach stays little.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../config/files.ts';
import { onPath } from '../peers/install.ts';

const folder = fileURLToPath(new URL('../../config/systemd/', import.meta.url));
const lacking = ['systemd-analyze', 'systemd-sysusers'].filter((program) => !onPath(program));
if (lacking.length > 0) process.stderr.write(`\n*** missing: ${lacking.join(', ')} (Debian: systemd): SKIPPED\n\n`);

const textOf = (unit: string): string => readFileSync(join(folder, unit), 'utf8');

/** The unit where its command is there: systemd looks for `surgegate` where this machine has none. */
function placed(unit: string): string {
  const file = join(temporaryFolder(), unit);
  writeFileSync(file, textOf(unit).replace(/^ExecStart=/m, 'ExecStart=/usr/bin/env '));
  return file;
}

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return { status, out: stdout, error: stderr };
}

function exposureOf(file: string): number {
  const { out } = run('systemd-analyze', 'security', '--offline=true', '--no-pager', file);
  return Number(/Overall exposure level for \S+: ([\d.]+)/.exec(out)?.[1]);
}

// Of 10, worst. What is left: the network, which is what they are for; and the orchestrator is root, without capabilities.
const exposures = { 'surgegate.service': 1.1, 'surgegate-orchestrator.service': 2.1 };

describe.skipIf(lacking.length > 0)(`systemd units${lacking.length > 0 ? ` (missing: ${lacking})` : ''}`, () => {
  it.each(Object.keys(exposures))('%s has no fault', (unit) => {
    expect(run('systemd-analyze', 'verify', '--man=no', placed(unit))).toEqual({ status: 0, out: '', error: '' });
  });

  it('a fault would be found', () => {
    const file = placed('surgegate.service');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^ProtectProc=/m, 'ProtectPorc='));
    expect(run('systemd-analyze', 'verify', '--man=no', file).error).toContain('ProtectPorc');
  });

  it.each(Object.entries(exposures))(
    '%s is exposed by %d at most, and without one of its walls by more',
    (unit, most) => {
      const file = placed(unit);
      expect(exposureOf(file)).toBeLessThanOrEqual(most);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^(CapabilityBoundingSet|SystemCallFilter)=.*$/gm, ''));
      expect(exposureOf(file)).toBeGreaterThan(most);
    },
  );

  it('the user of the edge is made by systemd-sysusers', () => {
    const made = run('systemd-sysusers', '--dry-run', join(folder, 'surgegate.sysusers.conf'));
    expect(made).toMatchObject({ status: 0 });
    const user = /^User=(.*)$/m.exec(textOf('surgegate.service'))?.[1];
    expect(readFileSync(join(folder, 'surgegate.sysusers.conf'), 'utf8')).toMatch(new RegExp(`^u ${user} `, 'm'));
  });
});

describe('the commands of the units', () => {
  it.each([
    ['surgegate.service', ['run', '--config', '/etc/surgegate/surgegate.yaml']],
    ['surgegate-orchestrator.service', ['orchestrator', '--config', '/etc/surgegate/orchestrator.yaml']],
  ])('%s', (unit, args) => {
    expect(/^ExecStart=surgegate (.*)$/m.exec(textOf(unit))?.[1]?.split(' ')).toEqual(args);
  });
});
