import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// the resolver of the system is the outside world here
const dns = vi.hoisted(() => ({ lookup: vi.fn(), resolveSrv: vi.fn() }));
vi.mock('node:dns/promises', () => dns);

const { createNames, resolve } = await import('../../src/edge/names.ts');

const records: Record<string, { name: string; port: number; priority: number; weight: number }[]> = {};
beforeEach(() => {
  for (const key of Object.keys(records)) delete records[key];
  dns.lookup.mockReset().mockImplementation(async (host: string) => {
    if (host.startsWith('no')) throw new Error('ENOTFOUND');
    return { address: `192.0.2.${host.length}`, family: 4 };
  });
  dns.resolveSrv.mockReset().mockImplementation(async (name: string) => {
    if (records[name] === undefined) throw new Error('ENODATA');
    return records[name];
  });
});
afterEach(() => vi.clearAllMocks());

const srv = (name: string, port: number, priority = 1, weight = 1) => ({ name, port, priority, weight });
const settled = () => new Promise((done) => setImmediate(done));

describe('RFC 3263 §4', () => {
  it('asks for addresses only, where there is a port', async () => {
    records['_sip._udp.a.example'] = [srv('other', 7000)];
    expect(await resolve('a.example', 5099, 'tcp')).toEqual({ address: '192.0.2.9', port: 5099, transport: 'tcp' });
    expect(dns.resolveSrv).not.toHaveBeenCalled();
  });
  it('takes the best SRV record of the transport that is asked for', async () => {
    records['_sip._tcp.a.example'] = [srv('worse', 1, 20), srv('best.one', 7000, 10, 5), srv('light', 2, 10, 1)];
    expect(await resolve('a.example', undefined, 'tcp')).toEqual({
      address: '192.0.2.8',
      port: 7000,
      transport: 'tcp',
    });
    records['_sips._tcp.a.example'] = [srv('secure', 7061)];
    expect(await resolve('a.example', undefined, 'tls')).toEqual({
      address: '192.0.2.6',
      port: 7061,
      transport: 'tls',
    });
  });
  it('asks for UDP, TCP, TLS in this order where none is asked for', async () => {
    records['_sips._tcp.a.example'] = [srv('secure', 7061)];
    records['_sip._tcp.a.example'] = [srv('tcp', 7000)];
    expect(await resolve('a.example', undefined, undefined)).toMatchObject({ port: 7000, transport: 'tcp' });
  });
  it('takes the default port where there is no SRV record', async () => {
    expect(await resolve('a.example', undefined, undefined)).toEqual({
      address: '192.0.2.9',
      port: 5060,
      transport: undefined,
    });
    expect(await resolve('a.example', undefined, 'tls')).toMatchObject({ port: 5061 });
  });
});

describe('what is known', () => {
  it('is pending, then known for a minute, then asked for anew', async () => {
    let nowMs = 0;
    const names = createNames(() => nowMs);
    expect(names.find('a.example', 5060, undefined)).toBe('pending');
    expect(names.find('a.example', 5060, undefined)).toBe('pending');
    await settled();
    expect(names.find('a.example', 5060, undefined)).toMatchObject({ address: '192.0.2.9', port: 5060 });
    expect(dns.lookup).toHaveBeenCalledTimes(1);
    nowMs = 59_999;
    expect(names.find('a.example', 5060, undefined)).toMatchObject({ port: 5060 });
    nowMs = 60_000;
    expect(names.find('a.example', 5060, undefined)).toBe('pending');
  });
  it('is a failure for five seconds', async () => {
    let nowMs = 0;
    const names = createNames(() => nowMs);
    names.find('nowhere', 5060, undefined);
    await settled();
    expect(names.find('nowhere', 5060, undefined)).toBe('failed');
    nowMs = 5_000;
    expect(names.find('nowhere', 5060, undefined)).toBe('pending');
  });
  it('is told apart by port and transport', async () => {
    const names = createNames(() => 0);
    names.find('a.example', 5060, 'udp');
    await settled();
    expect(names.find('a.example', 5061, 'udp')).toBe('pending');
    expect(names.find('a.example', 5060, 'tcp')).toBe('pending');
  });
  it('is bounded', async () => {
    const names = createNames(() => 0);
    for (let i = 0; i < 10_001; i++) names.find(`h${i}`, 5060, undefined);
    await settled();
    expect(names.find('h10000', 5060, undefined)).toMatchObject({ port: 5060 });
  });
});

describe('who waits', () => {
  it('is called back once, when the answer is there, good or bad', async () => {
    const names = createNames(() => 0);
    const seen: unknown[] = [];
    for (const host of ['a.example', 'nowhere']) {
      names.find(host, 5060, undefined);
      expect(names.whenKnown(host, () => seen.push(names.find(host, 5060, undefined)))).toBe(true);
      names.whenKnown(host, () => seen.push('second'));
    }
    expect(seen).toEqual([]);
    await settled();
    expect(seen).toEqual([{ address: '192.0.2.9', port: 5060, transport: undefined }, 'second', 'failed', 'second']);
  });
  it('is at most a thousand at once, and makes room when called', async () => {
    const names = createNames(() => 0);
    names.find('a.example', 5060, undefined);
    const all = Array.from({ length: 1001 }, () => names.whenKnown('a.example', () => {}));
    expect([all.filter(Boolean).length, all.at(-1)]).toEqual([1000, false]);
    await settled();
    names.find('b.example', 5060, undefined);
    expect(names.whenKnown('b.example', () => {})).toBe(true);
  });
});
