// An API over a fake desk with one identity of each kind, on a port of its own.
import { Registry } from 'prom-client';
import { type Dispatcher, request } from 'undici';
import { onTestFinished } from 'vitest';
import { startApi } from '../../../src/orchestrator/api/api.ts';
import type { ApiLimits, ApiOptions } from '../../../src/orchestrator/api/api-options.ts';
import type { Credential } from '../../../src/orchestrator/api/identity.ts';
import { type FakeDesk, fakeDesk } from './fake-desk.ts';

export const tokens = {
  edge: 'edge-token-0123456789',
  web: 'web-token-0123456789',
  east: 'east-token-0123456789',
  noc: 'noc-token-0123456789',
} as const;
export type Who = keyof typeof tokens;

export const credentials: readonly Credential[] = [
  { role: 'application', name: 'edge', token: tokens.edge },
  { role: 'application', name: 'web', token: tokens.web },
  { role: 'peer', name: 'east', token: tokens.east },
  { role: 'operator', name: 'noc', token: tokens.noc },
];

/** So many that no test meets them unless it sets its own. */
const wide: Partial<ApiLimits> = { requestsPerSecond: 100_000, burst: 100_000, openRequestsPerSecond: 100_000 };

export interface Told {
  readonly log: unknown[];
  readonly answers: string[];
}

export function apiOptions(desk: FakeDesk, changes: Partial<ApiOptions> = {}): ApiOptions & { readonly told: Told } {
  const told: Told = { log: [], answers: [] };
  return {
    ...{ desk, credentials, registry: new Registry(), version: '0.0.0', told },
    log: { limited: (...line) => told.log.push(line) },
    onAnswer: (route, status) => told.answers.push(`${route} ${status}`),
    ...changes,
    limits: { ...wide, ...changes.limits },
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
  readonly json: unknown;
}

export interface Asked {
  readonly who?: Who | undefined;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startSetting(changes: Partial<ApiOptions> = {}, desk = fakeDesk('edge')) {
  const options = apiOptions(desk, changes);
  const api = await startApi(options, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => api.close());
  /** `what`: `GET /v1/mode`. */
  const ask = async (what: string, { who, token, body, headers = {} }: Asked = {}): Promise<Answer> => {
    const [method = '', path = ''] = what.split(' ');
    const bearer = token ?? (who === undefined ? undefined : tokens[who]);
    const answer = await request(`http://${api.address}${path}`, {
      method: method as Dispatcher.HttpMethod,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return answerOf(answer);
  };
  return { api, desk, ask, told: options.told };
}

async function answerOf({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Answer> {
  const text = await body.text();
  const type = String(headers['content-type'] ?? '').replace('; charset=utf-8', '');
  return {
    status: statusCode,
    type,
    headers,
    text,
    json: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
  };
}
