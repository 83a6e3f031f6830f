// A request and its response as drachtio-srf hands them to middleware: what the pipeline needs of them, and what the application does
// with them afterwards.
import type { HeaderFields, StackAddress } from '../engine/drachtio/link.ts';
import { splitHostPort } from '../engine/drachtio/received.ts';
import type { Handed } from '../engine/drachtio/stack-edge.ts';

/** As far as it is used here; drachtio-srf's own declarations lack some of it. */
export interface SrfRequestLike {
  readonly method: string;
  readonly raw: string;
  readonly protocol: string;
  readonly source_address: string;
  readonly source_port: string | number;
  readonly stackTime: string;
  /** Of a dialog that the server knows. */
  readonly stackDialogId?: string;
  readonly receivedOn?: string;
  readonly server?: { readonly address?: string; readonly hostport?: string };
  on(event: 'cancel', listener: () => void): unknown;
  proxy?(...args: unknown[]): unknown;
}

export interface SrfResponseLike {
  send(status: number, phrase: string, options: { headers: Record<string, string> }): unknown;
}

/** Of `send`: drachtio-srf takes nearly everything in nearly every place. */
type AnySend = (this: unknown, status: number, ...rest: unknown[]) => unknown;

export class SrfAsked implements Handed {
  readonly method: string;
  readonly raw: string;
  readonly protocol: StackAddress['protocol'];
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly receivedOn: { readonly host: string; readonly port: number };
  private readonly request: SrfRequestLike;
  private readonly response: SrfResponseLike;
  private readonly go: () => void;
  private wasAnswered = false;

  /** `go`: it is the application's turn. */
  constructor(request: SrfRequestLike, response: SrfResponseLike, go: () => void) {
    this.request = request;
    this.response = response;
    this.go = go;
    this.method = request.method;
    this.raw = withoutHops(request.raw);
    this.protocol = request.protocol as StackAddress['protocol'];
    this.sourceAddress = request.source_address;
    this.sourcePort = Number(request.source_port);
    this.receivedOn = splitHostPort(request.receivedOn ?? '');
  }

  respond(status: number, phrase: string, fields: HeaderFields): boolean {
    if (this.wasAnswered) return false;
    this.wasAnswered = true;
    const headers = { ...fields };
    try {
      this.response.send(status, phrase, { headers });
    } catch {
      // it has a list of the statuses that there are
      this.response.send(status >= 500 ? 503 : 500, phrase, { headers });
    }
    return true;
  }

  onCancel(listener: () => void): void {
    this.request.on('cancel', () => {
      this.wasAnswered = true;
      listener();
    });
  }

  /** Lets the application have it; `onStatus` is told each status that it answers with, whichever way it does. */
  admit(onStatus: (status: number) => void): void {
    this.wasAnswered = true;
    const { request, response } = this;
    const send = response.send as AnySend;
    const told: AnySend = function (this: unknown, status, ...rest) {
      const result = send.call(this, status, ...rest);
      onStatus(status);
      return result;
    };
    response.send = told as SrfResponseLike['send'];
    const { proxy } = request;
    if (proxy !== undefined) {
      request.proxy = (...args) => proxyTold(proxy.bind(request), args, onStatus);
    }
    this.go();
  }
}

/** What became of it when the application has it proxied: only the last status is told. */
function proxyTold(
  proxy: (...args: unknown[]) => unknown,
  args: unknown[],
  onStatus: (status: number) => void,
): unknown {
  const note = (result: unknown) => {
    const { finalStatus } = (result ?? {}) as { finalStatus?: number };
    onStatus(finalStatus ?? 408);
  };
  const last = args.at(-1);
  if (typeof last === 'function') {
    const callback = (error: unknown, result: unknown) => {
      note(result);
      return (last as (error: unknown, result: unknown) => unknown)(error, result);
    };
    return proxy(...args.slice(0, -1), callback);
  }
  const promised = proxy(...args);
  if (promised instanceof Promise) promised.then(note, () => note(undefined));
  return promised;
}

/** RFC 3261 §16.3: what only a proxy must refuse, an application may answer: no hop left, extensions asked of proxies. */
function withoutHops(raw: string): string {
  if (!/^(?:max-forwards[ \t]*:[ \t]*0+[ \t]*$|proxy-require[ \t]*:)/im.test(raw)) return raw;
  return raw
    .replace(/^(max-forwards[ \t]*:[ \t]*)0+[ \t]*$/im, '$11')
    .replaceAll(/^proxy-require(?=[ \t]*:)/gim, 'X-Proxy-Require');
}
