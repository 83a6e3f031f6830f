// Requests as drachtio-srf hands them to middleware, without it.
import { EventEmitter } from 'node:events';
import type { CongestionControl } from '../../src/middleware/congestion-control.ts';
import { type RequestParts, request } from '../edge/message.ts';

export class Asked extends EventEmitter {
  readonly method: string;
  readonly raw: string;
  readonly protocol = 'udp';
  readonly source_address: string;
  readonly source_port = 5060;
  readonly stackTime = '00:00:00.000000';
  readonly stackDialogId: string;
  readonly receivedOn = '127.0.0.1:5060';
  readonly sent: { readonly status: number; readonly phrase: unknown; readonly headers: Record<string, string> }[] = [];
  readonly response: { send(status: number, phrase?: unknown, options?: { headers?: Record<string, string> }): void };
  /** Times that the application got it. */
  passed = 0;
  proxied: Promise<{ finalStatus: number }> | undefined;

  constructor(given: Partial<RequestParts> & { source?: string; dialog?: string } = {}) {
    super();
    const { source = '198.51.100.7', dialog = '', ...parts } = given;
    this.raw = request(parts);
    this.method = parts.method ?? 'INVITE';
    this.source_address = source;
    this.stackDialogId = dialog;
    this.response = {
      send: (status, phrase, options) => void this.sent.push({ status, phrase, headers: options?.headers ?? {} }),
    };
  }

  proxy = (): Promise<{ finalStatus: number }> => this.proxied!;

  get status(): number {
    return this.sent.at(-1)?.status ?? 0;
  }

  /** `503`, `passed`, or `` for nothing yet. */
  get fate(): string {
    return this.passed > 0 ? 'passed' : this.status > 0 ? String(this.status) : '';
  }
}

/** Puts a request through the middleware. */
export function ask(control: CongestionControl, given: ConstructorParameters<typeof Asked>[0] = {}): Asked {
  const asked = new Asked(given);
  control(asked, asked.response, () => {
    asked.passed++;
  });
  return asked;
}
