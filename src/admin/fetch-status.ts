// Asks a running edge for its status, for `surgegate status`.
import { runningModes } from '../control/throttle.ts';
import type { Status } from './status.ts';

const timeoutMs = 5000;

/** `address`: HOST:PORT or [IPv6]:PORT. Rejects with one line where it is none, nobody answers, or what answers is no edge. */
export async function fetchStatus(address: string): Promise<Status> {
  if (!/^([a-z0-9._-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(address) || !URL.canParse(`http://${address}`))
    throw new Error(`--admin: ${address} is not HOST:PORT or [IPv6]:PORT`);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(`http://${address}/v1/status`, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    text = await answer.text();
  } catch (error) {
    throw new Error(`no edge can be reached at ${address}: ${reasonOf(error)}; see admin.listen`);
  }
  const status = parsed(text);
  if (answer.status === 200 && isStatus(status)) return status;
  const detail = (status as { detail?: unknown } | undefined)?.detail;
  const more = typeof detail === 'string' ? `: ${detail}` : ', which is no status of an edge';
  throw new Error(`${address} answered ${answer.status}${more}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is Status {
  const mode = (value as { mode?: unknown } | null | undefined)?.mode;
  return runningModes.some((one) => one === mode);
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1000} s`;
  // undici says `fetch failed`, and why in its cause; of several addresses that were tried, each in an AggregateError
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.message || cause?.code || (error instanceof Error ? error.message : String(error));
}
