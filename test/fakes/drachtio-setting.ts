// What the tests of the double set up: a server, an application on drachtio-srf, a caller, called parties; all closed after the test.
import { onTestFinished } from 'vitest';
import { type Datagrams, openDatagrams, type RequestText, requestText } from '../peers/datagram.ts';
import { type Drachtio, type DrachtioOptions, openDrachtio } from '../peers/drachtio.ts';
import { waitFor } from '../peers/wait.ts';
import { type CalledParty, openCalledParty } from './called-party.ts';
import { type Application, openApplication } from './drachtio-application.ts';
import { header, parameter, parseSip } from './sip-text.ts';

export interface Setting {
  readonly server: Drachtio;
  readonly app: Application;
  readonly caller: Datagrams;
  /** Where the caller sends to. */
  readonly port: number;
}

export async function setUp(
  methods: readonly string[],
  onRequest?: Parameters<typeof openApplication>[2],
  options: DrachtioOptions = {},
): Promise<Setting> {
  const server = await openDrachtio(options);
  onTestFinished(() => server.close());
  const app = await openApplication(server, methods, onRequest);
  onTestFinished(() => app.close());
  const caller = await openDatagrams();
  onTestFinished(() => caller.close());
  await untilRouted(server, methods.length);
  return { server, app, caller, port: server.locals.find(({ protocol }) => protocol === 'udp')?.port ?? 0 };
}

/** Routes are asked for after the connection is reported; of a real server is not known when it has them all. */
export async function untilRouted({ double }: Drachtio, count: number): Promise<void> {
  const asked = (): number => double?.apps.received.filter((one) => one.includes('|route|')).length ?? 0;
  if (double === undefined) await quiet(200);
  else await waitFor('the routes', () => asked() >= count);
}

export async function called(...script: Parameters<typeof openCalledParty>): Promise<CalledParty> {
  const party = await openCalledParty(...script);
  onTestFinished(() => party.close());
  return party;
}

/** The request that belongs to `text`, in its transaction where `more` gives no other branch. */
export function following(text: string, method: string, from: Datagrams, more: Partial<RequestText> = {}): string {
  const request = parseSip(text)!;
  return requestText({
    ...{ host: from.host, port: from.port, method, callId: header(request, 'call-id') },
    ...{ fromTag: parameter(header(request, 'from'), 'tag')!, branch: parameter(header(request, 'via'), 'branch')! },
    ...more,
  });
}

export const statuses = (caller: Datagrams): number[] => caller.received.map((text) => Number(text.slice(8, 11)));
/** For what must not happen. */
export const quiet = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
