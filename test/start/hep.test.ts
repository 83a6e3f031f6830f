// What a reload does to the mirror: on, elsewhere, off, and nothing where nothing changed.
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Config, configSchema } from '../../src/config/schema.ts';
import type { Log } from '../../src/log.ts';
import { createHep } from '../../src/start/hep.ts';
import type { Flow } from '../../src/transport/flow.ts';
import { temporaryFile } from '../config/files.ts';

const soon = (check: () => void): Promise<void> => vi.waitFor(check, 10_000);
const configOf = (hep: object, engine = 'embedded') =>
  configSchema.parse({ engine, capture: { hep } }) as unknown as Config;
const listener = { host: '127.0.0.1', port: 5060, advertisedHost: '127.0.0.1' };
const flow = { remoteAddress: '127.0.0.1', remotePort: 5061, listener, reliable: false } as unknown as Flow;

async function collector() {
  const got: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes) => got.push(bytes.toString('latin1')));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return { got, address: `udp:127.0.0.1:${socket.address().port}` };
}

function setUp() {
  const lines: string[] = [];
  const note = (text: string) => void lines.push(text);
  const log = { debug: note, info: note, warn: note, error: note } as unknown as Log;
  const hep = createHep(log);
  onTestFinished(() => hep.close());
  let calls = 0;
  /** One call as the sockets show it; the edge's seam asks `isOn` first. */
  const call = () => {
    if (!hep.tap.isOn) return;
    const id = `${calls++}@x`;
    const message = (first: string) => Buffer.from(`${first}\r\nTo: <sip:b@c>\r\nCall-ID: ${id}\r\n\r\n`);
    const [invite, answer] = [message('INVITE sip:b@c SIP/2.0'), message('SIP/2.0 100 Trying')];
    hep.tap.received(flow, invite, 0, invite.length);
    hep.tap.sent(flow, answer, 0, answer.length);
    hep.tap.handled();
  };
  return { hep, lines, call };
}

it('is off at first, goes on, elsewhere and off again; its counts go on', async () => {
  const [one, two] = [await collector(), await collector()];
  const { hep, lines, call } = setUp();
  hep.follow(configOf({}));
  expect([hep.tap.isOn, hep.view(), lines]).toEqual([false, undefined, []]);
  hep.follow(configOf({ address: one.address }));
  await soon(() => {
    call();
    expect(one.got.length).toBeGreaterThan(1);
  });
  const said = lines.length;
  hep.follow(configOf({ address: one.address }));
  expect(lines).toHaveLength(said);
  hep.follow(configOf({ address: two.address, nodeName: 'edge-2' }));
  await soon(() => {
    call();
    expect(two.got.at(-1)).toContain('edge-2');
  });
  const seen = hep.view()!;
  expect(seen).toMatchObject({ isUp: true, collector: two.address });
  expect(seen.calls.call!.kept).toBeGreaterThan(1);
  hep.follow(configOf({}));
  expect([hep.tap.isOn, hep.view()]).toEqual([false, undefined]);
});

it('a new password in its file is sent after a reload', async () => {
  const { got, address } = await collector();
  const passwordFile = temporaryFile('password', 'first\n');
  const { hep, call } = setUp();
  for (const password of ['first', 'second']) {
    writeFileSync(passwordFile, `${password}\n`);
    hep.follow(configOf({ address, passwordFile }));
    await soon(() => {
      call();
      expect(got.at(-1)).toContain(password);
    });
  }
});

it('with a drachtio-server it stays off, and says where mirroring is to be had', async () => {
  const { hep, lines } = setUp();
  hep.follow(configOf({ address: 'udp:127.0.0.1:9060' }, 'drachtio'));
  expect(hep.tap.isOn).toBe(false);
  expect(lines.join()).toMatch(/no effect with a drachtio-server.*<capture-server>/);
});

it('a fault of its own ends the mirroring, and nothing else', async () => {
  const { address } = await collector();
  const { hep, lines } = setUp();
  hep.follow(configOf({ address }));
  hep.tap.received(undefined as unknown as Flow, undefined as unknown as Buffer, 0, 10);
  hep.tap.handled();
  hep.tap.sent(flow, undefined as unknown as Buffer, 0, 10);
  expect([hep.tap.isOn, hep.view()]).toEqual([false, undefined]);
  expect(lines.at(-1)).toContain('a fault of ours ended the mirroring');
});
