// The arguments as they are written, and what is said of those that cannot be used.
import { describe, expect, it } from 'vitest';
import { probeRun, type WrittenProbeOptions } from '../../src/probe/probe-options.ts';

const written: WrittenProbeOptions = {
  ...{ to: 'probe', priority: 'ets.0', from: 'surgegate-probe', hold: '1', timeout: '10' },
};
const plansOf = (address: string, more: Partial<WrittenProbeOptions> = {}) =>
  probeRun(address, { ...written, ...more }).plans;

describe('probeRun', () => {
  it('makes two calls: one of them with Resource-Priority', () => {
    const common = { from: 'sip:surgegate-probe@192.0.2.1:5060', holdMs: 1000, timeoutMs: 10_000 };
    expect(plansOf('udp:192.0.2.1:5060')).toEqual([
      { ...common, class: 'ordinary', to: 'sip:probe@192.0.2.1:5060', resourcePriority: undefined },
      { ...common, class: 'priority', to: 'sip:probe@192.0.2.1:5060', resourcePriority: 'ets.0' },
    ]);
  });

  it('takes numbers, a domain and times', () => {
    const more = { to: '5551234', priorityTo: '*2725551234', domain: 'example.test', hold: '0', timeout: '2.5' };
    const [ordinary, priority] = plansOf('ws://192.0.2.1:8080', { ...more, priority: 'wps.0, ets.1' });
    expect(ordinary).toMatchObject({ to: 'sip:5551234@example.test', holdMs: 0, timeoutMs: 2500 });
    expect(priority).toMatchObject({ to: 'sip:*2725551234@example.test', resourcePriority: 'wps.0, ets.1' });
  });

  it('says where the metrics are', () => {
    const where = (metrics: string | true) => probeRun('192.0.2.1:5060', { ...written, every: '15', metrics }).metrics;
    expect(where(true)).toEqual({ host: '127.0.0.1', port: 9466 });
    expect(where('9000')).toEqual({ host: '127.0.0.1', port: 9000 });
    expect(where('[::]:9000')).toEqual({ host: '::', port: 9000 });
  });

  it.each<[Partial<WrittenProbeOptions>, string]>([
    [{ hold: 'long' }, '--hold: long is not 0 to 60 seconds'],
    [{ hold: '61' }, '--hold: 61 is not 0 to 60 seconds'],
    [{ hold: '' }, '--hold:  is not 0 to 60 seconds'],
    [{ timeout: '0' }, '--timeout: 0 is not 1 to 180 seconds'],
    [{ every: '0.5' }, '--every: 0.5 is not 1 to 86400 seconds'],
    [{ metrics: true }, '--metrics needs --every'],
    [{ metrics: 'localhost:9000', every: '5' }, '--metrics: localhost:9000 is not ADDRESS:PORT'],
    [{ metrics: '127.0.0.1', every: '5' }, '--metrics: 127.0.0.1 is not ADDRESS:PORT'],
    [{ to: '#31#5551234' }, '--to: #31#5551234 is no user part of a SIP URI'],
    [{ priorityTo: 'a b' }, '--priority-to: a b is no user part'],
    [{ from: 'a@b' }, '--from: a@b is no user part'],
    [{ domain: 'a/b' }, '--domain: a/b is not HOST'],
    [{ priority: 'ets' }, '--priority: ets is not NAMESPACE.VALUE'],
    [{ priority: 'ets.0\r\nX: y' }, '--priority: ets.0'],
  ])('refuses %j', (more, message) => expect(() => plansOf('udp:192.0.2.1:5060', more)).toThrow(message));
});
