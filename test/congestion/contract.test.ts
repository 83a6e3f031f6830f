// The server against its own OpenAPI document, with requests made from it: it never fails, never hangs, answers only what is
// documented, takes what the document allows and refuses what it does not.
import fc from 'fast-check';
import { Agent, type Dispatcher } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { session } from '../orchestrator/api/fake-desk.ts';
import { startSetting } from '../orchestrator/api/setting.ts';
import { type Contract, contract } from './contract.ts';
import { type FuzzRequest, requestOf } from './contract-requests.ts';

/** To run one again: FUZZ_SEED=123. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const requestsPerOperation = 16;
const hangMs = 5000;

interface Seen {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

async function send(agent: Agent, origin: string, { method, path, headers, body }: FuzzRequest): Promise<Seen> {
  const signal = AbortSignal.timeout(hangMs);
  const answer = await agent.request({
    ...{ origin, path, signal, body: body ?? null, method: method as Dispatcher.HttpMethod, headers: [...headers] },
  });
  const type = String(answer.headers['content-type'] ?? '').split(';')[0]!;
  if (type === 'text/event-stream') {
    answer.body.on('error', () => {}).destroy();
    return { status: answer.statusCode, type, text: '' };
  }
  return { status: answer.statusCode, type, text: await answer.body.text() };
}

/** What is wrong with the answer. */
function faultsOf(
  request: FuzzRequest,
  { status, type, text }: Seen,
  { operations, answerFaults, bodyFaults }: Contract,
): string[] {
  const { operation, method, value, isSound } = request;
  const found: string[] = [];
  if (status >= 500) found.push(`${status}: ${text}`);
  if (status >= 400 && method !== 'HEAD') {
    if (type !== 'application/problem+json') found.push(`an error of type ${type}`);
    else found.push(...problemFaults(status, JSON.parse(text) as { status?: unknown }, answerFaults));
  }
  // a path may have become another: its operation is not known then
  const isOperation = operations.some((one) => one.method === method && one.path === operation.path) && isSound;
  if (isOperation && !operation.statuses.includes(status)) found.push(`${status} is not documented`);
  if (isOperation && status === 200 && type === 'application/json') {
    found.push(...answerFaults(operation.id, status, JSON.parse(text)));
  }
  if (!isSound) return found;
  const wrong = operation.bodySchema === undefined ? [] : bodyFaults(operation.id, value);
  if (isAscii(value) && wrong.length === 0 && status === 400)
    found.push(`refused, though the document allows it: ${text}`);
  if (isAscii(value) && wrong.length > 0 && status < 400)
    found.push(`taken, though the document does not allow it: ${wrong.join()}`);
  return found;
}

function problemFaults(status: number, body: { status?: unknown }, answerFaults: Contract['answerFaults']): string[] {
  const shape = answerFaults('mode', 400, body);
  return body.status === status ? shape : [...shape, `${status} says that it is ${String(body.status)}`];
}

// JSON Schema counts letters, JavaScript counts UTF-16 units.
const isAscii = (value: unknown): boolean => /^[ -~]*$/.test(JSON.stringify(value) ?? '');

it(`holds the contract (FUZZ_SEED=${seed})`, { timeout: 60_000 }, async () => {
  const { api, ask, desk, told } = await startSetting({ limits: { failuresPerAddress: 1_000_000 } });
  const origin = `http://${api.address}`;
  const read = contract((await ask('GET /openapi.json')).json as Record<string, unknown>);
  const agent = new Agent({ connections: 4 });
  onTestFinished(() => agent.destroy());
  const seen = new Map<string, number>();
  let sound = 0;
  for (const [i, operation] of read.operations.entries()) {
    const property = fc.asyncProperty(requestOf(operation, read), async (request) => {
      desk.register('edge', undefined as never);
      const answer = await send(agent, origin, request);
      const key = `${operation.id} ${answer.status}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      if (request.isSound) sound++;
      expect(faultsOf(request, answer, read), `${request.method} ${request.path}`).toEqual([]);
    });
    await fc.assert(property, { seed: seed + i, numRuns: requestsPerOperation });
  }
  expect(await ask('GET /healthz')).toMatchObject({ status: 200 });
  expect(told.log).toEqual([]);
  // it was no exercise in refusing everything
  expect(sound).toBeGreaterThan(50);
  const succeeded = new Set([...seen.keys()].filter((key) => / 20[04]$/.test(key)).map((key) => key.split(' ')[0]));
  expect(succeeded.size).toBeGreaterThan(10);
});

it(`takes every message that the document allows (FUZZ_SEED=${seed})`, { timeout: 30_000 }, async () => {
  const { api, ask } = await startSetting();
  const read = contract((await ask('GET /openapi.json')).json as Record<string, unknown>);
  const agent = new Agent({ connections: 4 });
  onTestFinished(() => agent.destroy());
  for (const operation of read.operations.filter(({ bodySchema }) => bodySchema !== undefined)) {
    const property = fc.asyncProperty(requestOf(operation, read), async (request) => {
      fc.pre(request.isSound && read.bodyFaults(operation.id, request.value).length === 0);
      const value = { ...(request.value as object), ...('session' in (request.value as object) ? { session } : {}) };
      const { status, type, text } = await send(agent, `http://${api.address}`, {
        ...request,
        body: JSON.stringify(value),
      });
      expect({ status, text: status < 300 ? '' : text }).toEqual({ status: expect.any(Number) as number, text: '' });
      if (type === 'application/json') expect(read.answerFaults(operation.id, status, JSON.parse(text))).toEqual([]);
    });
    await fc.assert(property, { seed, numRuns: 10, maxSkipsPerRun: 1000 });
  }
});
