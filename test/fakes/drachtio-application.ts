// An application on the real drachtio-srf, as far as the tests of the double need it: its own declarations lack most of it.
import { once } from 'node:events';
import DrachtioSrf from 'drachtio-srf';
import type { Drachtio } from '../peers/drachtio.ts';

export interface Res {
  send(
    status: number,
    phrase: string,
    options?: { headers?: Record<string, string> },
    sent?: (error: unknown, message?: { get(name: string): string }) => void,
  ): void;
}

export interface Req {
  readonly method: string;
  readonly uri: string;
  readonly raw: string;
  readonly protocol: string;
  readonly receivedOn: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly stackTime: string;
  readonly stackTxnId: string;
  get(name: string): string;
  on(event: 'cancel', listener: () => void): void;
  on(event: 'response', listener: (response: { status: number }) => void): void;
}

export interface Proxied {
  readonly connected: boolean;
  readonly finalStatus: number;
  readonly responses: readonly {
    readonly address: string;
    readonly port: number;
    readonly msgs: { status: number }[];
  }[];
}

interface Srf {
  on(event: string, listener: (...values: never[]) => void): Srf;
  connect(options: Record<string, unknown>): void;
  disconnect(): void;
  use(method: string, handler: (req: Req, res: Res) => void): void;
  request(uri: string, options: Record<string, unknown>, sent: (error: Error | null, req: Req) => void): void;
  proxyRequest(req: Req, destinations: readonly string[], options: Record<string, unknown>): Promise<Proxied>;
}

export interface Application {
  readonly srf: Srf;
  readonly requests: { readonly req: Req; readonly res: Res }[];
  /** Addresses and version as `connect` told them. */
  readonly greeting: readonly string[];
  close(): void;
}

/** Connects and is ready for `methods`; rejects where the secret is refused. */
export async function openApplication(
  { host, controlPort, secret }: Pick<Drachtio, 'host' | 'controlPort' | 'secret'>,
  methods: readonly string[],
  onRequest: (req: Req, res: Res) => void = () => {},
): Promise<Application> {
  const srf = new DrachtioSrf() as unknown as Srf;
  const requests: Application['requests'] = [];
  for (const method of methods) {
    srf.use(method, (req, res) => {
      requests.push({ req, res });
      onRequest(req, res);
    });
  }
  srf.on('error', () => {});
  srf.connect({ host, port: controlPort, secret, reconnect: { retryMaxDelay: 300 } });
  const [error, ...greeting] = (await once(srf as never, 'connect')) as [Error | null, ...string[]];
  let isClosed = false;
  const close = (): void => {
    // it cannot be told to stop while it is not connected: its next connection is ended
    if (isClosed) return;
    isClosed = true;
    try {
      srf.disconnect();
    } catch {
      srf.on('connect', () => srf.disconnect());
    }
  };
  if (error !== null) {
    close();
    throw error;
  }
  return { srf, requests, greeting, close };
}
