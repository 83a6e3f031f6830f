import { afterEach, describe, expect, it } from 'vitest';
import type { DrachtioLink, LinkOptions, StackRequest } from '../../../src/engine/drachtio/link.ts';
import { openLink } from '../../../src/engine/drachtio/open-link.ts';
import { waitFor } from '../../peers/wait.ts';
import { ControlPort, type ControlPortOptions } from './control-port.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Opened {
  readonly server: ControlPort;
  readonly link: DrachtioLink;
  readonly requests: StackRequest[];
  readonly changes: [boolean, string][];
  readonly logged: [string, string, Record<string, unknown> | undefined][];
}

async function open(
  more: Partial<LinkOptions> = {},
  serverOptions: ControlPortOptions = {},
  onRequest: (request: StackRequest) => void = () => {},
): Promise<Opened> {
  const server = await ControlPort.open(serverOptions);
  closers.push(() => server.close());
  const requests: StackRequest[] = [];
  const changes: [boolean, string][] = [];
  const logged: Opened['logged'] = [];
  const options: LinkOptions = {
    host: '127.0.0.1',
    port: server.port,
    secret: 'cymru',
    tls: false,
    methods: ['invite', 'options'],
    retryMaxDelayMs: 500,
    selfTestMs: 0,
    metricsUrl: undefined,
    log: (level, text, fields) => logged.push([level, text, fields]),
    ...more,
  };
  const link = await openLink(options, {
    onRequest: (request) => {
      requests.push(request);
      return onRequest(request);
    },
    onChange: (isUp, reason) => changes.push([isUp, reason]),
  });
  closers.push(() => link.close());
  return { server, link, requests, changes, logged };
}

const proxyOptions = {
  recordRoute: true,
  provisionalTimeoutMs: 2000,
  finalTimeoutMs: 20_000,
  deadlineMs: 30_000,
  fields: {},
};

describe('the link', () => {
  it('is up with its secret and its routes', async () => {
    const { server, link, changes } = await open();
    expect(link.isUp).toBe(true);
    expect(link.addresses).toEqual([
      { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
      { protocol: 'udp', host: '127.0.0.1', port: 5060 },
    ]);
    expect(link.version).toBe('v0.9.10');
    expect(changes.map(([isUp]) => isUp)).toEqual([true]);
    await waitFor('its routes', () => server.peers[0]!.routes.size === 2);
  });

  it('hands over a request and takes its answer, once', async () => {
    const { server, requests } = await open();
    const transaction = server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    expect(request).toMatchObject({ method: 'INVITE', protocol: 'udp', sourceAddress: '127.0.0.1', sourcePort: 5070 });
    expect(request.receivedOn).toEqual({ host: '127.0.0.1', port: 5060 });
    expect(request.raw).toContain('CSeq: 1 INVITE\r\n');
    expect(request.respond(503, 'Overload', { 'Retry-After': '7' })).toBe(true);
    expect(request.respond(503, 'Overload', {})).toBe(false);
    const { words, body } = await server.next(0, 'sip');
    expect(words[1]).toBe(transaction);
    expect(body).toMatch(/^SIP\/2\.0 503 Overload\r\n/);
    expect(body).toMatch(/\r\nretry-after: 7\r\n/i);
  });

  it('has the server proxy a request, and is told what became of it', async () => {
    const { server, requests } = await open();
    const transaction = server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    const outcome = request.proxy(['sip:127.0.0.1:5080'], { ...proxyOptions, fields: { 'X-Edge': 'one' } });
    const asked = await server.next(0, 'proxy');
    expect(asked.words).toEqual([
      'proxy',
      transaction,
      'remainInDialog',
      'fullResponse',
      '',
      'serial',
      '2000ms',
      '20000ms',
      'sip:127.0.0.1:5080',
    ]);
    expect(asked.body).toContain('\r\nX-Edge: one\r\n');
    const meta = ['network', '578', 'udp', '127.0.0.1', '5080', '08:43:10.215619', '', '', 'continue'];
    asked.peer.send(`a|response|${asked.id}|OK|${meta.join('|')}\r\nSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n`);
    asked.peer.answer(asked.id, 'OK', 'done');
    expect(await outcome).toEqual({ status: 200, finals: [{ status: 200, address: '127.0.0.1', port: 5080 }] });
    expect(request.respond(500, 'No', {})).toBe(false);
  });
});
