// How a request came, and how long it took: from what a drachtio-server shows of it.
import { describe, expect, it } from 'vitest';
import { createLagClock } from '../../../src/engine/drachtio/lag.ts';
import { lagOf, splitHostPort, transportOf } from '../../../src/engine/drachtio/received.ts';
import { request } from './control-port.ts';

describe('splitHostPort', () => {
  it.each([
    ['127.0.0.1:5060', '127.0.0.1', 5060],
    ['::1:5060', '::1', 5060],
    ['[2001:db8::1]:5060', '2001:db8::1', 5060],
    ['', '', 0],
  ])('%s', (text, host, port) => expect(splitHostPort(text)).toEqual({ host, port }));
});

describe('transportOf', () => {
  const addresses = [
    { protocol: 'ws', host: '127.0.0.1', port: 5066 },
    { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
    { protocol: 'wss', host: '127.0.0.1', port: 5063 },
  ] as const;
  const at = (port: number) => ({ host: '127.0.0.1', port });
  const via = (transport: string) => request('INVITE', 'sip:100@127.0.0.1', 'call', transport);

  it.each([
    ['udp', 5060, 'UDP', 'udp'],
    ['tcp', 5060, 'TCP', 'tcp'],
    ['tcp', 5066, 'WS', 'ws'],
    ['tls', 5063, 'WSS', 'wss'],
    // the Via is the sender's word, the port the server's
    ['tcp', 5060, 'WS', 'tcp'],
    ['tcp', 5066, 'TCP', 'ws'],
    ['udp', 5060, 'WS', 'udp'],
    // a port that the server does not name
    ['tcp', 80, 'WS', 'ws'],
    ['tls', 443, 'WSS', 'wss'],
    ['tls', 443, 'WS', 'wss'],
    ['tls', 5061, 'TLS', 'tls'],
  ] as const)('%s at port %i, Via %s: %s', (shown, port, transport, expected) => {
    expect(transportOf(shown, at(port), addresses, via(transport))).toBe(expected);
  });

  it('does not look into the body', () => {
    const raw = `${via('TCP')}Via: SIP/2.0/WS 127.0.0.1\r\n`;
    expect(transportOf('tcp', at(80), [], raw)).toBe('tcp');
  });
});

const dayMs = 86_400_000;
const clock = (hours: number, minutes: number, seconds: number) => ((hours * 60 + minutes) * 60 + seconds) * 1000;

describe('lagOf', () => {
  it.each([
    ['08:42:59.240294', clock(8, 42, 59) + 250, 9.706],
    ['08:42:59', clock(8, 42, 59) + 250, 250],
    ['23:59:59.900000', dayMs + 100, 200],
    ['00:00:00.100000', 50, -50],
    // its clock ahead of ours, over midnight
    ['00:00:00.100000', dayMs - 100, -200],
  ])('%s', (text, nowMs, lagMs) => expect(lagOf(text, 20_000 * dayMs + nowMs)).toBeCloseTo(lagMs, 6));

  it.each(['', 'now', '8.42', '08:42'])('%j is no time', (text) => expect(lagOf(text, 0)).toBeUndefined());
});

describe('the lag', () => {
  const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
  const startMs = 20_000 * dayMs + clock(12, 0, 0);

  it('is never less than 0, and 0 for what is no time', () => {
    const lags = createLagClock(true);
    expect(lags.lag(time(startMs + 500), startMs)).toBe(0);
    expect(lags.lag('', startMs)).toBe(0);
    expect(lags.lag(time(startMs), startMs + 700)).toBe(700);
  });

  it.each([-3_000, 3_000])('of another host is what exceeds the fastest, with a clock %i ms off', (offMs) => {
    const lags = createLagClock(false);
    const lag = (sentMs: number, tookMs: number) => lags.lag(time(sentMs + offMs), sentMs + tookMs);
    expect(lag(startMs, 2)).toBe(0);
    expect(lag(startMs + 1_000, 802)).toBe(800);
    // and goes on being, as the clocks drift apart
    for (let s = 2; s < 600; s++) expect(lag(startMs + s * 1_000, 2)).toBe(0);
    expect(lag(startMs + 600_000, 402)).toBe(400);
  });

  it('of another host follows a clock that was set', () => {
    const lags = createLagClock(false);
    for (let s = 0; s < 10; s++) lags.lag(time(startMs + s * 1_000), startMs + s * 1_000);
    const set = (s: number) => lags.lag(time(startMs + s * 1_000 - 5_000), startMs + s * 1_000);
    expect(set(10)).toBe(5_000);
    for (let s = 11; s < 140; s++) set(s);
    expect(set(140)).toBe(0);
  });
});
