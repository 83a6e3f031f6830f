// What no HTTP library would send.
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startSetting, tokens } from './setting.ts';

const auth = `authorization: Bearer ${tokens.edge}\r\n`;
const put = 'PUT /v1/applications/edge HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

interface Talk {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: () => boolean;
}

function talk(address: string): Talk {
  const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
  let text = '';
  let isClosed = false;
  socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  onTestFinished(() => void socket.destroy());
  return { socket, text: () => text, closed: () => isClosed };
}

/** The last answer on the connection. */
function last(text: string): { status: number; type: string; body: Record<string, unknown> } {
  const at = text.lastIndexOf('HTTP/1.1 ');
  const [head = '', body = ''] = text.slice(at).split('\r\n\r\n');
  const type = /^content-type: ([^;\r]*)/im.exec(head)?.[1] ?? '';
  return {
    status: Number(head.split(' ')[1]),
    type,
    body: JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>,
  };
}

const soon = { requestMs: 100 };
const ended = async ({ closed }: Talk): Promise<void> => vi.waitFor(() => expect(closed()).toBe(true), 5000);

it.each<[what: string, begin: string, drip: string]>([
  ['header fields that never end', 'GET /v1/mode HTTP/1.1\r\nhost: x\r\n', 'x-a: b\r\n'],
  ['a body that never ends', `${put}${auth}content-length: 60000\r\n\r\n`, ' '],
  ['a chunked body that never ends', `${put}${auth}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ['a body that never comes', `${put}${auth}content-length: 10\r\n\r\n`, ''],
  ['half a request line', 'GET /v1/mo', ''],
])('%s: 408, and the end', async (_what, begin, drip) => {
  const { api, desk } = await startSetting({ limits: soon });
  const one = talk(api.address);
  one.socket.write(begin);
  const timer = setInterval(() => one.socket.write(drip), 20);
  onTestFinished(() => clearInterval(timer));
  await ended(one);
  expect(last(one.text())).toMatchObject({ status: 408, type: 'application/problem+json', body: { status: 408 } });
  expect(desk.calls).toEqual([]);
});

it.each<[what: string, text: string, status: number]>([
  ['no HTTP', 'INVITE sip:a@b SIP/2.0\r\n\r\n', 400],
  ['an unknown method', 'BREW /v1/mode HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  ['no host', `GET /v1/mode HTTP/1.1\r\nconnection: close\r\n${auth}\r\n`, 400],
  ['a line feed in a header', `GET /v1/mode HTTP/1.1\r\nhost: x\r\nx: a\nb\r\n${auth}\r\n`, 400],
  ['two lengths', `${put}${auth}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400],
  ['a length and chunks', `${put}${auth}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['a bad chunk', `${put}${auth}transfer-encoding: chunked\r\n\r\nzz\r\n`, 400],
  [
    'header fields that are too large',
    `GET /v1/mode HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n${auth}\r\n`,
    431,
  ],
  ['too many header fields', `GET /v1/mode HTTP/1.1\r\nhost: x\r\n${'x-name: value\r\n'.repeat(3000)}${auth}\r\n`, 431],
  ['a path that is too long', `GET /v1/${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n${auth}\r\n`, 431],
])('%s is answered with a problem document', async (_what, text, status) => {
  const { api, ask } = await startSetting();
  const one = talk(api.address);
  one.socket.write(text);
  await ended(one);
  expect(last(one.text())).toMatchObject({ status, type: 'application/problem+json', body: { status } });
  expect((await ask('GET /healthz')).status).toBe(200);
});

it('who is not known cannot have a long body read: the connection ends', async () => {
  const { api } = await startSetting();
  const one = talk(api.address);
  one.socket.write(`${put}content-length: 900000000\r\n\r\n`);
  await ended(one);
  expect(last(one.text())).toMatchObject({ status: 401 });
});

it('a short body that is not wanted does not cost the connection', async () => {
  const { api } = await startSetting();
  const one = talk(api.address);
  one.socket.write(`${put}content-length: 2\r\n\r\n{}GET /v1/mode HTTP/1.1\r\nhost: x\r\n${auth}\r\n`);
  await vi.waitFor(() => expect(one.text().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200']));
});

it('connections are bounded, and those that end make room', async () => {
  const { api, ask } = await startSetting({ limits: { connections: 3 } });
  const idle = Array.from({ length: 3 }, () => talk(api.address));
  for (const { socket } of idle) socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  await vi.waitFor(() => expect(idle.every(({ text }) => text().includes('alive'))).toBe(true));
  const more = talk(api.address);
  await ended(more);
  expect(more.text()).toBe('');
  idle[0]!.socket.destroy();
  await vi.waitFor(async () => expect((await ask('GET /healthz')).status).toBe(200));
});

it('two tokens that name two identities are nobody', async () => {
  const { api } = await startSetting();
  const one = talk(api.address);
  one.socket.write(
    `GET /v1/mode HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${auth}Authorization: Bearer ${tokens.web}\r\n\r\n`,
  );
  await ended(one);
  expect(last(one.text())).toMatchObject({ status: 401 });
});
