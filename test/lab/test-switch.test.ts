import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startTestSwitch, type TestSwitch } from '../../src/lab/test-switch.ts';

let testSwitch: TestSwitch;
let socket: Socket;
let answers: string[] = [];
let port = 0;
let sequence = 0;

async function start(options: Partial<Parameters<typeof startTestSwitch>[0]> = {}): Promise<void> {
  testSwitch = await startTestSwitch({
    listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0'],
    ringMs: 0,
    answerMs: 0,
    ...options,
  });
  port = Number(testSwitch.addresses[0]?.split(':').at(-1));
}

beforeEach(async () => {
  answers = [];
  socket = createSocket('udp4');
  socket.on('message', (bytes) => answers.push(bytes.toString('latin1')));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  socket.close();
  await testSwitch.close();
});

interface Call {
  readonly id: string;
  readonly user: string;
  readonly toTag?: string;
  readonly branch?: string;
  readonly cseq?: string;
  readonly extra?: string;
}

function request(method: string, call: Call): string {
  const branch = call.branch ?? `z9hG4bK${++sequence}`;
  return [
    `${method} sip:${call.user}@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=${branch};rport`,
    'Record-Route: <sip:p1;lr>',
    'Record-Route: <sip:p2;lr>',
    'Max-Forwards: 70',
    `From: <sip:a@h>;tag=f${call.id}`,
    `To: <sip:${call.user}@127.0.0.1>${call.toTag === undefined ? '' : `;tag=${call.toTag}`}`,
    `Call-ID: ${call.id}`,
    `CSeq: ${call.cseq ?? '1'} ${method}`,
    `${call.extra ?? ''}Content-Length: 0`,
    '',
    '',
  ].join('\r\n');
}

const send = (text: string): void => socket.send(Buffer.from(text, 'latin1'), port, '127.0.0.1');
const statuses = (): number[] => answers.map((answer) => Number(answer.slice(8, 11)));
const seen = (...expected: number[]): Promise<void> => vi.waitFor(() => expect(statuses()).toEqual(expected), 5000);
const tagOf = (answer: string | undefined): string => /^To:.*tag=(\S+)/m.exec(answer ?? '')?.[1] ?? '';

it('answers a call, ends it by BYE, and knows the BYE again', async () => {
  await start();
  const call = { id: 'c1', user: '2125550100' };
  send(request('INVITE', call));
  await seen(180, 200);
  const ok = answers[1]!;
  expect(ok).toContain('Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n');
  expect(ok).toMatch(/^Contact: <sip:127\.0\.0\.1:\d+>\r$/m);
  expect(ok).toContain('m=audio 9 RTP/AVP 0');
  const toTag = tagOf(ok);
  expect(tagOf(answers[0])).toBe(toTag);
  send(request('ACK', { ...call, toTag }));
  await vi.waitFor(() => expect(testSwitch.stats().confirmed).toBe(1));
  send(request('UPDATE', { ...call, toTag, cseq: '2' }));
  await seen(180, 200, 200);
  send(request('BYE', { ...call, toTag, cseq: '3' }));
  await seen(180, 200, 200, 200);
  send(request('BYE', { ...call, toTag, cseq: '3' }));
  await seen(180, 200, 200, 200, 200);
  send(request('BYE', { ...call, toTag: 'unknown', cseq: '4' }));
  await seen(180, 200, 200, 200, 200, 481);
  expect(testSwitch.stats()).toMatchObject({ invites: 1, answered: 1, ended: 1, openDialogs: 0, openTransactions: 0 });
});

it('sends its 2xx again until the ACK, and a refusal too', async () => {
  await start();
  send(request('INVITE', { id: 'c2', user: 'x' }));
  await seen(180, 200, 200);
  send(request('ACK', { id: 'c2', user: 'x', toTag: tagOf(answers[1]) }));
  await vi.waitFor(() => expect(testSwitch.stats().openTransactions).toBe(0));
  answers = [];
  send(request('INVITE', { id: 'c3', user: 'busy', branch: 'z9hG4bK-busy' }));
  await seen(486, 486);
  send(request('ACK', { id: 'c3', user: 'busy', branch: 'z9hG4bK-busy', toTag: tagOf(answers[0]) }));
  await vi.waitFor(() => expect(testSwitch.stats().openTransactions).toBe(0));
});

it('answers a retransmission as its original, and counts it once', async () => {
  await start();
  const text = request('INVITE', { id: 'c4', user: 'noanswer' });
  send(text);
  await seen(180);
  send(text);
  await seen(180, 180);
  expect(answers[1]).toBe(answers[0]);
  expect(testSwitch.stats()).toMatchObject({ invites: 1, inviteRetransmissions: 1 });
});

it('is cancelled while it rings, and not without a call', async () => {
  await start();
  const call = { id: 'c5', user: 'noanswer', branch: 'z9hG4bK-cancel' };
  send(request('INVITE', call));
  await seen(180);
  send(request('CANCEL', call));
  await vi.waitFor(() => expect(statuses().sort()).toEqual([180, 200, 487]));
  send(request('ACK', { ...call, toTag: tagOf(answers[0]) }));
  await vi.waitFor(() =>
    expect(testSwitch.stats()).toMatchObject({ cancelled: 1, openTransactions: 0, openDialogs: 0 }),
  );
  answers = [];
  send(request('CANCEL', { ...call, branch: 'z9hG4bK-none' }));
  await seen(481);
});

