// What the service manager is told, on a real Unix datagram socket.
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openNotifySocket, unixAddress } from '../src/notify-socket.ts';
import { notifyService, type ServiceNotifyOptions } from '../src/service-notify.ts';
import { temporaryFolder } from './config/files.ts';
import { type NotifyReceiver, notifyReceiver } from './peers/notify-receiver.ts';
import { waitFor } from './peers/wait.ts';

function managerAt(where: string): NotifyReceiver {
  const manager = notifyReceiver(where);
  onTestFinished(() => manager.close());
  return manager;
}

/** Until the kernel takes nothing more for it, from whomever. */
async function fill(where: string): Promise<void> {
  for (let isFull = false; !isFull; ) {
    const socket = await openNotifySocket(where);
    isFull = !socket.send('filler');
    while (socket.send('filler'));
    socket.close();
  }
}

const socketIn = (folder: string): string => join(folder, 'notify');

async function service(env: NodeJS.ProcessEnv, options: Partial<ServiceNotifyOptions> = {}) {
  const warnings: string[] = [];
  const it = await notifyService({ status: () => 'fine', warn: (text) => warnings.push(text), env, ...options });
  onTestFinished(() => it.close());
  return { it, warnings };
}

describe.skipIf(process.platform !== 'linux')('the service manager', () => {
  it.each([
    ['a path', () => socketIn(temporaryFolder())],
    ['an abstract name', () => `@surgegate-test-${process.pid}`],
  ])('is told on %s: ready, reloading, ready again, stopping', async (_name, where) => {
    const address = where();
    const manager = managerAt(address);
    let line = 'mode L0';
    const { it: told, warnings } = await service({ NOTIFY_SOCKET: address }, { status: () => line });
    expect(manager.messages()).toEqual([]);
    const beforeUsec = process.hrtime.bigint() / 1000n;
    told.ready();
    told.reloading();
    line = 'mode\nL1';
    told.ready();
    told.stopping(40);
    told.ready(); // of a reload that was under way
    const messages = manager.messages();
    const at = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(messages[2] ?? '')?.[1] ?? '0';
    expect(BigInt(at)).toBeGreaterThanOrEqual(beforeUsec);
    expect(messages.toSpliced(2, 1)).toEqual([
      ...['READY=1', 'STATUS=mode L0', 'READY=1', 'STATUS=mode L1'],
      'STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000',
    ]);
    expect(warnings).toEqual([]);
  });

  it('hears that the process is alive twice in each span of the watchdog, as long as its loop turns', async () => {
    const where = socketIn(temporaryFolder());
    const manager = managerAt(where);
    await service({ NOTIFY_SOCKET: where, WATCHDOG_USEC: '200000', WATCHDOG_PID: String(process.pid) });
    const alive = () => manager.messages().filter((text) => text === 'WATCHDOG=1').length;
    await waitFor('a sign of life', () => alive() > 0);
    const before = alive();
    const start = performance.now();
    while (performance.now() - start < 350); // the loop hangs
    expect(alive()).toBe(before);
    await waitFor('it to go on', () => alive() >= before + 3);
    const spans = (performance.now() - start) / 200;
    expect(alive() - before).toBeLessThanOrEqual(2 * spans + 1);
  });

  it.each([
    ['no watchdog', {}],
    ['the watchdog of another process', { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }],
  ])('is sent no sign of life where there is %s', async (_name, env) => {
    const where = socketIn(temporaryFolder());
    const manager = managerAt(where);
    let asked = 0;
    await service({ NOTIFY_SOCKET: where, ...env }, { status: () => String(asked++) });
    await waitFor('the status to be told', () => manager.messages().length > 0);
    expect(manager.messages().filter((text) => !text.startsWith('STATUS='))).toEqual([]);
  });

  it('is told the status again only where it has changed', async () => {
    const where = socketIn(temporaryFolder());
    const manager = managerAt(where);
    let asked = 0;
    const { it: told } = await service({ NOTIFY_SOCKET: where }, { status: () => (++asked < 3 ? 'a' : 'b') });
    told.ready();
    await waitFor('it to change', () => manager.messages().includes('STATUS=b'));
    expect(manager.messages()).toEqual(['READY=1', 'STATUS=a', 'STATUS=b']);
  });

  it('hears everything in order, though it does not read for a while', async () => {
    const where = socketIn(temporaryFolder());
    const manager = managerAt(where);
    const { it: told, warnings } = await service({ NOTIFY_SOCKET: where, WATCHDOG_USEC: '4000' });
    await fill(where);
    told.ready();
    for (let reload = 0; reload < 3; reload++) {
      told.reloading();
      told.ready();
    }
    // signs of life and lines of status must not crowd out what comes once
    await new Promise((resolve) => setTimeout(resolve, 200));
    told.stopping(1);
    expect(manager.messages().filter((text) => text !== 'WATCHDOG=1' && text !== 'filler')).toEqual([]);
    await waitFor('the last word', () => manager.messages().some((text) => text.startsWith('STOPPING')));
    const words = manager.messages().flatMap((text) => /^(READY|RELOADING|STOPPING)/.exec(text)?.[0] ?? []);
    expect(words).toEqual(['READY', ...Array(3).fill(['RELOADING', 'READY']).flat(), 'STOPPING']);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['gone', '/nonexistent/notify', 'the service manager cannot be told: sendto /nonexistent/notify'],
    ['of another kind', 'vsock:2:1234', 'the service manager is not told anything: "vsock:2:1234" is neither'],
    ['too long', `/${'n'.repeat(107)}`, 'is longer than 107 bytes'],
  ])('that is %s is said once, and nothing else happens', async (_name, where, message) => {
    const { it: told, warnings } = await service({ NOTIFY_SOCKET: where });
    told.ready();
    told.reloading();
    told.ready();
    expect(warnings).toEqual([expect.stringContaining(message)]);
  });

  it('is nobody without NOTIFY_SOCKET', async () => {
    let asked = 0;
    const { it: told, warnings } = await service({}, { status: () => String(asked++) });
    told.ready();
    told.stopping(1);
    expect({ asked, warnings }).toEqual({ asked: 0, warnings: [] });
  });

  it('is spoken to by this process alone: its children know of no socket', async () => {
    const where = socketIn(temporaryFolder());
    managerAt(where);
    const env: NodeJS.ProcessEnv = { NOTIFY_SOCKET: where, WATCHDOG_USEC: '1000000', PATH: '/bin' };
    await service(env);
    expect(env).toEqual({ PATH: '/bin' });
  });
});

it('a socket address ends with a zero, and an abstract one begins with it', () => {
  expect(unixAddress('/a').toString('latin1')).toBe('\x01\x00/a\0');
  expect(unixAddress('@a').toString('latin1')).toBe('\x01\x00\0a');
  for (const bad of ['', '@', '/', 'relative']) expect(() => unixAddress(bad)).toThrow('neither');
});
