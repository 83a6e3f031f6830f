// The middleware in an application on the real drachtio-srf, behind a drachtio-server: the double, or a real one (peers/drachtio.ts).
import { once } from 'node:events';
import DrachtioSrf from 'drachtio-srf';
import { expect, it, onTestFinished } from 'vitest';
import { type CongestionControlOptions, congestionControl } from '../../src/middleware/congestion-control.ts';
import { called, following, statuses } from '../fakes/drachtio-setting.ts';
import { header, parameter, parseSip } from '../fakes/sip-text.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { openDrachtio } from '../peers/drachtio.ts';
import { waitFor } from '../peers/wait.ts';

interface Req {
  on(event: string, listener: () => void): void;
}
interface Res {
  send(status: number, ...rest: unknown[]): void;
}
type Handler = (req: Req, res: Res) => void;
interface Srf {
  on(event: string, listener: (...values: unknown[]) => void): Srf;
  connect(options: object): void;
  disconnect(): void;
  use(method: string, handler: unknown): void;
  proxyRequest(req: Req, destinations: string[], options: object): Promise<{ finalStatus: number }>;
}

/** An application with the middleware before its own handler. */
async function start(options: CongestionControlOptions, handlerOf: (srf: Srf) => Handler) {
  const server = await openDrachtio();
  onTestFinished(() => server.close());
  const srf = new DrachtioSrf() as unknown as Srf;
  const control = congestionControl(options);
  onTestFinished(() => control.close());
  srf.use('invite', control);
  srf.use('invite', handlerOf(srf));
  srf.on('error', () => {});
  srf.connect({ host: server.host, port: server.controlPort, secret: server.secret });
  await once(srf as never, 'connect');
  onTestFinished(() => srf.disconnect());
  const port = server.locals.find(({ protocol }) => protocol === 'udp')!.port;
  const caller = await openDatagrams();
  onTestFinished(() => caller.close());
  const place = (headers: string[] = [], uri = `sip:5551234@127.0.0.1:${port}`) => {
    const text = requestText({ host: caller.host, port: caller.port, headers, uri });
    caller.send(text, port);
    return text;
  };
  /** The final answer to a call. */
  const finalOf = (text: string) => {
    const callId = header(parseSip(text)!, 'call-id');
    const pattern = new RegExp(`^SIP/2\\.0 [2-6][^]*call-id: ${callId}`, 'i');
    return caller.next(pattern, 15_000).then((answer) => {
      const toTag = parameter(header(parseSip(answer)!, 'to'), 'tag')!;
      caller.send(following(text, 'ACK', caller, { toTag }), port);
      return parseSip(answer)!;
    });
  };
  // the routes are asked for after the connection is reported; until then the server refuses by itself
  await waitFor('the route', async () => {
    const answer = await finalOf(place());
    return !answer.start.includes('503') || header(answer, 'reason').includes('Surgegate') || undefined;
  });
  return { server, srf, control, caller, port, place, finalOf };
}

const answers486: Handler = (_req, res) => res.send(486, { headers: { 'X-App': 'here' } });

it('refuses what is beyond the limit with 503 and Retry-After; a priority call passes', async () => {
  const { place, finalOf, control } = await start(
    { admission: { newCallsPerSecond: 1, burst: 1 }, trust: { resourcePriority: true } },
    () => answers486,
  );
  const refused = await waitFor('a refusal', async () => {
    const answer = await finalOf(place());
    return answer.start.includes('503') ? answer : undefined;
  });
  expect(Number(header(refused, 'retry-after'))).toBeGreaterThan(0);
  expect(header(refused, 'reason')).toBe('Q.850;cause=42;text="Surgegate edge-rate"');
  const priority = await finalOf(place(['Resource-Priority: ets.0']));
  expect([priority.start, header(priority, 'x-app')]).toEqual(['SIP/2.0 486 Busy Here', 'here']);
  expect(await control.registry.metrics()).toMatch(/class="priority",decision="forward",reason="priority"\} 1/);
});

it('sees what the application has proxied, and what it cancels', async () => {
  let results = 0;
  const party = await called((request) =>
    request.start.startsWith('INVITE') ? ['180 Ringing', '200 OK'] : ['200 OK'],
  );
  const { place, finalOf, control } = await start({}, (srf) => (req) => {
    void srf.proxyRequest(req, [party.uri], { recordRoute: true }).then(({ finalStatus }) => {
      results = finalStatus;
    });
  });
  const answer = await finalOf(place());
  expect(answer.start).toContain('200');
  await waitFor('the result', () => results === 200);
  await waitFor('no call to be open', () => control.status()?.openCalls === 0);
  expect(await control.registry.metrics()).toContain(
    'surgegate_switch_responses_total{switch="application",code="200"}',
  );
});

it('tells nobody of a call that was given up while it rang', async () => {
  const { place, caller, port, control } = await start({}, () => (req, res) => {
    res.send(180, { headers: { 'X-App': 'here' } });
    req.on('cancel', () => {});
    setTimeout(() => res.send(486, { headers: { 'X-App': 'here' } }), 400);
  });
  const text = place();
  await caller.next(/^SIP\/2\.0 180/);
  caller.send(following(text, 'CANCEL', caller), port);
  await caller.next(/^SIP\/2\.0 487/);
  await waitFor('no call to be open', () => control.status()?.openCalls === 0);
  expect(statuses(caller)).not.toContain(503);
});