it.each([
  ['reject503', 503],
  ['busy', 486],
])('refuses %s with %i', async (user, status) => {
  await start();
  send(request('INVITE', { id: user, user, branch: `z9hG4bK-${user}` }));
  await seen(status);
});

it('treats users as it is told, and answers slow ones late', async () => {
  await start({ treatments: { '2125550199': 'busy' }, slowMs: 50 });
  send(request('INVITE', { id: 't1', user: '2125550199' }));
  await seen(486);
  answers = [];
  send(request('INVITE', { id: 't2', user: 'slow' }));
  await seen(180, 200);
});

it('rings reliably where that is required, until PRACK', async () => {
  await start({ slowMs: 2000 });
  const call = { id: 'p1', user: 'slow' };
  send(request('INVITE', { ...call, extra: 'Require: 100rel\r\n' }));
  await seen(180, 180);
  expect(answers[0]).toContain('RSeq: 1\r\n');
  send(request('PRACK', { ...call, toTag: tagOf(answers[0]), cseq: '2', extra: 'RAck: 1 1 INVITE\r\n' }));
  await seen(180, 180, 200, 200);
});

it('answers a re-INVITE in the dialog, and 481 outside one', async () => {
  await start();
  const call = { id: 'r1', user: 'x' };
  send(request('INVITE', call));
  await seen(180, 200);
  const toTag = tagOf(answers[1]);
  send(request('ACK', { ...call, toTag }));
  send(request('INVITE', { ...call, toTag, cseq: '2' }));
  await seen(180, 200, 200);
  send(request('ACK', { ...call, toTag, cseq: '2' }));
  await vi.waitFor(() => expect(testSwitch.stats().openTransactions).toBe(0));
  send(request('INVITE', { ...call, toTag: 'other', cseq: '3', branch: 'z9hG4bK-out' }));
  await seen(180, 200, 200, 481);
  expect(testSwitch.stats()).toMatchObject({ invites: 1, answered: 1, openDialogs: 1 });
});

it('registers with Path, and forgets on expires 0', async () => {
  await start();
  const register = { id: 'g1', user: 'h', extra: 'Contact: <sip:a@1.2.3.4>;expires=60\r\nPath: <sip:edge;lr>\r\n' };
  send(request('REGISTER', register));
  await seen(200);
  expect(answers[0]).toContain('Contact: <sip:a@1.2.3.4>;expires=60\r\nPath: <sip:edge;lr>\r\n');
  expect(testSwitch.stats().bindings).toBe(1);
  send(request('REGISTER', { ...register, extra: 'Contact: *\r\nExpires: 0\r\n' }));
  await seen(200, 200);
  expect(testSwitch.stats().bindings).toBe(0);
});

it('answers OPTIONS alike each time, and 501 to what it does not know', async () => {
  await start();
  const text = request('OPTIONS', { id: 'o1', user: 'x' });
  send(text);
  send(text);
  await seen(200, 200);
  expect(answers[1]).toBe(answers[0]);
  send(request('FROB', { id: 'o2', user: 'x' }));
  await seen(200, 200, 501);
});

it('survives bad input and counts it', async () => {
  await start();
  for (const bad of ['x', 'hello world\r\n\r\n', 'INVITE sip:x SIP/2.0\r\n\r\n', '\0'.repeat(100)]) send(bad);
  await vi.waitFor(() => expect(testSwitch.stats().malformed).toBeGreaterThanOrEqual(3));
  send(request('OPTIONS', { id: 'o3', user: 'x' }));
  await seen(200);
});

it('answers late beyond its capacity', async () => {
  await start({ capacityPerSecond: 10 });
  for (let i = 0; i < 5; i++) send(request('INVITE', { id: `q${i}`, user: 'reject503', branch: `z9hG4bK-q${i}` }));
  const beganAtMs = performance.now();
  await vi.waitFor(() => expect(new Set(answers.map((a) => /Call-ID: (\S+)/.exec(a)?.[1])).size).toBe(5), 5000);
  expect(performance.now() - beganAtMs).toBeGreaterThan(400);
});

it('speaks TCP, several messages in one piece', async () => {
  await start();
  const tcpPort = Number(testSwitch.addresses[1]?.split(':').at(-1));
  const client = connect(tcpPort, '127.0.0.1');
  let text = '';
  client.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  client.write(request('OPTIONS', { id: 'n1', user: 'x' }) + request('INVITE', { id: 'n2', user: 'busy' }));
  await vi.waitFor(() => expect(text.match(/SIP\/2\.0 \d+/g)).toEqual(['SIP/2.0 200', 'SIP/2.0 486']));
  client.destroy();
});

it('refuses to start on a bad address', async () => {
  await start();
  await expect(startTestSwitch({ listen: ['sctp:127.0.0.1:1'] })).rejects.toThrow('sctp');
  await expect(startTestSwitch({ listen: [`udp:127.0.0.1:${port}`] })).rejects.toThrow('EADDRINUSE');
});
