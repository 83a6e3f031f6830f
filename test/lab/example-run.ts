// Runs an example application as the process that it is in the demo, against a fake orchestrator.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { application, FakeOrchestrator, token } from '../congestion/fake-orchestrator.ts';

export interface ExampleRun {
  readonly fake: FakeOrchestrator;
  readonly child: ChildProcess;
  /** Each line that it printed. */
  readonly events: Record<string, unknown>[];
  /** Of the newest report. */
  used(): number;
}

export const notice = (cpuCores: number) =>
  ({ id: 'n-1', kind: 'start-load-shedding', target: { cpuCores }, deadlineSeconds: 10, cause: 'test' }) as const;

export async function runExample(program: 'web-application' | 'batch-job', ...more: string[]): Promise<ExampleRun> {
  const fake = await new FakeOrchestrator().start();
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-example-'));
  const file = join(folder, 'token');
  writeFileSync(file, `${token}\n`);
  const options = ['--orchestrator', fake.url, '--token-file', file, '--name', application, '--events', ...more];
  const child = spawn(process.execPath, ['--import', 'tsx', `src/lab/${program}.ts`, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: Record<string, unknown>[] = [];
  createInterface(child.stdout).on('line', (line) => events.push(JSON.parse(line)));
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    await fake.stop();
    rmSync(folder, { recursive: true });
  });
  const used = (): number =>
    (fake.of('report').at(-1)?.body.used as { cpuCores: number } | undefined)?.cpuCores ?? Number.NaN;
  return { fake, child, events, used };
}
