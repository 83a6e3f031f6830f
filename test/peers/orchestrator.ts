// The orchestrator as a process of its own, as an operator runs it: configuration file, tokens, HTTP.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from './child.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const startLimitMs = 30_000;

/** More than any machine has: nothing is short but what a test says. */
const plenty = { cpuCores: 100_000, memoryBytes: '1000T', diskBytes: '8000T' };

export interface OrchestratorProcess {
  readonly url: string;
  /** Of the application `surgegate`, and of the operator `noc`. */
  readonly token: string;
  readonly operatorToken: string;
  child(): Child;
  /** Starts it, or starts it again with the same file and state. */
  start(): Promise<void>;
  /** As the operator; the status of the answer. */
  order(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<number>;
}

/** `application`: more of what the orchestrator knows of `surgegate`. It is not started yet. */
export async function prepareOrchestrator(lab: Lab, application: object = {}): Promise<OrchestratorProcess> {
  const name = lab.uniqueName('orchestrator');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = `token-of-the-edge-${name}`;
  const operatorToken = `token-of-the-noc-${name}`;
  const file = join(lab.dir, `${name}.yaml`);
  const config = {
    ...{ name, listen: `127.0.0.1:${port}`, host: { maximum: plenty }, state: { directory: join(lab.dir, name) } },
    applications: [{ name: 'surgegate', token, priority: 9, ...application }],
    operators: [{ name: 'noc', token: operatorToken }],
  };
  writeFileSync(file, JSON.stringify(config));
  const command =
    process.env.SURGEGATE_FROM_SOURCE === undefined
      ? [join(root, 'dist/cli.js')]
      : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts')];
  let child: Child | undefined;
  return {
    url,
    token,
    operatorToken,
    child() {
      if (child === undefined) throw new Error(`${name} was not started`);
      return child;
    },
    async start() {
      child = lab.start(name, process.execPath, [...command, 'orchestrator', '--config', file]);
      const isThere = async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) })).ok;
      await waitFor(`${name} to listen`, isThere, startLimitMs);
    },
    async order(method, path, body) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${operatorToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return answer.status;
    },
  };
}
