import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from '../config/files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command from its sources, as `surgegate ARGUMENTS` would. */
function surgegate(...given: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const started = execFile(
      process.execPath,
      ['--import', 'tsx', 'src/cli.ts', ...given],
      { cwd: root },
      (_error, out, error) => resolve({ status: started.exitCode ?? -1, out, error }),
    );
  });
}

describe('surgegate check', () => {
  it('says that the shipped configuration is valid', async () => {
    expect(await surgegate('check', 'config/surgegate.yaml')).toEqual({
      status: 0,
      out: 'config/surgegate.yaml: valid\n',
      error: '',
    });
  });

  it('says every fault on a line of its own and exits 1', async () => {
    const file = temporaryFile('edge.yaml', 'udp: fast\nlimits:\n  headers: 1\n');
    const { status, out, error } = await surgegate('check', file);
    expect(status).toBe(1);
    expect(error).toBe('');
    expect(out.split('\n')).toEqual([
      'limits.headers: value 1 is not allowed; allowed: a whole number from 16 to 4096 (header lines) (line 3)',
      'udp: value "fast" is not allowed; allowed: batched, plain (line 1)',
      '',
    ]);
  });

  it('--json: what is wrong, as an object', async () => {
    const file = temporaryFile('edge.yaml', 'udp: fast\n');
    const { status, out, error } = await surgegate('check', '--json', file);
    expect([status, error]).toEqual([1, '']);
    const message = 'value "fast" is not allowed; allowed: batched, plain';
    expect(JSON.parse(out)).toEqual({ file, valid: false, faults: [{ key: 'udp', message, line: 1 }], warnings: [] });
    const valid = await surgegate('check', '--json', 'config/orchestrator.yaml');
    expect(valid.status).toBe(0);
    expect(JSON.parse(valid.out)).toMatchObject({ valid: true, faults: [] });
  });

  it('looks into the dial plan', async () => {
    const plan = temporaryFile('plan.yaml', 'nonsense: true\n');
    const { status, out } = await surgegate('check', temporaryFile('edge.yaml', `dialplan: ${plan}\n`));
    expect(status).toBe(1);
    expect(out).toContain('nonsense');
  });

  it('prints the JSON Schema', async () => {
    const { status, out } = await surgegate('check', '--json-schema');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: { timers: { properties: { timerCSeconds: { minimum: 181, maximum: 3600, default: 185 } } } },
    });
  });

  it('needs a file', async () => {
    const { status, out, error } = await surgegate('check');
    expect({ status, out, error }).toEqual({
      status: 1,
      out: '',
      error: 'surgegate: check needs a file, or --json-schema\n',
    });
  });
});

describe('surgegate', () => {
  it('prints its version', async () => {
    expect(await surgegate('--version')).toEqual({ status: 0, out: `${version}\n`, error: '' });
  });

  it('fails on an unknown command', async () => {
    const { status, error } = await surgegate('rnu');
    expect(status).toBe(1);
    expect(error).toContain("unknown command 'rnu'");
  });

  it('run fails with one line where the configuration cannot be used', async () => {
    const { status, error } = await surgegate('run', '--config', temporaryFile('edge.yaml', 'udp: fast\n'));
    expect(status).toBe(1);
    expect(error).toMatch(/^surgegate: .*\n$/);
  });
});
