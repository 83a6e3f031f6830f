// Asks a running edge something over its admin listener, for the commands.
import { problemType } from '../http/problem.ts';

const timeoutMs = 5000;

export interface AdminPlace {
  /** HOST:PORT or [IPv6]:PORT. */
  readonly address: string;
  /** Sent where there is one. */
  readonly token?: string | undefined;
}

/** What it answered; the status is 200 where nothing is said of it. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Of a problem document. */
  readonly detail: string | undefined;
}

/** Rejects with one line where `address` is none, or nobody answers. */
export async function fetchAdmin({ address, token }: AdminPlace, path: string): Promise<AdminAnswer> {
  if (!/^([a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(address) || !URL.canParse(`http://${address}`))
    throw new Error(`--admin: ${address} is not HOST:PORT or [IPv6]:PORT`);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let answer: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    answer = await fetch(`http://${address}${path}`, { headers, signal, redirect: 'error' });
    text = await answer.text();
  } catch (error) {
    throw new Error(`no edge can be reached at ${address}: ${reasonOf(error)}; see admin.listen`);
  }
  const body = parsed(text);
  const isProblem = answer.headers.get('content-type')?.startsWith(problemType);
  const detail = isProblem ? (body as { detail?: string } | undefined)?.detail : undefined;
  return { status: answer.status, body, detail };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1000} s`;
  // undici says `fetch failed`, and why in its cause; of several addresses that were tried, each in an AggregateError
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.message || cause?.code || (error instanceof Error ? error.message : String(error));
}
