// What `npm pack` makes, installed elsewhere: its files, its command, a call through it, and its types.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labTest } from '../peers/lab-test.ts';
import { notifyReceiver } from '../peers/notify-receiver.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { freePort } from '../peers/ports.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { type Installed, installPackage, root } from './package-setting.ts';

let installed: Installed;
beforeAll(async () => {
  installed = await installPackage();
}, 400_000);
afterAll(() => installed?.remove());

const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(root.length));

const inFolder = () => ({ cwd: installed.folder, encoding: 'utf8' }) as const;

it('the package holds what is used, and nothing of the tests', () => {
  const { files } = installed;
  const built = filesUnder('src')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('src/console/page/'))
    .flatMap((file) => ['.js', '.d.ts'].map((end) => file.replace(/^src/, 'dist').replace(/\.ts$/, end)));
  const shipped = ['config', 'dialplans', 'grafana'].filter((name) => existsSync(join(root, name))).flatMap(filesUnder);
  expect([...built, ...shipped, 'README.md', 'package.json'].filter((file) => !files.includes(file))).toEqual([]);
  expect(files.filter((file) => !/^(dist|config|dialplans|grafana)\/|^(README\.md|package\.json)$/.test(file))).toEqual(
    [],
  );
  expect(files.filter((file) => /\.(map|tsbuildinfo)$|(^|\/)(test|node_modules|\.[^/]+)\//.test(file))).toEqual([]);
});

it('no file of it names a place on the machine that built it', () => {
  const places = [root, root.replace(/\/$/, ''), installed.folder.replace(/\/elsewhere$/, '')];
  const naming = installed.files.filter((file) => {
    const text = readFileSync(join(installed.home, file), 'latin1');
    return places.some((place) => text.includes(place));
  });
  expect(naming).toEqual([]);
});

it('npx surgegate says its version and checks every configuration that it brings', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const told = spawnSync('npx', ['surgegate', '--version'], inFolder());
  expect(told).toMatchObject({ status: 0, stdout: `${version}\n` });
  for (const name of ['surgegate', 'orchestrator']) {
    const file = `node_modules/surgegate/config/${name}.yaml`;
    const { status, stdout } = spawnSync('node_modules/.bin/surgegate', ['check', file], inFolder());
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${file}: valid\n` });
  }
});

it('what README takes from the package to install it is in there', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(readme).toContain('P=$(npm root --global)/surgegate/config\n');
  const taken = [...new Set([...readme.matchAll(/\$P(\/[\w./-]+)/g)].map(([, file]) => `config${file}`))];
  expect(taken.length).toBeGreaterThan(2);
  expect(taken.filter((file) => !installed.files.includes(file))).toEqual([]);
});

it("README's examples of `surgegate/drachtio` and `surgegate/congestion` have types outside", () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```[jt]s\n([\s\S]*?)```/g)].map(([, code]) => code!);
  const folder = join(installed.folder, 'typed');
  mkdirSync(folder);
  const given =
    'declare const usedCores: () => number, requestsPerSecond: number, normalPerSecond: number, limitTo: (n: number) => void;\n';
  for (const name of ['congestion', 'drachtio']) {
    const code = examples.find((one) => one.includes(`'surgegate/${name}'`));
    expect(code, name).toBeDefined();
    writeFileSync(join(folder, `${name}.ts`), given + code);
  }
  const wrong =
    "import { CongestionClient } from 'surgegate/congestion';\n" +
    "import { askedUse } from 'surgegate/congestion/allowed-use';\n" +
    "import { congestionControl } from 'surgegate/drachtio';\n" +
    '// @ts-expect-error\nnew CongestionClient({ url: 5 });\n// @ts-expect-error\naskedUse(5);\n' +
    "// @ts-expect-error\ncongestionControl({ pushback: 'shout' });\n";
  writeFileSync(join(folder, 'wrong.ts'), wrong); // an import that is `any` would take all of them
  for (const name of ['@types', 'undici-types']) {
    const there = join(installed.folder, 'node_modules', name);
    if (!existsSync(there)) symlinkSync(join(root, 'node_modules', name), there);
  }
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }));
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

peerSuite('installed elsewhere', () => {
  labTest(
    'the edge runs its own configuration, takes a call, and tells the service manager how it fares',
    async ({ lab }) => {
      const ports = new Map<string, number>();
      let text = readFileSync(join(installed.home, 'config/surgegate.yaml'), 'utf8');
      for (const [port] of text.matchAll(/(?<=127\.0\.0\.1:)\d+/g)) {
        if (!ports.has(port)) ports.set(port, await freePort());
      }
      text = text
        .replace(/^orchestrator: embedded$/m, 'orchestrator: { embedded: true, listen: "127.0.0.1:0" }')
        .replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => String(ports.get(port) ?? port));
      const file = join(lab.dir, 'surgegate.yaml');
      writeFileSync(file, text);
      const manager = notifyReceiver(join(lab.dir, 'notify'));
      lab.onEnd(() => manager.close());
      const said = (word: RegExp) => manager.messages().filter((message) => word.test(message)).length;
      const command = join(installed.folder, 'node_modules/.bin/surgegate');
      const edge = lab.start('edge', command, ['run', '--config', file], {
        NOTIFY_SOCKET: join(lab.dir, 'notify'),
        WATCHDOG_USEC: '1000000',
        STATE_DIRECTORY: join(lab.dir, 'state'),
      });
      await waitFor('READY=1', () => edge.running() && said(/^READY=1$/) === 1, 30_000);
      const admin = `http://127.0.0.1:${ports.get('9464')}`;
      expect((await fetch(`${admin}/readyz`)).status).toBe(200); // it was ready when it said so
      const html = await (await fetch(`${admin}/`)).text();
      const used = [...html.matchAll(/(?:src|href)="([^":#]+\.(?:js|css))"/g)].map(([, file]) => file!);
      expect(used.length).toBeGreaterThan(1);
      for (const name of used) {
        const { status } = await fetch(new URL(name, admin));
        expect({ name, status }).toEqual({ name, status: 200 });
      }
      await waitFor('its status', () => said(/^STATUS=mode L0, switches 1 of 1 up$/) > 0);

      const caller = await startSipp(lab, 'uac-call', {
        to: `127.0.0.1:${ports.get('5060')}`,
        calls: 1,
        limitSeconds: 30,
      });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });

      edge.kill('SIGHUP');
      await waitFor('READY=1 after the reload', () => said(/^READY=1$/) === 2, 30_000);
      expect(said(/^RELOADING=1\nMONOTONIC_USEC=\d+$/)).toBe(1);
      await waitFor('signs of life', () => said(/^WATCHDOG=1$/) > 1);
      edge.kill('SIGTERM');
      expect(await edge.exited).toMatchObject({ code: 0 });
      expect(said(/^STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000$/)).toBe(1);
    },
  );

  labTest('the orchestrator tells the service manager too', async ({ lab }) => {
    const file = join(lab.dir, 'orchestrator.yaml');
    const text = readFileSync(join(installed.home, 'config/orchestrator.yaml'), 'utf8');
    writeFileSync(file, text.replace('127.0.0.1:9465', `127.0.0.1:${await freePort()}`));
    const manager = notifyReceiver(`@surgegate-${lab.dir}`);
    lab.onEnd(() => manager.close());
    const words = () => manager.messages().filter((message) => !message.startsWith('STATUS='));
    const command = join(installed.folder, 'node_modules/.bin/surgegate');
    const orchestrator = lab.start('orchestrator', command, ['orchestrator', '--config', file], {
      NOTIFY_SOCKET: `@surgegate-${lab.dir}`,
      STATE_DIRECTORY: join(lab.dir, 'state'),
    });
    await waitFor('READY=1', () => orchestrator.running() && words().length === 1, 30_000);
    orchestrator.kill('SIGHUP');
    await waitFor('READY=1 after the reload', () => words().length === 3, 30_000);
    orchestrator.kill('SIGTERM');
    expect(await orchestrator.exited).toMatchObject({ code: 0 });
    expect(words().map((message) => message.split('\n')[0])).toEqual([
      'READY=1',
      'RELOADING=1',
      'READY=1',
      'STOPPING=1',
    ]);
    expect(manager.messages()).toContainEqual(
      expect.stringMatching(/^STATUS=mode L0, 0 of 3 applications registered$/),
    );
  });
});
