import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { Agent, request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApi } from '../../../src/orchestrator/api/api.ts';
import type { ApiOptions } from '../../../src/orchestrator/api/api-options.ts';
import { createAuthority, type Issued } from './authority.ts';
import { fakeDesk } from './fake-desk.ts';
import { apiOptions, credentials, startSetting, tokens } from './setting.ts';

const authority = createAuthority();
const server = authority.issue('orchestrator', 'IP:127.0.0.1');
const mutual: Partial<ApiOptions> = {
  tls: { certificate: server.certificate, key: server.key, clientAuthority: authority.certificate },
  credentials: [
    ...credentials.filter(({ name }) => name === 'noc'),
    { role: 'application', name: 'edge', token: tokens.edge, certificateName: 'edge.apps.example' },
    { role: 'application', name: 'web', certificateName: 'web.apps.example' },
  ],
};

async function mode(
  changes: Partial<ApiOptions>,
  client?: Issued,
  token?: string,
  path = '/v1/applications/edge/orders',
) {
  const { api } = await startSetting(changes);
  const dispatcher = new Agent({ connect: { ca: authority.pem, ...client?.pem } });
  onTestFinished(() => dispatcher.close());
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await request(`https://${api.address}${path}`, { dispatcher, headers });
  await answer.body.dump();
  return answer.statusCode;
}

describe('under mutual TLS', () => {
  it.each<[what: string, client: () => Issued | undefined, token: string | undefined, status: number]>([
    ['a certificate by its common name', () => authority.issue('edge.apps.example'), undefined, 200],
    ['a certificate by a DNS name', () => authority.issue('other', 'DNS:edge.apps.example'), undefined, 200],
    ['a certificate in other letters', () => authority.issue('EDGE.apps.example'), undefined, 200],
    ['a certificate of another application', () => authority.issue('web.apps.example'), undefined, 403],
    ['a certificate of nobody', () => authority.issue('nobody'), undefined, 401],
    ['a certificate for all of them', () => authority.issue('*.apps.example', 'DNS:*.apps.example'), undefined, 401],
    ['a certificate of another authority', () => authority.stranger('edge.apps.example'), undefined, 401],
    ['no certificate', () => undefined, undefined, 401],
    ['a token without a certificate', () => undefined, tokens.edge, 200],
    ['a token with a certificate of nobody', () => authority.issue('nobody'), tokens.edge, 200],
    [
      'a token that is not known, with a right certificate',
      () => authority.issue('edge.apps.example'),
      'some-wrong-token-1',
      401,
    ],
    ['a token, which goes before the certificate', () => authority.issue('web.apps.example'), tokens.edge, 200],
  ])('%s', async (_what, client, token, status) => expect(await mode(mutual, client(), token)).toBe(status));

  it('monitoring needs no certificate', async () =>
    expect(await mode(mutual, undefined, undefined, '/healthz')).toBe(200));

  it('a connection taken up again is known again', async () => {
    const { api } = await startSetting(mutual);
    const port = Number(api.address.split(':')[1]);
    const { pem } = authority.issue('edge.apps.example');
    const ask = async (session?: Buffer): Promise<{ status: string; session: Buffer | undefined; reused: boolean }> => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        ca: authority.pem,
        ...pem,
        ...(session === undefined ? {} : { session }),
      });
      let last: Buffer | undefined;
      let reused = false;
      socket.on('secureConnect', () => {
        reused = socket.isSessionReused();
      });
      socket.on('session', (one) => {
        last = one;
      });
      socket.write('GET /v1/applications/edge/orders HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      const text = ((await socket.setEncoding('utf8').toArray()) as string[]).join('');
      return { status: text.split(' ')[1]!, session: last, reused };
    };
    const first = await ask();
    expect(first.status).toBe('200');
    expect(await ask(first.session)).toMatchObject({ status: '200', reused: true });
  });

  it('wrong tokens of an address do not hold up who has a certificate', async () => {
    const { api } = await startSetting({ ...mutual, limits: { failuresPerAddress: 1, failureSeconds: 60 } });
    const asWho = async (client: Issued | undefined, token?: string): Promise<number> => {
      const dispatcher = new Agent({ connect: { ca: authority.pem, ...client?.pem } });
      onTestFinished(() => dispatcher.close());
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await request(`https://${api.address}/v1/mode`, { dispatcher, headers });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await asWho(undefined, 'some-wrong-token-1')).toBe(401);
    expect(await asWho(undefined, tokens.noc)).toBe(429);
    expect(await asWho(authority.issue('web.apps.example'))).toBe(200);
  });
});

it('without an authority of clients nobody is known by a certificate', async () => {
  const tls = { certificate: server.certificate, key: server.key };
  expect(await mode({ ...mutual, tls }, authority.issue('edge.apps.example'))).toBe(401);
  expect(await mode({ ...mutual, tls }, undefined, tokens.edge)).toBe(200);
});

it('speaks no plain HTTP then', async () => {
  const { api } = await startSetting(mutual);
  const socket = connectPlain(Number(api.address.split(':')[1]), '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  const text = ((await socket.setEncoding('latin1').toArray()) as string[]).join('');
  expect(text).not.toContain('200');
});

it('a file that cannot be read is named', () => {
  const tls = { certificate: '/nowhere/certificate.pem', key: server.key };
  expect(() => createApi(apiOptions(fakeDesk(), { tls }))).toThrow(
    'certificate /nowhere/certificate.pem: no such file',
  );
});
