// README's examples against a running edge, as they are printed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../peers/child.ts';
import { waitFor } from '../peers/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('orders by hand: gaps, a running mode, a drain, shadow mode, and the audit of them; what the console reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'surgegate.yaml');
  writeFileSync(
    config,
    'interfaces: { south: { listen: ["udp:127.0.0.1:0"] }, core: { listen: ["udp:127.0.0.1:0"] } }\nadmin: { listen: "127.0.0.1:0" }\n',
  );
  const edge = startChild('edge', process.execPath, ['dist/cli.js', 'run', '--config', config], {
    cwd: root,
    env: { XDG_STATE_HOME: folder },
  });
  onTestFinished(() => edge.end(3000));
  const admin = await waitFor('it to listen', () => /"admin":"([^"]+)"/.exec(edge.log())?.[1]);
  const block = /```sh\n(ADMIN=[\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  expect(block).toContain('ADMIN=http://127.0.0.1:9464');
  const script = block!.replace('127.0.0.1:9464', admin).replaceAll('curl -s ', 'curl -sS --fail-with-body -w "\\n" ');
  const shell = startChild('bash', 'bash', ['-e', '-c', script]);
  expect(await shell.exited, shell.log()).toMatchObject({ code: 0 });
  const answers = shell
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(answers[1]).toMatchObject({ digits: '2125550100', intervalSeconds: 5, cause: 'operator' });
  expect(answers[2]).toMatchObject({ digits: '212555', passRatio: 0.25 });
  expect(answers[3]).toMatchObject({ mode: 'L1' });
  expect(answers.at(-1).entries.map(({ by, action }: { by: string; action: string }) => `${by} ${action}`)).toEqual(
    ['lift-shadow', 'shadow', 'lift-drain', 'drain', 'lift-override', 'override', 'lift-gap', 'gap', 'gap'].map(
      (action) => `local ${action}`,
    ),
  );

  const reading = /```sh\n(CONSOLE=[\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  expect(reading).toContain('CONSOLE=http://127.0.0.1:9464');
  await waitFor('a row', async () =>
    /"at":\[\d/.test(await (await fetch(`http://${admin}/v1/history?seconds=600`)).text()),
  );
  const reader = startChild('bash', 'bash', ['-e', '-c', reading!.replace('127.0.0.1:9464', admin)]);
  expect(await reader.exited, reader.log()).toMatchObject({ code: 0 });
  expect(reader.log()).toMatch(/^\{"stepSeconds":1,"at":\[\d/);
  expect(reader.log()).toContain('"text":"shadow mode switched on until ');
  for (const event of ['status', 'row']) expect(reader.log()).toContain(`event: ${event}\ndata: {`);
});
