// Requests to the edge that serves the page. What it refuses comes back as it says it (RFC 9457), never as an exception.
import { token } from './token.ts';

export interface Fault {
  /** 0: it could not be reached. */
  readonly status: number;
  /** `401 Unauthorized: The token is …`. */
  readonly text: string;
}

export type Answer<T> = { readonly value: T } | { readonly fault: Fault };

const timeoutMs = 10_000;

/** Addresses are relative, so that the page works below a path of a proxy too. */
export async function ask<T>(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer<T>> {
  const headers: Record<string, string> = {};
  const own = token();
  if (own !== undefined) headers.authorization = `Bearer ${own}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  try {
    const answer = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    if (!answer.ok) return { fault: { status: answer.status, text: problemText(answer, text) } };
    return { value: (text === '' ? undefined : JSON.parse(text)) as T };
  } catch (error) {
    const why =
      error instanceof DOMException && error.name === 'TimeoutError' ? `no answer in ${timeoutMs / 1000} s` : '';
    return { fault: { status: 0, text: `The edge could not be reached${why === '' ? '' : `: ${why}`}.` } };
  }
}

function problemText(answer: Response, text: string): string {
  const head = `${answer.status} ${answer.statusText}`.trim();
  try {
    const { title, detail } = JSON.parse(text) as { title?: unknown; detail?: unknown };
    const named = typeof title === 'string' ? `${answer.status} ${title}` : head;
    return typeof detail === 'string' ? `${named}: ${detail}` : named;
  } catch {
    return head;
  }
}

/** Why the token is none of the edge's; undefined: it is. */
export async function tokenFault(): Promise<Fault | undefined> {
  const answer = await ask('GET', 'v1/operator');
  return 'fault' in answer ? answer.fault : undefined;
}
