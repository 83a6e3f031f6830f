// README's examples against a running edge, as they are printed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../peers/child.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { freePort } from '../peers/ports.ts';
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

it('why a call was refused: the commands as they stand there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'surgegate.yaml');
  const port = await freePort();
  writeFileSync(
    config,
    `interfaces: { south: { listen: ["udp:127.0.0.1:${port}"] }, core: { listen: ["udp:127.0.0.1:0"] } }\nadmin: { listen: "127.0.0.1:0" }\n`,
  );
  const edge = startChild('edge', process.execPath, ['dist/cli.js', 'run', '--config', config], {
    cwd: root,
    env: { XDG_STATE_HOME: folder },
  });
  onTestFinished(() => edge.end(3000));
  const admin = await waitFor('it to listen', () => /"admin":"([^"]+)"/.exec(edge.log())?.[1]);
  await fetch(`http://${admin}/v1/gaps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ digits: '2125550100', intervalSeconds: 'stop', seconds: 60 }),
  });
  const inForce = async () =>
    /surgegate_gaps\{cause="operator"\} 1/.test(await (await fetch(`http://${admin}/metrics`)).text());
  await waitFor('the gap', inForce);
  const socket = await openDatagrams();
  onTestFinished(() => socket.close());
  const { host, port: own } = socket;
  socket.send(requestText({ host, port: own, uri: 'sip:+12125550100@x', callId: '17-19105@127.0.0.1' }), port);
  await socket.next(/^SIP\/2\.0 503/);

  const block = /```sh\n(npx surgegate refusals[\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  expect(block?.match(/^npx surgegate refusals/gm)).toHaveLength(4);
  const command = `${process.execPath} dist/cli.js refusals --admin ${admin}`;
  const script = block!.replaceAll('npx surgegate refusals', command);
  const shell = startChild('bash', 'bash', ['-e', '-c', script], { cwd: root });
  expect(await shell.exited, shell.log()).toMatchObject({ code: 0 });
  const told = shell
    .log()
    .match(/ {2}reason {6}gap: .*\n {2}answer {6}503, .*\n {2}Call-ID {5}17-19105@127\.0\.0\.1\n {2}throttle {4}L0; /g);
  expect(told).toHaveLength(3);
  expect(shell.log()).toContain('"reason": "gap"');
});
